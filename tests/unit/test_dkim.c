/* SPDX-License-Identifier: Apache-2.0 */
/* The signed examples of RFC 6376 (A.2) and RFC 8463 (A.3), whole and with one change
 * each; and the mails that dkimpy tests with. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/dkim.h"
#include "tests/unit/zone.h"

#define RFC6376_SIGNATURE                                                                                    \
	"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"                                  \
	"      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"                                  \
	"      h=Received : From : To : Subject : Date : Message-ID;\r\n"                                    \
	"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                         \
	"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"                                   \
	"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"                                     \
	"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"                                     \
	"      4bmp/YzhwvcubU4=;\r\n"
#define RFC6376_RECEIVED                                                                                     \
	"Received: from client1.football.example.com  [192.0.2.1]\r\n"                                       \
	"      by submitserver.example.com with SUBMISSION;\r\n"                                             \
	"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
#define FROM       "From: Joe SixPack <joe@football.example.com>\r\n"
#define TO         "To: Suzie Q <suzie@shopping.example.net>\r\n"
#define SUBJECT    "Subject: Is dinner ready?\r\n"
#define DATE       "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
#define MESSAGE_ID "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
#define BODY       "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n"

#define RFC8463_ED25519                                                                                      \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"                                      \
	" d=football.example.com; i=@football.example.com;\r\n"                                              \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"                                            \
	" subject : date : message-id : from : subject : date;\r\n"                                          \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                              \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"                                    \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
#define RFC8463_RSA                                                                                          \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"                                          \
	" d=football.example.com; i=@football.example.com;\r\n"                                              \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"                                      \
	" date : message-id : from : subject : date;\r\n"                                                    \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                              \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"                                    \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"                                    \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
#define REST FROM TO SUBJECT DATE MESSAGE_ID

#define KEY_6376                                                                                             \
	"v=DKIM1; "                                                                                          \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC"         \
	"jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"                                \
	"NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBc"                                                                  \
	"WToIMmPSPDdQPNUYckcQ2QIDAQAB"
#define KEY_8463                                                                                             \
	"v=DKIM1; k=rsa; "                                                                                   \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2"             \
	"jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"                                                     \
	"8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2"                                             \
	"EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define KEY_ED25519 "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const struct zone_record keys[] = {
	{ "brisbane._domainkey.example.com", "TXT", KEY_6376 },
	{ "test._domainkey.football.example.com", "TXT", KEY_8463 },
	{ "brisbane._domainkey.football.example.com", "TXT", KEY_ED25519 },
	{ "test._domainkey.example.com", "TXT", KEY_8463 },
	{ "20120113._domainkey.gmail.com", "TXT",
	  "k=rsa; "
	  "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1Kd87/UeJjenpabgbFwh+eBCsSTrqmwIYYvywlbhbqoo2Dymnd"
	  "FkbjOVIPIldNs/"
	  "m40KF+yzMn1skyoxcTUGCQs8g3FgD2Ap3ZB5DekAo5wMmk4wimDO+U8QzI3SD07y2+07wlNWwIt8svnxgdxGkVbb"
	  "hzY8i+RQ9DpSVpPbF7ykQxtKXkv/"
	  "ahW3KjViiAH+ghvvIhkx4xYSIc9oSwVmAl5OctMEeWUwg8Istjqz8BZeTWbf41fbNhte7Y+YqZ"
	  "Owq1Sd0DbvYAD9NOZK9vlfuac0598HY+vtSBczUiKERHv1yRbcaQtZFh5wtiRrN04BLUTD21MycBX5jYchHjPY/wIDAQAB" },
};

/* Replaces the keys for one case. */
static const struct zone_record other_key[] = { { "brisbane._domainkey.example.com", "TXT", KEY_8463 } };
static const struct zone_record ed_key[] = { { "brisbane._domainkey.example.com", "TXT", KEY_ED25519 } };
static const struct zone_record revoked_key[] = { { "brisbane._domainkey.example.com", "TXT",
						    "v=DKIM1; p=" } };
static const struct zone_record slow_key[] = { { "brisbane._domainkey.example.com", "TIMEOUT", "" } };
static const struct zone_record strict_key[] = { { "brisbane._domainkey.example.com", "TXT",
						   "t=s; " KEY_6376 } };
static const struct zone_record no_key[] = { { "other.example", "TXT", "" } };

static const struct {
	const char *name;
	const struct zone_record *zone; /* NULL: keys */
	const char *message;
	size_t signatures;
	enum dkim_result result; /* of the first */
	bool body_ok, header_ok;
} cases[] = {
	{ "RFC 6376", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1, DKIM_RESULT_PASS, true,
	  true },
	{ "empty lines at the end", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY "\r\n\r\n", 1,
	  DKIM_RESULT_PASS, true, true },
	{ "added field", NULL, "X-New: 1\r\n" RFC6376_SIGNATURE RFC6376_RECEIVED REST "X: 2\r\n\r\n" BODY, 1,
	  DKIM_RESULT_PASS, true, true },
	{ "footer", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY "-- \r\nA disclaimer\r\n", 1,
	  DKIM_RESULT_BODY_HASH, false, true },
	{ "blank at a line's end", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\nHi. \r\n", 1,
	  DKIM_RESULT_BODY_HASH, false, true },
	{ "no body", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n", 1, DKIM_RESULT_BODY_HASH, false,
	  true },
	{ "tagged subject", NULL,
	  RFC6376_SIGNATURE RFC6376_RECEIVED FROM TO "Subject: [list] Is dinner ready?\r\n" DATE MESSAGE_ID
						     "\r\n" BODY,
	  1, DKIM_RESULT_SIGNATURE, true, false },
	{ "refolded, simple", NULL,
	  RFC6376_SIGNATURE RFC6376_RECEIVED FROM TO "Subject: Is\r\n dinner ready?\r\n" DATE MESSAGE_ID
						     "\r\n" BODY,
	  1, DKIM_RESULT_SIGNATURE, true, false },
	{ "both changed", NULL, RFC6376_SIGNATURE RFC6376_RECEIVED FROM TO DATE MESSAGE_ID "\r\nother\r\n", 1,
	  DKIM_RESULT_BODY_HASH, false, false },
	{ "another key", other_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1,
	  DKIM_RESULT_SIGNATURE, true, false },
	{ "key of another kind", ed_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1,
	  DKIM_RESULT_KEY_BAD, true, false },
	{ "revoked", revoked_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1, DKIM_RESULT_KEY_BAD,
	  true, false },
	{ "no key", no_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1, DKIM_RESULT_KEY_MISSING,
	  true, false },
	{ "no answer", slow_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1,
	  DKIM_RESULT_TEMPERROR, true, false },
	{ "t=s and a subdomain in i=", strict_key, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY, 1,
	  DKIM_RESULT_KEY_BAD, true, false },
	{ "RFC 8463", NULL, RFC8463_ED25519 RFC8463_RSA REST "\r\n" BODY, 2, DKIM_RESULT_PASS, true, true },
	{ "RFC 8463, RSA first", NULL, RFC8463_RSA RFC8463_ED25519 REST "\r\n" BODY, 2, DKIM_RESULT_PASS,
	  true, true },
	{ "relaxed: refolded, other case, blanks", NULL,
	  RFC8463_ED25519 "FROM:   Joe SixPack\t<joe@football.example.com>  \r\n" TO
			  "subject: Is\r\n\tdinner ready?\r\n" DATE MESSAGE_ID
			  "\r\nHi.  \r\n\t\r\nWe lost  the "
			  "game. Are you hungry yet?\r\n\r\nJoe.\r\n",
	  1, DKIM_RESULT_PASS, true, true },
	{ "relaxed: a word more", NULL, RFC8463_ED25519 REST "\r\nHi you.\r\n", 1, DKIM_RESULT_BODY_HASH,
	  false, true },
	{ "relaxed: a second From", NULL, RFC8463_ED25519 "From: evil@example.net\r\n" REST "\r\n" BODY, 1,
	  DKIM_RESULT_SIGNATURE, true, false },
	{ "unsigned", NULL, REST "\r\n" BODY, 0, 0, false, false },
	{ "empty", NULL, "", 0, 0, false, false },
};

static void verify(struct arena *a, const struct zone_record *zone, size_t n, struct str message,
		   long long now_s, struct dkim_report *r)
{
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	zone_add_table(&z, zone, n);
	ZONE_RUN(&z, &w, dkim_verify(a, message, now_s, &view, &w, r));
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dkim_report r;
		verify(a, cases[i].zone ? cases[i].zone : keys, cases[i].zone ? 1 : ARRAY_LEN(keys),
		       str_of(cases[i].message), 0, &r);
		assert_int_equal(r.n, cases[i].signatures);
		if (!r.n)
			continue;
		if (r.v[0].result != cases[i].result)
			print_error("%s: %s: %s\n", cases[i].name, dkim_result_name(r.v[0].result),
				    r.v[0].why);
		assert_int_equal(r.v[0].result, cases[i].result);
		assert_int_equal(r.v[0].body_ok, cases[i].body_ok);
		assert_int_equal(r.v[0].header_ok, cases[i].header_ok);
		assert_int_equal(*r.v[0].why == 0, cases[i].result == DKIM_RESULT_PASS);
	}
}

/* A mail saved with bare LF still verifies. */
static void test_bare_lf(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dkim_report r;
	char *m = arena_strdup(a, RFC6376_SIGNATURE RFC6376_RECEIVED REST "\r\n" BODY), *to = m;
	for (const char *from = m; *from; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = 0;
	verify(a, keys, ARRAY_LEN(keys), str_of(m), 0, &r);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].result, DKIM_RESULT_PASS);
}

#define SIG(tags) "DKIM-Signature: " tags "\r\n" FROM "\r\nx\r\n"
#define HASHES    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=AAAA"

static const struct {
	const char *message, *why;
} syntax_cases[] = {
	{ SIG("v=2; a=rsa-sha256; d=e.com; s=s; h=from;" HASHES), "v= is not 1" },
	{ SIG("v=1; a=rsa-sha1; d=e.com; s=s; h=from;" HASHES),
	  "rsa-sha1 does not count any more (RFC 8301)" },
	{ SIG("v=1; a=x; d=e.com; s=s; h=from;" HASHES), "a= names no known algorithm" },
	{ SIG("v=1; a=rsa-sha256; d=e.com; s=s; h=to;" HASHES), "h= does not hold From" },
	{ SIG("v=1; a=rsa-sha256; s=s; h=from;" HASHES), "d= or s= is missing or no name" },
	{ SIG("v=1; a=rsa-sha256; d=legitimate.com(.attacker.com; s=s; h=from;" HASHES),
	  "d= or s= is missing or no name" },
	{ SIG("v=1; a=rsa-sha256; d=e.com; s=s; i=a@other.com; h=from;" HASHES),
	  "i= does not lie within d=" },
	{ SIG("v=1; a=rsa-sha256; d=e.com; s=s; t=9; x=9; h=from;" HASHES), "x= is not after t=" },
	{ SIG("v=1; a=rsa-sha256; d=e.com; s=s; l=-1; h=from;" HASHES), "t=, x= or l= is no number" },
	{ SIG("v=1; a=rsa-sha256; c=relaxed/stressed; d=e.com; s=s; h=from;" HASHES),
	  "c= names an unknown form" },
	{ SIG("v=1; a=rsa-sha256; c=simple/simple/simple; d=e.com; s=s; h=from;" HASHES),
	  "c= names an unknown form" },
	{ SIG("v=1; a=rsa-sha256; d=e.com; s=s; h=from; bh=AAAA; b=AAAA"),
	  "bh= or b= is missing or no base64" },
	{ SIG("v=1; v=1; a=rsa-sha256; d=e.com; s=s; h=from;" HASHES), "a tag stands twice" },
};

static void test_syntax(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(syntax_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dkim_report r;
		verify(a, keys, ARRAY_LEN(keys), str_of(syntax_cases[i].message), 0, &r);
		assert_int_equal(r.n, 1);
		assert_int_equal(r.v[0].result, DKIM_RESULT_SYNTAX);
		assert_string_equal(r.v[0].why, syntax_cases[i].why);
	}
}

static void test_best(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dkim_report r;
	verify(a, keys, ARRAY_LEN(keys),
	       str_of(RFC6376_SIGNATURE RFC8463_RSA RFC6376_RECEIVED REST "\r\n" BODY), 0, &r);
	assert_int_equal(r.n, 2);
	assert_string_equal(dkim_best(&r, "football.example.com")->domain, "example.com");
	assert_string_equal(dkim_best(&r, "x.test")->domain, "example.com");
	r.v[0].result = DKIM_RESULT_SIGNATURE;
	assert_string_equal(dkim_best(&r, "x.test")->domain, "football.example.com");
	r.v[1].result = DKIM_RESULT_SIGNATURE;
	assert_string_equal(dkim_best(&r, "x.test")->domain, "example.com");
	r.n = 0;
	assert_null(dkim_best(&r, NULL));
}

static const struct {
	const char *file;
	size_t signatures;
	enum dkim_result result; /* of all */
} file_cases[] = {
	{ "rfc6376.signed.msg", 2, DKIM_RESULT_PASS },
	{ "rfc6376.signed.rsa.msg", 1, DKIM_RESULT_PASS },
	{ "test2.message", 1, DKIM_RESULT_PASS },
	{ "test.message", 0, 0 },
	{ "test.message.baddomain", 1, DKIM_RESULT_SYNTAX },
};

static void test_files(void **state)
{
	const char *dir = getenv("POSTRIDER_VECTORS");
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(file_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		char bytes[8192];
		struct dkim_report r;
		CLEANUP(close_file)
		FILE *f = fopen(arena_printf(a, "%s/dkim/dkimpy-data/%s", dir ? dir : VECTORS_DIR,
					     file_cases[i].file),
				"re");
		if (!f) {
			print_message("the vectors are not here (set POSTRIDER_VECTORS)\n");
			arena_free(&a); /* skip() leaves by longjmp, past the cleanup */
			skip();
		}
		verify(a, keys, ARRAY_LEN(keys), (struct str){ bytes, fread(bytes, 1, sizeof(bytes), f) }, 0,
		       &r);
		assert_int_equal(r.n, file_cases[i].signatures);
		for (size_t k = 0; k < r.n; k++) {
			if (r.v[k].result != file_cases[i].result)
				print_error("%s: %s: %s\n", file_cases[i].file,
					    dkim_result_name(r.v[k].result), r.v[k].why);
			assert_int_equal(r.v[k].result, file_cases[i].result);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_bare_lf), cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_best),  cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
