/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "lab/pki_openssl.h"

enum { PKI_ISSUERS_MAX = 8, DAY_S = 86400 };

static bool tls_fail(struct err *e, const char *doing, const char *what)
{
	unsigned long code = ERR_get_error();
	ERR_FILL(e, ERR_TLS, (long)code, doing, "%s", what);
	return err_detail(e, "%s", code ? ERR_error_string(code, NULL) : "no reason given");
}

struct pki_cert *pki_find(const struct lab_pki *p, const char *name)
{
	for (struct pki_cert *c = p->all; c; c = c->next)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* ---- making one */

static EVP_PKEY *make_key(const char *kind)
{
	if (!strcmp(kind, "ed25519"))
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned long bits;
	if (str_istarts(str_of(kind), "rsa") && str_number(str_of(kind + 3), 8192, &bits))
		return EVP_RSA_gen((unsigned)bits);
	return EVP_EC_gen("P-256");
}

static void extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (ext)
		X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

static void subject(X509 *x, const char *cn, const char *org)
{
	X509_NAME *n = X509_get_subject_name(x);
	if (org)
		X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8, (const unsigned char *)org, -1, -1, 0);
	if (cn && *cn)
		X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
}

static void validity(X509 *x, const struct spec_section *s, bool ca)
{
	long long from = -(long long)DAY_S * 1000, until = (ca ? 3650LL : 90LL) * DAY_S * 1000;
	const char *f = spec_text(s, "from", NULL), *u = spec_text(s, "until", NULL);
	if ((f && !spec_duration(str_of(f), &from)) || (u && !spec_duration(str_of(u), &until)))
		return; /* the reader let only times pass */
	if (u && !f && until <= from)
		from = until - 90LL * DAY_S * 1000;
	if (f && !u && from > 0)
		until = from + 90LL * DAY_S * 1000;
	time_t now = time(NULL);
	X509_time_adj_ex(X509_getm_notBefore(x), (int)(from / 1000 / DAY_S), (long)(from / 1000 % DAY_S),
			 &now);
	X509_time_adj_ex(X509_getm_notAfter(x), (int)(until / 1000 / DAY_S), (long)(until / 1000 % DAY_S),
			 &now);
}

static void usage(X509 *x, X509 *issuer, const char *word, bool ca)
{
	static const char *const values[][2] = { { "server", "serverAuth" },
						 { "client", "clientAuth" },
						 { "both", "serverAuth,clientAuth" } };
	extension(x, issuer, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (ca)
		extension(x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
	for (size_t i = 0; !ca && i < ARRAY_LEN(values); i++)
		if (!strcmp(word, values[i][0]))
			extension(x, issuer, NID_ext_key_usage, values[i][1]);
}

static void alt_names(X509 *x, X509 *issuer, const struct strlist *names)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	unsigned char ip[16];
	for (size_t i = 0; names && i < names->n; i++) {
		bool is_ip =
			inet_pton(AF_INET, names->v[i], ip) == 1 || inet_pton(AF_INET6, names->v[i], ip) == 1;
		buf_addf(&b, "%s%s:%s", i ? "," : "", is_ip ? "IP" : "DNS", names->v[i]);
	}
	buf_add(&b, "", 1);
	if (names && names->n)
		extension(x, issuer, NID_subject_alt_name, b.data);
}

static const EVP_MD *digest(const char *name, EVP_PKEY *key)
{
	if (EVP_PKEY_id(key) == EVP_PKEY_ED25519)
		return NULL;
	return !strcmp(name, "sha1") ? EVP_sha1() : !strcmp(name, "md5") ? EVP_md5() : EVP_sha256();
}

static void serial(X509 *x)
{
	unsigned char r[8];
	uint64_t n = 1;
	if (RAND_bytes(r, sizeof(r)) == 1)
		memcpy(&n, r, sizeof(n));
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), n >> 1);
}

/* What it is for, whose key is whose, its names, and where its issuer is fetched. */
static void extensions(struct pki_cert *c, X509 *by, const struct spec_section *s)
{
	const char *aia = spec_text(s, "aia", NULL);
	usage(c->x509, by, spec_text(s, "usage", "server"), spec_yes(s, "ca", false));
	extension(c->x509, by, NID_subject_key_identifier, "hash");
	if (c->issuer != c)
		extension(c->x509, by, NID_authority_key_identifier, "keyid:always");
	alt_names(c->x509, by, spec_list(s, "names"));
	if (aia) {
		CLEANUP(mem_free) char *v = mem_printf("caIssuers;URI:%s", aia);
		extension(c->x509, by, NID_info_access, v);
	}
}

/* Fills c by the settings s; c->issuer is set. */
static bool make(struct pki_cert *c, const struct spec_section *s, struct err *e)
{
	const struct strlist *names = spec_list(s, "names");
	c->chain = spec_text(s, "chain", "full");
	c->key = make_key(spec_text(s, "key", "ec"));
	c->x509 = X509_new();
	if (!c->key || !c->x509)
		return tls_fail(e, "make a key for", c->name);
	X509 *by = c->issuer == c ? c->x509 : c->issuer->x509;
	X509_set_version(c->x509, X509_VERSION_3);
	serial(c->x509);
	subject(c->x509, spec_text(s, "cn", names && names->n ? names->v[0] : c->name),
		spec_text(s, "org", NULL));
	X509_set_issuer_name(c->x509, X509_get_subject_name(by));
	X509_set_pubkey(c->x509, c->key);
	validity(c->x509, s, spec_yes(s, "ca", false));
	extensions(c, by, s);
	if (!X509_sign(c->x509, c->issuer->key, digest(spec_text(s, "digest", "sha256"), c->issuer->key)))
		return tls_fail(e, "sign the certificate", c->name);
	return true;
}

static bool write_pem(const struct lab_pki *p, const struct pki_cert *c, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s.pem", p->dir, c->name);
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "write certificate", "%s", path);
	PEM_write_X509(f, c->x509);
	for (const struct pki_cert *i = c; i->issuer != i; i = i->issuer)
		PEM_write_X509(f, i->issuer->x509);
	PEM_write_PrivateKey(f, c->key, NULL, NULL, 0, NULL, NULL);
	return true;
}

/* ---- all of them */

static const struct spec_section *cert_section(const struct lab_pki *p, const char *name)
{
	for (size_t i = 0; i < p->spec->n; i++)
		if (p->spec->sections[i].kind == SPEC_CERT && !strcmp(p->spec->sections[i].title, name))
			return &p->spec->sections[i];
	return NULL;
}

/* Makes the certificate and, before it, its issuers. */
static struct pki_cert *need(struct lab_pki *p, const char *name, const struct spec_section *s, int depth,
			     struct err *e)
{
	struct pki_cert *old = pki_find(p, name);
	if (old)
		return old;
	s = s ? s : cert_section(p, name);
	if (!s || depth > PKI_ISSUERS_MAX) {
		ERR_FILL(e, ERR_SYNTAX, 0, "make certificate", "%s:%d: there is no cert \"%s\"",
			 p->spec->top.file, p->spec->top.line, name);
		return NULL;
	}
	struct pki_cert *c = arena_alloc(p->arena, sizeof(*c));
	c->name = arena_strdup(p->arena, name);
	const char *issuer = spec_text(s, "issuer", "intermediate");
	c->issuer = !strcmp(issuer, "self") ? c : need(p, issuer, NULL, depth + 1, e);
	c->next = p->all;
	if (!c->issuer)
		return NULL;
	p->all = c;
	return make(c, s, e) && write_pem(p, c, e) ? c : NULL;
}

static bool builtin(struct lab_pki *p, const char *name, const char *cn, const char *issuer, struct err *e)
{
	if (cert_section(p, name))
		return need(p, name, NULL, 0, e) != NULL;
	const char *yes = "yes", *org = "Postrider Lab";
	struct spec_setting all[] = { { "ca", { &yes, 1, 1 } },
				      { "cn", { &cn, 1, 1 } },
				      { "org", { &org, 1, 1 } },
				      { "issuer", { &issuer, 1, 1 } } };
	struct spec_section s = { .settings = all, .n = ARRAY_LEN(all) };
	return need(p, name, &s, 0, e) != NULL;
}

bool lab_pki_host(struct lab_pki *p, const char *host, struct err *e)
{
	struct spec_setting all[] = { { "names", { &host, 1, 1 } } };
	struct spec_section s = { .settings = all, .n = ARRAY_LEN(all) };
	return need(p, host, cert_section(p, host) ? NULL : &s, 0, e) != NULL;
}

struct lab_pki *lab_pki_new(const struct spec *s, const char *dir, struct err *e)
{
	CLEANUP(lab_pki_free) struct lab_pki *p = mem_alloc(sizeof(*p));
	p->arena = arena_new();
	p->spec = s;
	p->dir = arena_strdup(p->arena, dir);
	if (!builtin(p, "root", "Postrider Lab Root", "self", e) ||
	    !builtin(p, "intermediate", "Postrider Lab Intermediate", "root", e))
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		if (s->sections[i].kind == SPEC_CERT && !need(p, s->sections[i].title, NULL, 0, e))
			return NULL;
	return STEAL(p);
}

void lab_pki_free(struct lab_pki **p)
{
	if (!*p)
		return;
	for (struct pki_cert *c = (*p)->all; c; c = c->next) {
		X509_free(c->x509);
		EVP_PKEY_free(c->key);
	}
	arena_free(&(*p)->arena);
	mem_free(p);
}

bool lab_pki_write_trust(struct lab_pki *p, const struct strlist *names, struct err *e)
{
	static const char *root[] = { "root" };
	const struct strlist only_root = { root, 1, 1 };
	CLEANUP(mem_free) char *path = mem_printf("%s/ca.pem", p->dir);
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "write trusted roots", "%s", path);
	names = names ? names : &only_root;
	for (size_t i = 0; i < names->n; i++) {
		struct pki_cert *c = need(p, names->v[i], NULL, 0, e);
		if (!c)
			return false;
		PEM_write_X509(f, c->x509);
	}
	return true;
}

const char *lab_pki_tlsa(struct lab_pki *p, const char *name, const char *usage_text, struct arena *a)
{
	const struct pki_cert *c = pki_find(p, name);
	unsigned char *der = NULL, hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int len = c ? i2d_PUBKEY(c->key, &der) : -1;
	if (len < 0)
		return NULL;
	EVP_Digest(der, (size_t)len, hash, &n, EVP_sha256(), NULL);
	OPENSSL_free(der);
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_adds(&b, usage_text);
	for (unsigned i = 0; i < n; i++)
		buf_addf(&b, "%02x", hash[i]);
	return arena_dup(a, b.data, b.len);
}

const char *lab_pki_dkim(struct lab_pki *p, const char *name, struct arena *a)
{
	const struct pki_cert *c = pki_find(p, name);
	unsigned char *der = NULL;
	int len = c ? i2d_PUBKEY(c->key, &der) : -1;
	if (len < 0)
		return NULL;
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64_encode(&b, (struct str){ (const char *)der, (size_t)len });
	OPENSSL_free(der);
	return arena_dup(a, b.data, b.len);
}
