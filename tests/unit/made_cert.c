/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/made_cert.h"

#include <openssl/pem.h>
#include <stdlib.h>

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX c;
	X509V3_set_ctx(&c, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static void set_names(X509 *x, const struct made_spec *s, const struct made *issuer)
{
	X509_NAME *n = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8, (const unsigned char *)"Example Ltd", -1, -1, 0);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)s->cn, -1, -1, 0);
	X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer->x) : n);
}

static void set_extensions(X509 *x, const struct made_spec *s, X509 *issuer)
{
	add_extension(x, issuer, NID_basic_constraints, s->ca ? "critical,CA:TRUE" : "CA:FALSE");
	add_extension(x, issuer, NID_subject_key_identifier, "hash");
	if (s->ca)
		add_extension(x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (s->san)
		add_extension(x, issuer, NID_subject_alt_name, s->san);
	if (s->eku)
		add_extension(x, issuer, NID_ext_key_usage, s->eku);
	if (s->aia)
		add_extension(x, issuer, NID_info_access, s->aia);
}

struct made made_new(const struct made_spec *s, const struct made *issuer)
{
	static long serial = 1000;
	struct made m = { .x = X509_new() };
	m.key = s->bits ? EVP_RSA_gen((unsigned)s->bits) : EVP_EC_gen("P-256");
	assert_non_null(m.key);
	bool dated = s->from_days || s->to_days;
	time_t now = MADE_NOW;
	X509_set_version(m.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(m.x), serial++);
	X509_time_adj_ex(X509_getm_notBefore(m.x), dated ? (int)s->from_days : -1, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(m.x), dated ? (int)s->to_days : 90, 0, &now);
	X509_set_pubkey(m.x, m.key);
	set_names(m.x, s, issuer);
	set_extensions(m.x, s, issuer ? issuer->x : m.x);
	assert_true(X509_sign(m.x, issuer ? issuer->key : m.key, s->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	return m;
}

void made_free(struct made *m)
{
	X509_free(m->x);
	EVP_PKEY_free(m->key);
	*m = (struct made){ 0 };
}

struct str made_der(const struct made *m, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_X509(m->x, &der);
	assert_true(n > 0);
	struct str s = arena_str(a, (struct str){ (char *)der, (size_t)n });
	OPENSSL_free(der);
	return s;
}

const char *made_pem_file(const struct made *m, struct arena *a)
{
	char *path = arena_strdup(a, "/tmp/postrider-test-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *f = fdopen(fd, "w");
	assert_non_null(f);
	assert_true(PEM_write_X509(f, m->x));
	fclose(f);
	return path;
}
