/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/tls_openssl.h"
#include "tests/unit/made_cert.h"

static struct made root, middle, stranger;
static struct arena *arena;
static struct tls_trust *trust;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	root = made_new(&(struct made_spec){ .cn = "Root", .ca = true, .from_days = -900, .to_days = 900 },
			NULL);
	middle =
		made_new(&(struct made_spec){ .cn = "Middle", .ca = true, .from_days = -900, .to_days = 900 },
			 &root);
	stranger = made_new(&(struct made_spec){ .cn = "Stranger", .ca = true }, NULL);
	const char *path = made_pem_file(&root, arena);
	struct err e = { 0 };
	trust = tls_trust_new(path, &e);
	unlink(path);
	return trust ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	made_free(&root);
	made_free(&middle);
	made_free(&stranger);
	tls_trust_free(&trust);
	arena_free(&arena);
	return 0;
}

enum sent { LEAF_ONLY, WITH_MIDDLE };

static const struct verify_case {
	const char *name;
	struct made_spec leaf;
	struct made *issuer; /* NULL: self-signed */
	enum sent sent;
	const char *host;
	int codes[3]; /* all of these, and nothing else */
	bool name_matches;
} cases[] = {
	{ "good", { .cn = "x", .san = "DNS:mx.example" }, &middle, WITH_MIDDLE, "mx.example", { 0 }, true },
	{ "final dot and case",
	  { .cn = "x", .san = "DNS:mx.example" },
	  &middle,
	  WITH_MIDDLE,
	  "MX.Example.",
	  { 0 },
	  true },
	{ "wildcard",
	  { .cn = "x", .san = "DNS:*.mail.example" },
	  &root,
	  LEAF_ONLY,
	  "mx.mail.example",
	  { 0 },
	  true },
	{ "wildcard covers one label",
	  { .cn = "x", .san = "DNS:*.mail.example" },
	  &root,
	  LEAF_ONLY,
	  "a.mx.mail.example",
	  { X509_V_ERR_HOSTNAME_MISMATCH },
	  false },
	{ "partial wildcard",
	  { .cn = "x", .san = "DNS:m*.mail.example" },
	  &root,
	  LEAF_ONLY,
	  "mx.mail.example",
	  { X509_V_ERR_HOSTNAME_MISMATCH },
	  false },
	{ "address", { .cn = "x", .san = "IP:192.0.2.7" }, &root, LEAF_ONLY, "192.0.2.7", { 0 }, true },
	{ "expired",
	  { .cn = "x", .san = "DNS:mx.example", .from_days = -30, .to_days = -1 },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_CERT_HAS_EXPIRED },
	  true },
	{ "not yet valid",
	  { .cn = "x", .san = "DNS:mx.example", .from_days = 2, .to_days = 9 },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_CERT_NOT_YET_VALID },
	  true },
	{ "self-signed",
	  { .cn = "x", .san = "DNS:mx.example" },
	  NULL,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT },
	  true },
	{ "unknown CA",
	  { .cn = "x", .san = "DNS:mx.example" },
	  &stranger,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE },
	  true },
	{ "incomplete chain",
	  { .cn = "x", .san = "DNS:mx.example" },
	  &middle,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE },
	  true },
	{ "name mismatch",
	  { .cn = "x", .san = "DNS:mx.example" },
	  &root,
	  LEAF_ONLY,
	  "smtp.example",
	  { X509_V_ERR_HOSTNAME_MISMATCH },
	  false },
	{ "address not named",
	  { .cn = "x", .san = "DNS:mx.example" },
	  &root,
	  LEAF_ONLY,
	  "192.0.2.7",
	  { X509_V_ERR_IP_ADDRESS_MISMATCH },
	  false },
	{ "common name only",
	  { .cn = "mx.example" },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_HOSTNAME_MISMATCH },
	  false },
	{ "weak key",
	  { .cn = "x", .san = "DNS:mx.example", .bits = 1024 },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_EE_KEY_TOO_SMALL },
	  true },
	{ "SHA-1",
	  { .cn = "x", .san = "DNS:mx.example", .sha1 = true },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_CA_MD_TOO_WEAK },
	  true },
	{ "wrong purpose",
	  { .cn = "x", .san = "DNS:mx.example", .eku = "clientAuth" },
	  &root,
	  LEAF_ONLY,
	  "mx.example",
	  { X509_V_ERR_INVALID_PURPOSE },
	  true },
	{ "several at once",
	  { .cn = "x", .san = "DNS:mx.example", .from_days = -30, .to_days = -1, .bits = 1024 },
	  &root,
	  LEAF_ONLY,
	  "smtp.example",
	  { X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_HOSTNAME_MISMATCH },
	  false },
};

static bool has_code(const struct tls_verdict *v, int code)
{
	for (size_t i = 0; i < v->nerrors; i++)
		if (v->errors[i].code == code)
			return true;
	return false;
}

static void check_case(const struct verify_case *c)
{
	struct made leaf = made_new(&c->leaf, c->issuer);
	struct tls_cert chain[2];
	size_t n = c->sent == WITH_MIDDLE ? 2 : 1, expected = 0;
	tls_cert_fill(leaf.x, arena, &chain[0]);
	tls_cert_fill(middle.x, arena, &chain[1]);
	struct tls_verdict v = tls_verify(trust, chain, n, NULL, 0, c->host, MADE_NOW, arena);
	print_message("  %s\n", c->name);
	for (; expected < ARRAY_LEN(c->codes) && c->codes[expected]; expected++)
		assert_true(has_code(&v, c->codes[expected]));
	assert_int_equal(v.nerrors, expected);
	assert_int_equal(v.trusted, expected == 0);
	assert_int_equal(v.name_matches, c->name_matches);
	assert_int_equal(v.chain, n);
	made_free(&leaf);
}

static void test_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* A fetched intermediate mends a chain; the clock is the one that is given. */
static void test_extra_and_time(void **state)
{
	(void)state;
	struct made leaf = made_new(&(struct made_spec){ .cn = "x", .san = "DNS:mx.example" }, &middle);
	struct tls_cert chain[1];
	struct str extra = made_der(&middle, arena);
	tls_cert_fill(leaf.x, arena, &chain[0]);
	assert_true(tls_verify(trust, chain, 1, &extra, 1, "mx.example", MADE_NOW, arena).trusted);
	struct tls_verdict late =
		tls_verify(trust, chain, 1, &extra, 1, "mx.example", MADE_NOW + 100 * 86400, arena);
	assert_true(has_code(&late, X509_V_ERR_CERT_HAS_EXPIRED));
	made_free(&leaf);
}

static void test_empty_chain(void **state)
{
	(void)state;
	struct tls_verdict v = tls_verify(trust, NULL, 0, NULL, 0, "mx.example", MADE_NOW, arena);
	assert_false(v.trusted);
	assert_false(v.name_matches);
}

static void test_cert_filled(void **state)
{
	(void)state;
	struct made leaf = made_new(&(struct made_spec){ .cn = "M\xc3\xbcller",
							 .san = "DNS:mx.example,IP:192.0.2.7,IP:2001:db8::7",
							 .eku = "serverAuth",
							 .bits = 2048,
							 .aia = "caIssuers;URI:http://ca.example/i.der" },
				    &middle);
	struct tls_cert c;
	tls_cert_fill(leaf.x, arena, &c);
	assert_string_equal(c.cn, "M\xc3\xbcller");
	assert_string_equal(c.subject, "CN=M\xc3\xbcller,O=Example Ltd");
	assert_string_equal(c.issuer_cn, "Middle");
	assert_string_equal(c.issuer_org, "Example Ltd");
	assert_int_equal(c.names.n, 3);
	assert_true(strlist_has(&c.names, "mx.example") && strlist_has(&c.names, "192.0.2.7") &&
		    strlist_has(&c.names, "2001:db8::7"));
	assert_int_equal(c.not_before, MADE_NOW - 86400);
	assert_int_equal(c.not_after, MADE_NOW + 90 * 86400);
	assert_string_equal(c.key, "RSA");
	assert_int_equal(c.bits, 2048);
	assert_string_equal(c.signature, "ecdsa-with-SHA256");
	assert_true(c.server_auth);
	assert_false(c.self_signed);
	assert_string_equal(c.aia, "http://ca.example/i.der");
	assert_int_equal(strlen(c.sha256), 64);
	assert_int_equal(strlen(c.spki_sha256), 64);
	made_free(&leaf);
}

static void test_cert_refused(void **state)
{
	(void)state;
	struct str der = made_der(&root, arena);
	for (size_t cut = 0; cut < der.len; cut++)
		assert_null(tls_x509_parse(str_cut(der, 0, cut)));
	char *longer = arena_dup(arena, der.p, der.len);
	assert_null(tls_x509_parse((struct str){ longer, der.len + 1 }));
}

static void test_trust_refuses(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_null(tls_trust_new("/nonexistent/ca.pem", &e));
	assert_int_equal(e.kind, ERR_TLS);
	err_clear(&e);
	assert_null(tls_trust_new("/dev/null", &e));
	assert_int_equal(e.kind, ERR_TLS);
}

/* The system's store is none to go by where neither its file nor its folder holds a certificate. */
static void test_trust_anybody(void **state)
{
	(void)state;
	struct err e = { 0 };
	char folder[] = "/tmp/postrider-trust-XXXXXX";
	const char *good = made_pem_file(&root, arena);
	assert_non_null(mkdtemp(folder));
	const char *hashed = arena_printf(arena, "%s/0a1b2c3d.0", folder);
	assert_true(tls_trust_anybody(trust));
	for (int i = 0; i < 3; i++) {
		setenv("SSL_CERT_DIR", arena_printf(arena, "/nonexistent:%s", folder), 1);
		setenv("SSL_CERT_FILE", i == 1 ? good : "/dev/null", 1);
		assert_int_equal(i == 2 ? symlink(good, hashed) : 0, 0);
		CLEANUP(tls_trust_free) struct tls_trust *t = tls_trust_new(NULL, &e);
		assert_non_null(t);
		assert_int_equal(tls_trust_anybody(t), i > 0);
	}
	unsetenv("SSL_CERT_DIR");
	unsetenv("SSL_CERT_FILE");
	assert_int_equal(unlink(hashed) || unlink(good) || rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),        cmocka_unit_test(test_extra_and_time),
		cmocka_unit_test(test_empty_chain),   cmocka_unit_test(test_cert_filled),
		cmocka_unit_test(test_cert_refused),  cmocka_unit_test(test_trust_refuses),
		cmocka_unit_test(test_trust_anybody),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
