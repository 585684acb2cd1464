/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "explain/explain.h"
#include "tests/unit/explain_cases.h"

static size_t failures;

static void check_text(const struct explain_case *c, const char *what, const char *want, const char *is)
{
	if (!want || !strcmp(want, is))
		return;
	failures++;
	print_error("%s: %s is \"%s\", not \"%s\"\n", c->name, what, is, want);
}

static void check_case(const struct explain_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct explanation x;
	explain_text(a, str_of(c->text), NULL, &x);
	if (x.code != c->code) {
		failures++;
		print_error("%s: code is %u, not %u\n", c->name, x.code, c->code);
	}
	check_text(c, "enhanced", c->enhanced, x.enhanced);
	check_text(c, "provider", c->provider, x.provider);
	check_text(c, "step", c->step, x.step);
	check_text(c, "host", c->host, x.host);
	check_text(c, "recipient", c->recipient, x.recipient);
	check_text(c, "class", c->class, x.class->id);
	check_text(c, "id", c->id, x.meanings[0].entry->id);
	check_text(c, "retry", c->retry, x.retry);
	check_text(c, "text", c->said, x.text);
}

static void test_cases(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < ARRAY_LEN(explain_cases); i++)
		check_case(&explain_cases[i]);
	assert_int_equal(failures, 0);
}

/* None of these words may come out again, nor the base64 they are written in. */
static const struct secret_case {
	const char *text, *secret;
} secret_cases[] = {
	{ "AUTH PLAIN AGJvYgBodW50ZXIy\n535 5.7.8 no", "AGJvYgBodW50ZXIy" },
	{ "C: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 535 5.7.8 no", "AGJvYgBodW50ZXIy" },
	{ "500 5.5.1 Command unrecognized: \"AUTH PLAIN c2VkZ2hpAHNlY3JldA==\"", "c2VkZ2hpAHNlY3JldA" },
	{ "AUTH LOGIN\n334 VXNlcm5hbWU6\nYm9i\n334 UGFzc3dvcmQ6\naHVudGVyMg==\n535 no", "aHVudGVyMg" },
	{ " -> AUTH LOGIN\n<-  334 VXNlcm5hbWU6\n -> Ym9iQGV4YW1wbGU=\n<-  334 UGFzc3dvcmQ6\n -> "
	  "aHVudGVyMjM=\n"
	  "<** 535 no",
	  "aHVudGVyMjM" },
	{ "AUTH LOGIN Ym9iQGV4YW1wbGU=\r\n334 UGFzc3dvcmQ6\r\naHVudGVyMjM=\r\n535 no\r\n", "aHVudGVyMjM" },
	{ "201 S: 334 UGFzc3dvcmQ6\n202 C: aHVudGVyMjM=\n203 S: 535 no", "aHVudGVyMjM" },
	{ "201 334 UGFzc3dvcmQ6\n202 aHVudGVyMjM=\n203 535 no", "aHVudGVyMjM" },
	{ "334 UGFzc3dvcmQ6\n> aHVudGVyMjM=\n535 no", "aHVudGVyMjM" },
	{ "12:00:01 << 334 UGFzc3dvcmQ6\n12:00:02 >> 250 aHVudGVyMjM=\n535 no", "aHVudGVyMjM" },
	{ "<p>AUTH PLAIN <b>AGJvYgBodW50ZXIy</b></p><p>535 no</p>", "AGJvYgBodW50ZXIy" },
	{ "AUTH XOAUTH2 dXNlcj1ib2IBYXV0aD1CZWFyZXIgeWEyOS5hAQE=\n535 5.7.3 no",
	  "dXNlcj1ib2IBYXV0aD1CZWFyZXIg" },
	{ "535 refused dXNlcj1ib2IBYXV0aD1CZWFyZXIgeWEyOS5hAQE=", "dXNlcj1ib2IB" },
	{ "Authorization: Bearer ya29.a0AfH6SMBxxxxxxxxxxxxxxxx\n401", "a0AfH6SMB" },
	{ "Authorization: Basic Ym9iOmh1bnRlcjI=\n401", "Ym9iOmh1bnRlcjI" },
	{ "header \"Authorization\": \"Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2ln\" 535",
	  "eyJhbGciOiJSUzI1NiJ9" },
	{ "Connection to smtp://bob:hunter22@smtp.example.com:587 failed", "hunter22" },
	{ "smtps://bob%40example.com:hunt%40er22@smtp.example.com:465: 535 no", "hunt%40er22" },
	{ "{ host: 'smtp.example.com', auth: { user: 'bob', pass: 'hunter22' } } 535 no", "hunter22" },
	{ "{\"user\":\"bob\",\"password\":\"hunter22\",\"error\":\"535 no\"}", "hunter22" },
	{ "MAIL_USERNAME=bob MAIL_PASSWORD=hunter22 535 no", "hunter22" },
	{ "$mail->Password = \"hunter22\";\nSMTP Error: Could not authenticate.", "hunter22" },
	{ "smtp_pass = hunter22\n535 no", "hunter22" },
	{ "Password: hunter22\n535 5.7.8 no", "hunter22" },
	{ "swaks --auth-user bob --auth-password hunter22 -s smtp.example.com\n<** 535 no", "hunter22" },
	{ "curl smtp://smtp.example.com --user bob:hunter22\ncurl: (67) Login denied", "hunter22" },
	{ "client_secret=Abc8Q~secretsecret&grant_type=client_credentials invalid_client",
	  "Abc8Q~secretsecret" },
	{ "refresh_token: 1//0gabcdefghijklmnopqrstuvwxyz invalid_grant", "0gabcdefghijkl" },
	{ "550 key SG.abcdefghijklmnop.qrstuvwxyz0123456789 not valid", "SG.abcdefghij" },
};

static bool tells(const char *where, const char *secret)
{
	return where && strstr(where, secret) != NULL;
}

static void test_secrets(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < ARRAY_LEN(secret_cases); i++) {
		const struct secret_case *c = &secret_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		struct strlist pieces = { 0 };
		explain_text(a, str_of(c->text), NULL, &x);
		explain_pieces(a, str_of(c->text), &pieces);
		const char *joined = strlist_join(&pieces, a, "\n");
		if (tells(x.input, c->secret) || tells(x.text, c->secret) || tells(x.user, c->secret) ||
		    tells(x.host, c->secret) || tells(x.decide, c->secret) || tells(joined, c->secret)) {
			failures++;
			print_error("told: %s\n\tinput: %s\n\ttext: %s\n\tpieces: %s\n", c->secret, x.input,
				    x.text, joined);
		}
	}
	assert_int_equal(failures, 0);
}

/* What looks like a secret's place and is prose. */
static void test_no_secrets(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
		"535 5.7.8 Username and Password not accepted", "250 AUTH PLAIN LOGIN XOAUTH2",
		"535 password: incorrect"
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		explain_text(a, str_of(texts[i]), NULL, &x);
		assert_string_equal(x.input, texts[i]);
	}
}

/* What the server says behind its 334 is no secret: only a client answers in base64. */
static void test_reply_behind_challenge(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"334 UGFzc3dvcmQ6\n535 5.7.8 Failed",
		"S: 334 UGFzc3dvcmQ6\nS: 535-5.7.8 Login\nS: 535 5.7.8 Failed",
		"<-  334 UGFzc3dvcmQ6\n<** 535 5.7.8 Failed",
		"08:00:01 S 334 UGFzc3dvcmQ6\n08:00:02 S 535 Failed",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		explain_text(a, str_of(texts[i]), NULL, &x);
		assert_non_null(strstr(x.input, "Failed"));
		assert_null(strstr(x.input, "[hidden]"));
	}
}

static void check_pieces(const char *text, size_t n, const char *first, const char *last)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist pieces = { 0 };
	explain_pieces(a, str_of(text), &pieces);
	assert_int_equal(pieces.n, n);
	assert_string_equal(pieces.v[0], first);
	assert_string_equal(pieces.v[n - 1], last);
}

static void test_pieces(void **state)
{
	(void)state;
	check_pieces("550 5.1.1 <a@example.com>: User unknown\n552 5.2.2 <b@example.com>: Mailbox full", 2,
		     "550 5.1.1 <a@example.com>: User unknown", "552 5.2.2 <b@example.com>: Mailbox full");
	check_pieces("550-5.1.1 one\n550 5.1.1 two", 1, "550-5.1.1 one\n550 5.1.1 two",
		     "550-5.1.1 one\n550 5.1.1 two");
	static const char thrown[] = "Error: Invalid login: 535-5.7.8 one\n535 5.7.8 two\n"
				     "    at Mailer.send (m.js:1:2) {\n  command: 'AUTH XOAUTH2'\n}";
	check_pieces(thrown, 1, thrown, thrown);
	check_pieces("Hello,\n\n535 5.7.8 no\n\nregards, Bob", 1, "535 5.7.8 no", "535 5.7.8 no");
	check_pieces("550 5.1.1 The account\ndoes not exist\n\n550 5.7.1 Relaying denied", 2,
		     "550 5.1.1 The account\ndoes not exist", "550 5.7.1 Relaying denied");
	check_pieces("220 mx.example.net ESMTP\nEHLO pc\n250 ok\nMAIL FROM:<c@example.com>\n250 ok\n"
		     "RCPT TO:<a@example.net>\n550 5.1.1 unknown\nRCPT TO:<b@example.net>\n452 4.2.2 full\n",
		     2, "220 mx.example.net ESMTP\nRCPT TO:<a@example.net>\n550 5.1.1 unknown",
		     "220 mx.example.net ESMTP\nRCPT TO:<b@example.net>\n452 4.2.2 full");
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist none = { 0 };
	explain_pieces(a, str_of(" \n\t\n"), &none);
	assert_int_equal(none.n, 0);
}

/* A paste of any length is bounded, and what was left out is said. */
static void test_long(void **state)
{
	(void)state;
	enum { LONG = 3 * 1024 * 1024 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	char *text = arena_alloc(a, LONG + 1);
	memset(text, '<', LONG);
	struct str clean = explain_clean(a, (struct str){ text, LONG });
	assert_true(clean.len < LONG / 2);
	assert_true(str_ifind(clean, "bytes left out") < clean.len);
	memset(text, 'a', LONG);
	struct explanation x;
	explain_text(a, (struct str){ text, LONG }, NULL, &x);
	assert_string_equal(x.meanings[0].entry->id, "text-unknown");
}

/* What is no error is not called a refusal; what may be one is not called none. */
static void test_small_talk(void **state)
{
	static const struct {
		const char *text, *id;
		bool refusal;
	} cases[] = {
		{ "hello world", "text-no-error", false },
		{ "Thanks for your help yesterday, see you soon!", "text-no-error", false },
		{ "it did not go out", "text-unknown", true },
		{ "Sendungsfehler", "text-unknown", true },
		{ "sendmail: gremlins, retrying at noon 17", "text-unknown", true },
		{ "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", "text-unknown", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		explain_text(a, str_of(cases[i].text), NULL, &x);
		assert_string_equal(x.meanings[0].entry->id, cases[i].id);
		assert_int_equal(x.refusal, cases[i].refusal);
	}
}

static void check_decide(const char *text, const char *command)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct explanation x;
	explain_text(a, str_of(text), NULL, &x);
	assert_string_equal(x.decide, command);
}

static void test_decide(void **state)
{
	(void)state;
	check_decide("Error logging into server",
		     "postrider check smtp.example.com:587 --security starttls --user you@example.com");
	check_decide("554 5.7.1 dkim trouble, from=<a@example.com>", "postrider check example.com");
	check_decide("550 5.7.323 tlsa-invalid, to=<a@example.net>", "postrider check example.net");
	check_decide("250 2.0.0 Ok: queued as 1", "");
}

/* Whose domain a command is about: where the mail could not go is the recipient's, who may send the sender's.
 */
static void test_domain(void **state)
{
	(void)state;
	static const struct {
		const char *id, *domain;
	} cases[] = {
		{ "rs-destination-not-responding", "theirs.example" },
		{ "ph-delayed", "theirs.example" },
		{ "ph-expired", "theirs.example" },
		{ "rcpt-requiretls-unmet", "theirs.example" },
		{ "rcpt-not-whitelisted-google", "theirs.example" },
		{ "dns-nxdomain-recipient-domain", "theirs.example" },
		{ "rcpt-spf-fail", "ours.example" },
		{ "ph-junk-folder", "ours.example" },
		{ "mf-sender-domain-missing", "ours.example" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		const struct explain_hint hint = { .sender = "a@ours.example",
						   .recipient = "b@theirs.example" };
		explain_text(a, STR_LIT("no reply"), &hint, &x);
		x.meanings[0].entry = finding_entry_find(cases[i].id);
		assert_non_null(x.meanings[0].entry);
		assert_string_equal(explain_fill_command(a, &x, "{domain|example.com}"), cases[i].domain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),      cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_no_secrets), cmocka_unit_test(test_reply_behind_challenge),
		cmocka_unit_test(test_pieces),     cmocka_unit_test(test_long),
		cmocka_unit_test(test_small_talk), cmocka_unit_test(test_decide),
		cmocka_unit_test(test_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
