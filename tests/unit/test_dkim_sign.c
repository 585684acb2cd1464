/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed here verifies; what is changed afterwards does not; keys that cannot serve are refused. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/base64.h"
#include "mail/dkim.h"
#include "mail/dkim_sign.h"
#include "tests/unit/zone.h"

enum { NOW = 1795000000, WEEK = 7 * 86400 };

static const char message[] = "From: Anna <anna@example.com>\r\n"
			      "To: bob@example.net\r\n"
			      "Subject: =?utf-8?q?Rechnung_f=C3=BCr?=\r\n November\r\n"
			      "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
			      "Message-ID: <1@example.com>\r\n"
			      "MIME-Version: 1.0\r\n"
			      "\r\n"
			      "Guten Tag,  \r\n\r\nanbei.\r\n.\r\n\r\n\r\n";

static struct str pem_of(struct arena *a, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	assert_true(key && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	long n = BIO_get_mem_data(bio, &p);
	struct str out = arena_str(a, (struct str){ p, (size_t)n });
	BIO_free(bio);
	EVP_PKEY_free(key);
	return out;
}

static struct str rsa_pem(struct arena *a, unsigned bits)
{
	return pem_of(a, EVP_RSA_gen(bits));
}

static struct str ed25519_pem(struct arena *a)
{
	return pem_of(a, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
}

/* The TXT record that belongs to the key. */
static const char *record_of(struct arena *a, struct str pem)
{
	unsigned char raw[32], *spki = raw;
	size_t n = sizeof(raw);
	CLEANUP(buf_clear) struct buf b = { 0 };
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	bool edwards = EVP_PKEY_is_a(key, "ED25519");
	if (edwards) {
		assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &n), 1);
	} else {
		spki = NULL;
		n = (size_t)i2d_PUBKEY(key, &spki);
	}
	base64_encode(&b, (struct str){ (const char *)spki, n });
	if (!edwards)
		OPENSSL_free(spki);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return arena_printf(a, "v=DKIM1; k=%s; p=" STR_FMT, edwards ? "ed25519" : "rsa",
			    STR_ARG(buf_str(&b)));
}

static enum dkim_result judged(struct arena *a, const char *record, const char *whole, long long now_s)
{
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dkim_report r;
	zone_add(&z, "s1._domainkey.example.com", "TXT", record);
	zone_hide(&z);
	struct dns_view view = zone_view(&z);
	ZONE_RUN(&z, &w, dkim_verify(a, str_of(whole), now_s, &view, &w, &r));
	assert_int_equal(r.n, 1);
	return r.v[0].result;
}

static const struct {
	const char *name, *from, *into; /* what is changed on the way */
	enum dkim_result result;
} ways[] = {
	{ "as it is", "Anna", "Anna", DKIM_RESULT_PASS },
	{ "another subject", "November", "Dezember", DKIM_RESULT_SIGNATURE },
	{ "folded anew", "\r\n November", " November", DKIM_RESULT_PASS },
	{ "a blank at a line's end", "anbei.", "anbei.  ", DKIM_RESULT_PASS },
	{ "another body", "anbei.", "anbei!", DKIM_RESULT_BODY_HASH },
	{ "a second sender", "To: bob", "From: eve@example.org\r\nTo: bob", DKIM_RESULT_SIGNATURE },
	{ "a field nobody signed", "To: bob", "X-Seen: yes\r\nTo: bob", DKIM_RESULT_PASS },
};

static const char *changed(struct arena *a, const char *s, const char *from, const char *into)
{
	const char *at = strstr(s, from);
	assert_non_null(at);
	return arena_printf(a, "%.*s%s%s", (int)(at - s), s, into, at + strlen(from));
}

static bool sign_whole(const struct dkim_signer *s, struct arena *a, struct str whole, long long expire_s,
		       struct str *field, struct err *e)
{
	unsigned char digest[DKIM_HASH_BYTES];
	struct dkim_body_hash body = { .limit = SIZE_MAX };
	struct header h;
	header_read(a, whole, &h);
	assert_true(dkim_hash_body(h.body, DKIM_RELAXED, &body, digest));
	return dkim_sign(s, a, &h, digest, NOW, expire_s, field, e);
}

static void sign_and_judge(struct str pem)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct str field;
	struct dkim_signer *s = dkim_signer_new("example.com", "s1", pem, &e);
	assert_non_null(s);
	assert_true(sign_whole(s, a, str_of(message), WEEK, &field, &e));
	const char *record = record_of(a, pem);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		const char *body = changed(a, message, ways[i].from, ways[i].into);
		const char *whole = arena_printf(a, STR_FMT "%s", STR_ARG(field), body);
		enum dkim_result got = judged(a, record, whole, NOW);
		if (got != ways[i].result)
			fail_msg("%s: %s", ways[i].name, dkim_result_name(got));
	}
	const char *whole = arena_printf(a, STR_FMT "%s", STR_ARG(field), message);
	assert_int_equal(judged(a, record, whole, NOW + WEEK + 1), DKIM_RESULT_EXPIRED);
	dkim_signer_free(&s);
	arena_free(&a);
}

static void test_rsa(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	sign_and_judge(rsa_pem(a, 2048));
	arena_free(&a);
}

static void test_ed25519(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	sign_and_judge(ed25519_pem(a));
	arena_free(&a);
}

/* No line of the field is longer than RFC 5322 recommends. */
static void test_lines(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct str field, line, rest;
	struct dkim_signer *s = dkim_signer_new("example.com", "s1", rsa_pem(a, 2048), NULL);
	assert_true(sign_whole(s, a, str_of(message), 0, &field, NULL));
	assert_true(str_iends(field, "\r\n"));
	for (rest = field; str_next(&rest, "\r\n", &line);)
		assert_true(line.len <= 78);
	assert_int_equal(str_ifind(field, "x="), field.len);
	dkim_signer_free(&s);
	arena_free(&a);
}

static void test_refused(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct str good = ed25519_pem(a);
	const struct {
		const char *domain, *selector;
		struct str pem;
	} bad[] = {
		{ "example.com", "s1", rsa_pem(a, 1024) },
		{ "example.com", "s1", STR_LIT("no key") },
		{ "example.com", "s1", { "", 0 } },
		{ "example.com", "", good },
		{ "exa\r\nmple.com", "s1", good },
		{ "example.com", "s1; x", good },
		{ "example.com", "s1", pem_of(a, EVP_EC_gen("P-256")) },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = { 0 };
		assert_null(dkim_signer_new(bad[i].domain, bad[i].selector, bad[i].pem, &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
	struct err e = { 0 };
	struct str field;
	struct dkim_signer *s = dkim_signer_new("example.com", "s1", good, &e);
	assert_false(sign_whole(s, a, STR_LIT("Subject: x\r\n\r\nno sender\r\n"), 0, &field, &e));
	assert_int_equal(e.kind, ERR_SYNTAX);
	dkim_signer_free(&s);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
