/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "net/tls_openssl.h"

void tls_x509_free(X509 **x)
{
	X509_free(*x);
	*x = NULL;
}

void tls_x509_list_free(STACK_OF(X509) * *list)
{
	sk_X509_pop_free(*list, X509_free);
	*list = NULL;
}

X509 *tls_x509_parse(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p, *end = p + der.len;
	if (der.len > TLS_HANDSHAKE_BYTES_MAX)
		return NULL;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);
	if (x && p == end)
		return x;
	X509_free(x);
	ERR_clear_error();
	return NULL;
}

static void free_bio(BIO **b)
{
	BIO_free(*b);
}

static const char *name_text(struct arena *a, const X509_NAME *n)
{
	CLEANUP(free_bio) BIO *b = BIO_new(BIO_s_mem());
	char *p = NULL;
	X509_NAME_print_ex(b, n, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	long len = BIO_get_mem_data(b, &p);
	return text_printable(a, (struct str){ p, len > 0 ? (size_t)len : 0 });
}

/* The last entry of a kind, which is the most specific one. */
static const char *name_part(struct arena *a, const X509_NAME *n, int nid)
{
	int at = -1, last = -1;
	while ((at = X509_NAME_get_index_by_NID(n, nid, at)) >= 0)
		last = at;
	if (last < 0)
		return "";
	unsigned char *u = NULL;
	int len = ASN1_STRING_to_UTF8(&u, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(n, last)));
	if (len < 0)
		return "";
	const char *s = text_printable(a, (struct str){ (char *)u, (size_t)len });
	OPENSSL_free(u);
	return s;
}

static void add_address(struct strlist *l, struct arena *a, const ASN1_OCTET_STRING *ip)
{
	char z[INET6_ADDRSTRLEN] = "";
	int len = ASN1_STRING_length(ip);
	if ((len == 4 || len == 16) &&
	    inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), z, sizeof(z)))
		strlist_add(l, a, z);
}

enum { CERT_NAMES_MAX = 200 };

static void fill_names(X509 *x, struct arena *a, struct strlist *l)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && l->n < CERT_NAMES_MAX; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		if (g->type == GEN_IPADD)
			add_address(l, a, g->d.iPAddress);
		if (g->type != GEN_DNS)
			continue;
		struct str s = { (const char *)ASN1_STRING_get0_data(g->d.dNSName),
				 (size_t)ASN1_STRING_length(g->d.dNSName) };
		strlist_add(l, a, text_printable(a, s));
	}
	GENERAL_NAMES_free(names);
}

static const char *ca_issuers_url(X509 *x, struct arena *a)
{
	const char *url = "";
	AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info) && !*url; i++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(info, i);
		if (OBJ_obj2nid(d->method) != NID_ad_ca_issuers || d->location->type != GEN_URI)
			continue;
		const ASN1_IA5STRING *u = d->location->d.uniformResourceIdentifier;
		struct str s = { (const char *)ASN1_STRING_get0_data(u), (size_t)ASN1_STRING_length(u) };
		if (str_istarts(s, "http"))
			url = text_printable(a, s);
	}
	AUTHORITY_INFO_ACCESS_free(info);
	return url;
}

static long long unix_time(const ASN1_TIME *t)
{
	struct tm tm;
	return t && ASN1_TIME_to_tm(t, &tm) ? (long long)timegm(&tm) : 0;
}

static const char *hex(struct arena *a, const unsigned char *p, size_t n)
{
	char *z = arena_alloc(a, n * 2 + 1);
	for (size_t i = 0; i < n; i++)
		snprintf(z + i * 2, 3, "%02x", p[i]);
	return z;
}

static const char *sha256_hex(struct arena *a, const void *p, size_t n)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	if (!EVP_Digest(p, n, md, &len, EVP_sha256(), NULL))
		return "";
	return hex(a, md, len);
}

static const char *spki_sha256(X509 *x, struct arena *a)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	const char *s = len > 0 ? sha256_hex(a, der, (size_t)len) : "";
	OPENSSL_free(der);
	return s;
}

static const char *serial_hex(X509 *x, struct arena *a)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *z = n ? BN_bn2hex(n) : NULL;
	const char *s = arena_strdup(a, z ? z : "");
	OPENSSL_free(z);
	BN_free(n);
	return s;
}

static const struct {
	int nid;
	const char *name;
} key_names[] = {
	{ EVP_PKEY_RSA, "RSA" }, { EVP_PKEY_RSA_PSS, "RSA-PSS" }, { EVP_PKEY_EC, "EC" },
	{ EVP_PKEY_DSA, "DSA" }, { EVP_PKEY_ED25519, "Ed25519" }, { EVP_PKEY_ED448, "Ed448" },
	{ EVP_PKEY_SM2, "SM2" },
};

static void fill_key(X509 *x, struct tls_cert *out)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	out->key = "";
	if (!key)
		return;
	out->bits = EVP_PKEY_get_bits(key);
	for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
		if (key_names[i].nid == EVP_PKEY_get_base_id(key))
			out->key = key_names[i].name;
}

static struct str der_of(X509 *x, struct arena *a)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	struct str s = arena_str(a, (struct str){ (char *)der, len > 0 ? (size_t)len : 0 });
	OPENSSL_free(der);
	return s;
}

void tls_cert_fill(X509 *x, struct arena *a, struct tls_cert *out)
{
	const X509_NAME *subject = X509_get_subject_name(x), *issuer = X509_get_issuer_name(x);
	*out = (struct tls_cert){ .der = der_of(x, a) };
	out->subject = name_text(a, subject);
	out->issuer = name_text(a, issuer);
	out->cn = name_part(a, subject, NID_commonName);
	out->issuer_cn = name_part(a, issuer, NID_commonName);
	out->issuer_org = name_part(a, issuer, NID_organizationName);
	fill_names(x, a, &out->names);
	out->not_before = unix_time(X509_get0_notBefore(x));
	out->not_after = unix_time(X509_get0_notAfter(x));
	fill_key(x, out);
	out->signature = arena_strdup(a, OBJ_nid2ln(X509_get_signature_nid(x)));
	out->self_signed = X509_NAME_cmp(subject, issuer) == 0;
	out->server_auth = X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0) == 1;
	out->serial = serial_hex(x, a);
	out->sha256 = sha256_hex(a, out->der.p, out->der.len);
	out->spki_sha256 = spki_sha256(x, a);
	out->aia = ca_issuers_url(x, a);
	ERR_clear_error();
}
