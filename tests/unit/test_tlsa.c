/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "mail/tlsa.h"

enum { NOW = 1795250978 }; /* 2026-11-21 */

/* A made-up authority and the certificate it gave mx.example.com. */
static struct {
	struct arena *arena;
	struct str ca, leaf, old_leaf;
} pki;

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_true(X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

static X509 *certificate(const char *cn, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, long long until)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(NOW - 1000000));
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)until);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)cn,
				   -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	if (issuer)
		add_extension(x, issuer, NID_subject_alt_name, "DNS:mx.example.com");
	else
		add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(x, issuer_key, EVP_sha256()) > 0);
	return x;
}

static struct str der_of(X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	assert_true(n > 0);
	struct str s = arena_str(pki.arena, (struct str){ (const char *)der, (size_t)n });
	OPENSSL_free(der);
	return s;
}

static int make_pki(void **state)
{
	(void)state;
	pki.arena = arena_new();
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = certificate("Test CA", ca_key, NULL, ca_key, NOW + 1000000);
	X509 *leaf = certificate("mx.example.com", key, ca, ca_key, NOW + 1000000);
	X509 *old = certificate("mx.example.com", key, ca, ca_key, NOW - 10);
	pki.ca = der_of(ca);
	pki.leaf = der_of(leaf);
	pki.old_leaf = der_of(old);
	X509_free(ca);
	X509_free(leaf);
	X509_free(old);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return 0;
}

static int drop_pki(void **state)
{
	(void)state;
	arena_free(&pki.arena);
	return 0;
}

static const char *hex(struct str s)
{
	char *z = arena_alloc(pki.arena, s.len * 2 + 1);
	for (size_t i = 0; i < s.len; i++)
		snprintf(z + i * 2, 3, "%02X", (unsigned char)s.p[i]);
	return z;
}

/* "usage selector matching data" of a certificate. */
static const char *record_of(unsigned usage, unsigned selector, unsigned matching, struct str cert)
{
	const unsigned char *p = (const unsigned char *)cert.p;
	unsigned char *spki = NULL, digest[64];
	unsigned n = 0;
	X509 *x = d2i_X509(NULL, &p, (long)cert.len);
	struct str data = cert;
	if (selector)
		data = (struct str){ NULL, (size_t)i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki) };
	if (selector)
		data.p = (const char *)spki;
	if (matching) {
		EVP_Digest(data.p, data.len, digest, &n, matching == 1 ? EVP_sha256() : EVP_sha512(), NULL);
		data = (struct str){ (const char *)digest, n };
	}
	const char *z = arena_printf(pki.arena, "%u %u %u %s", usage, selector, matching, hex(data));
	OPENSSL_free(spki);
	X509_free(x);
	return z;
}

static struct tlsa_report answer(const struct tlsa_ask *q)
{
	struct tlsa_report r;
	tlsa_match(pki.arena, q, &r);
	return r;
}

/* Of a server that sends its own certificate alone. */
static struct tlsa_ask ask(const char *const *records, size_t n, struct str leaf, const char *name)
{
	return (struct tlsa_ask){ .records = records,
				  .nrecords = n,
				  .chain = { leaf },
				  .nchain = 1,
				  .names = { name },
				  .nnames = 1,
				  .now_s = NOW };
}

static struct tlsa_report alone(const char *record, struct str leaf, const char *name)
{
	struct tlsa_ask q = ask(&record, 1, leaf, name);
	return answer(&q);
}

static struct tlsa_report match(const char *const *records, size_t n, struct str leaf, const char *name)
{
	struct tlsa_ask q = ask(records, n, leaf, name);
	q.chain[q.nchain++] = pki.ca;
	return answer(&q);
}

static void test_every_form_matches(void **state)
{
	(void)state;
	for (unsigned selector = 0; selector < 2; selector++)
		for (unsigned matching = 0; matching < 3; matching++) {
			const char *ee = record_of(3, selector, matching, pki.leaf);
			const char *ta = record_of(2, selector, matching, pki.ca);
			struct tlsa_report r = match(&ee, 1, pki.leaf, "other.example");
			assert_int_equal(r.outcome, TLSA_MATCH);
			assert_int_equal(r.depth, 0);
			r = match(&ta, 1, pki.leaf, "mx.example.com");
			assert_int_equal(r.outcome, TLSA_MATCH);
			assert_int_equal(r.usage, 2);
			assert_int_equal(r.depth, 1);
		}
}

/* DANE-EE needs neither a name nor a date (RFC 7672, 3.1.1); DANE-TA both (3.1.2). */
static void test_names_and_dates(void **state)
{
	(void)state;
	const char *ee = record_of(3, 1, 1, pki.leaf), *ta = record_of(2, 0, 1, pki.ca);
	struct tlsa_report r = match(&ee, 1, pki.old_leaf, "other.example");
	assert_int_equal(r.outcome, TLSA_MATCH);
	r = match(&ta, 1, pki.old_leaf, "mx.example.com");
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	assert_string_equal(r.why, "certificate has expired");
	r = match(&ta, 1, pki.leaf, "other.example");
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	assert_string_equal(r.why, "the certificate is for another name");
}

static void test_which_count(void **state)
{
	(void)state;
	const char *right = record_of(3, 1, 1, pki.leaf), *wrong = record_of(3, 1, 1, pki.ca);
	const char *strong_wrong = record_of(3, 1, 2, pki.ca), *pkix = record_of(1, 1, 1, pki.leaf);
	const char *both[] = { wrong, right }, *outdone[] = { right, strong_wrong };
	const char *useless[] = { pkix,  "3 1 1 ABCD", "3 1 9 00",  "3 7 1 00",       "rubbish",
				  "3 1", "3 1 1 xyz",  "3 1 1 ABC", "3 0 0 30820000", "2 1 0 3059" };
	const struct strlist none = { .v = useless, .n = ARRAY_LEN(useless) }, some = { .v = both, .n = 2 };
	assert_int_equal(match(both, 2, pki.leaf, "mx.example.com").outcome, TLSA_MATCH);
	assert_int_equal(match(&wrong, 1, pki.leaf, "mx.example.com").outcome, TLSA_MISMATCH);
	assert_int_equal(match(outdone, 2, pki.leaf, "mx.example.com").outcome, TLSA_MISMATCH);
	assert_int_equal(match(useless, ARRAY_LEN(useless), pki.leaf, "mx.example.com").outcome,
			 TLSA_NO_USABLE);
	assert_false(tlsa_any_usable(&none));
	assert_true(tlsa_any_usable(&some));
	assert_int_equal(match(NULL, 0, pki.leaf, "mx.example.com").outcome, TLSA_NO_USABLE);
}

/* The anchor may stand in the DNS alone: 2 0 0 with a chain that leaves it out. */
static void test_published_anchor(void **state)
{
	(void)state;
	const char *ta = record_of(2, 0, 0, pki.ca);
	struct tlsa_ask q = ask(&ta, 1, pki.leaf, "mx.example.com");
	assert_int_equal(answer(&q).outcome, TLSA_MATCH);
	q.nchain = 0;
	struct tlsa_report r = answer(&q);
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	assert_string_equal(r.why, "no certificate was sent");
}

/* Or its bare key (2 1 0; RFC 7671, 5.2): what that has signed counts, and dates and names as ever. */
static void test_published_key(void **state)
{
	(void)state;
	const char *key = record_of(2, 1, 0, pki.ca);
	EVP_PKEY *other_key = EVP_EC_gen("P-256");
	X509 *other = certificate("Test CA", other_key, NULL, other_key, NOW + 1000000);
	struct tlsa_report r = alone(key, pki.leaf, "mx.example.com");
	assert_int_equal(r.outcome, TLSA_MATCH);
	assert_int_equal(r.depth, 0);
	assert_int_equal(alone(key, pki.leaf, "other.example").outcome, TLSA_MISMATCH);
	r = alone(key, pki.old_leaf, "mx.example.com");
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	assert_non_null(strstr(r.why, "expired"));
	r = alone(record_of(2, 1, 0, der_of(other)), pki.leaf, "mx.example.com"); /* of the same name */
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	r = alone(record_of(2, 1, 1, pki.ca), pki.leaf, "mx.example.com"); /* of a hash no key can be had */
	assert_int_equal(r.outcome, TLSA_MISMATCH);
	assert_int_equal(ERR_peek_error(), 0);
	X509_free(other);
	EVP_PKEY_free(other_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_matches),
		cmocka_unit_test(test_names_and_dates),
		cmocka_unit_test(test_which_count),
		cmocka_unit_test(test_published_anchor),
		cmocka_unit_test(test_published_key),
	};
	return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
