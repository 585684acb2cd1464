/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

/* One login at mail.example.net:587 as the evidence has it. */
struct login_case {
	const char *name, *want; /* all findings, in order */
	const char *mech;        /* "" : no common one */
	const char *result;
	long code; /* 0: no reply */
	const char *text;
	const char *user;        /* NULL: joe@example.net */
	const char *provider;    /* of the server */
	const char *of_user;     /* provider of the user's domain */
	const char *notes;       /* of the password's shape; NULL: none was given */
	const char *offered;     /* AUTH after TLS; NULL: PLAIN|LOGIN|XOAUTH2 */
	const char *answer, *to; /* "what-changed", "password" */
	const char *tried;       /* an experiment's name that worked */
	bool in_clear;           /* security none, STARTTLS offered */
};

static const struct login_case login_cases[] = {
	{ "well", "", "PLAIN", "ok", 0, NULL, .notes = "" },
	{ "bare", "auth-bad-credentials:f", "PLAIN", "refused", 535, "5.7.8 no", .notes = "" },
	{ "blank", "cfg-password-stray-space:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "trailing-blank" },
	{ "line end", "cfg-password-stray-space:f", "PLAIN", "refused", 535, "5.7.8 no", .notes = "newline" },
	{ "a blank amid a phrase", "auth-bad-credentials:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "inner-blank" },
	{ "blanks in an app password", "cfg-password-stray-space:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "inner-blank|app-password" },
	{ "blank, but it works", "", "PLAIN", "ok", 0, NULL, .notes = "trailing-blank" },
	{ "blank, but the reason is told", "auth-smtp-disabled-tenant:f", "LOGIN", "refused", 535,
	  "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
	  .notes = "trailing-blank" },
	{ "name without @, provider wants it", "cfg-username-not-full-address:f", "LOGIN", "refused", 535,
	  "5.7.3 Authentication unsuccessful", .user = "joe", .provider = "microsoft365", .notes = "" },
	{ "name without @, nobody knows", "auth-bad-credentials:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .user = "joe", .notes = "" },
	{ "name without @, tried", "cfg-username-not-full-address:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .user = "joe", .notes = "", .tried = "full-address" },
	{ "another product", "cfg-wrong-provider-endpoint:f", "LOGIN", "refused", 535,
	  "5.7.3 Authentication unsuccessful", .provider = "microsoft365", .of_user = "outlook",
	  .notes = "" },
	{ "own domain at its provider", "auth-unsuccessful-573:f", "LOGIN", "refused", 535,
	  "5.7.3 Authentication unsuccessful", .provider = "microsoft365", .of_user = "microsoft365",
	  .notes = "" },
	{ "an address elsewhere as name of an own account", "auth-bad-credentials:f", "PLAIN", "refused", 535,
	  "5.7.8 no", .of_user = "google", .notes = "" },
	{ "AWS keys", "auth-ses-iam-instead-of-smtp:f", "PLAIN", "refused", 535,
	  "Authentication Credentials Invalid", .user = "AKIAIOSFODNN7EXAMPLE", .provider = "ses",
	  .notes = "aws-secret" },
	{ "SES, accepted elsewhere", "auth-ses-wrong-region:f", "PLAIN", "refused", 535,
	  "Authentication Credentials Invalid", .user = "AKIAIOSFODNN7EXAMPLE", .provider = "ses",
	  .notes = "ses-password", .tried = "ses-region" },
	{ "SendGrid's account", "auth-sendgrid-username:f", "PLAIN", "refused", 535,
	  "Authentication failed: Bad username / password", .provider = "sendgrid", .notes = "" },
	{ "SendGrid's key is wrong", "auth-bad-credentials:f", "PLAIN", "refused", 535,
	  "Authentication failed: The provided authorization grant is invalid, expired, or revoked",
	  .user = "apikey", .provider = "sendgrid", .notes = "sendgrid-key" },
	{ "Google, normal password", "auth-less-secure-apps-off:f", "PLAIN", "refused", 535,
	  "5.7.8 Username and Password not accepted. BadCredentials gsmtp", .provider = "google",
	  .notes = "" },
	{ "Google, app password", "auth-bad-credentials:f", "PLAIN", "refused", 535,
	  "5.7.8 Username and Password not accepted. BadCredentials gsmtp", .provider = "google",
	  .notes = "app-password" },
	{ "iCloud, normal password", "auth-app-password-needed:f", "PLAIN", "refused", 535,
	  "5.7.8 Error: authentication failed", .provider = "icloud", .notes = "" },
	{ "told: password", "auth-password-changed:f", "PLAIN", "refused", 535, "5.7.8 no", .notes = "",
	  .answer = "what-changed", .to = "password" },
	{ "told: two steps", "auth-mfa-enabled:f", "PLAIN", "refused", 535, "5.7.8 no", .notes = "",
	  .answer = "what-changed", .to = "security" },
	{ "told: new user at Microsoft", "auth-no-licence-or-mailbox:f", "LOGIN", "refused", 535,
	  "5.7.3 Authentication unsuccessful", .provider = "microsoft365", .notes = "",
	  .answer = "what-changed", .to = "new user" },
	{ "told: new user elsewhere", "auth-bad-credentials:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "", .answer = "what-changed", .to = "new user" },
	{ "told: webmail works", "cfg-password-hidden-wrong:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "", .answer = "webmail", .to = "works" },
	{ "told: webmail was not tried", "auth-bad-credentials:f", "PLAIN", "refused", 535, "5.7.8 no",
	  .notes = "", .answer = "webmail", .to = "not tried" },
	{ "told, but it works", "", "PLAIN", "ok", 0, NULL, .notes = "", .answer = "what-changed",
	  .to = "password" },
	{ "criteria", "auth-smtp-disabled-mailbox:f", "LOGIN", "refused", 535,
	  "5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
	  "successfully.",
	  .provider = "microsoft365", .notes = "" },
	{ "criteria, only here", "auth-conditional-access:f", "LOGIN", "refused", 535,
	  "5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
	  "successfully.",
	  .provider = "microsoft365", .notes = "", .answer = "where",
	  .to = "only here, works from other place" },
	{ "not a word of passwords", "auth-temporary-454:f", "PLAIN", "temporary", 454,
	  "4.7.0 Temporary authentication failure", .notes = "trailing-blank" },
	{ "mail's words at AUTH", "auth-bad-credentials:f", "PLAIN", "unsupported", 550,
	  "5.7.1 Access denied", .notes = "" },
	{ "no common way", "auth-mechanism-mismatch:f", "", "unsupported", 0, NULL, .notes = "",
	  .offered = "NTLM|GSSAPI" },
	{ "OAuth alone at Outlook.com", "auth-basic-disabled:f", "", "unsupported", 0, NULL, .notes = "",
	  .provider = "outlook", .offered = "XOAUTH2" },
	{ "no login", "auth-not-offered:f", "", "unsupported", 0, NULL, .notes = "", .offered = "" },
	{ "no login before TLS", "cfg-security-none-rejected:f", "", "unsupported", 0, NULL, .notes = "",
	  .offered = "", .in_clear = true },
	{ "in clear, 538", "auth-plaintext-refused-before-tls:f", "PLAIN", "unsupported", 538,
	  "Encryption required", .notes = "", .in_clear = true },
	{ "in clear, STARTTLS is asked for", "cfg-security-none-rejected:f", "PLAIN", "unsupported", 530,
	  "5.7.0 Must issue a STARTTLS command first", .notes = "", .in_clear = true },
	{ "unsafe, so not tried", "", "PLAIN", "not-tried-insecure", 0, NULL, .notes = "", .in_clear = true },
	{ "empty", "cfg-password-empty:f", "PLAIN", "cancelled", 0, NULL, .notes = "empty" },
};

static void add_provider(struct evidence *ev, const char *subject, const char *name)
{
	if (!name)
		return;
	struct fact *f = evidence_add(ev, FACT_PROVIDER, 0, 0);
	f->provider.subject = subject;
	f->provider.title = f->provider.name = name;
}

static void build(struct evidence *ev, const struct login_case *c)
{
	built_target(ev)->user = c->user ? c->user : "joe@example.net";
	built_answer(ev, c->answer, c->to);
	built_secret(ev, "password", c->notes);
	add_provider(ev, "target", c->provider);
	add_provider(ev, "user-domain", c->of_user);
	unsigned no = built_login(ev, c->in_clear, c->offered);
	built_auth(ev, no, c->mech, c->result);
	if (c->code)
		built_reply(ev, no, "auth", c->code, c->text);
	if (c->tried) {
		struct fact *f = evidence_add(ev, FACT_EXPERIMENT, 0, 0);
		f->experiment.name = c->tried;
		f->experiment.outcome = "works";
		f->experiment.changed = "joe@example.net";
	}
}

static void test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(login_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		build(ev, &login_cases[i]);
		built_expect(ev, login_cases[i].name, login_cases[i].want);
	}
}

/* The two-step form of AUTH PLAIN passes where the one-line form was a mistake. */
static void test_second_form(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	built_target(ev)->user = "joe@example.net";
	unsigned no = built_login(ev, false, NULL);
	built_auth(ev, no, "PLAIN", "unsupported")->auth.initial_response = true;
	built_reply(ev, no, "auth", 501, "5.5.4 Syntax error");
	built_auth(ev, no, "PLAIN", "ok");
	built_reply(ev, no, "auth", 235, "2.7.0 ok");
	built_expect(ev, "second form", "auth-initial-response-unsupported:f");
}

static void test_blocklist_where_people_log_in(void **state)
{
	static const char text[] = "5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org";
	(void)state;
	for (unsigned submission = 0; submission < 2; submission++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		built_target(ev)->user = submission ? "joe@example.net" : "";
		unsigned no = built_login(ev, false, submission ? NULL : "");
		struct fact *s = (struct fact *)(uintptr_t)evidence_last(ev, FACT_SESSION, no);
		s->dialogue.port = submission ? 587 : 25;
		built_reply(ev, no, "rcpt", 554, text);
		built_expect(ev, text, submission ? "auth-dnsbl-blocks-login:f" : "rcpt-dnsbl:f");
	}
}

static void test_broken_off(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	built_target(ev)->user = "joe@example.net";
	unsigned no = built_login(ev, false, NULL);
	built_auth(ev, no, "PLAIN", "broken");
	struct fact *f = evidence_add(ev, FACT_BREAK, no, 0);
	f->brk.step = "auth";
	f->brk.how = "eof";
	built_expect(ev, "broken off", "dialogue-cut:f");
}

/* The program's own words, where the same settings work here. */
static void test_program_words(void **state)
{
	static const struct {
		const char *said, *want;
	} cases[] = {
		{ "SMTP AUTH extension not supported by server", "starttls-auth-missing-after:f" },
		{ "handshake failed, TLS 1.0", "cfg-old-mail-engine:f" },
		{ "it says nothing", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		built_target(ev)->user = "joe@example.net";
		built_answer(ev, "wording", cases[i].said);
		unsigned no = built_login(ev, false, NULL);
		built_auth(ev, no, "PLAIN", "ok");
		built_expect(ev, cases[i].said, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_second_form),
		cmocka_unit_test(test_blocklist_where_people_log_in),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_program_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
