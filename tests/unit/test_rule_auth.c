/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

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

static void add_answer(struct evidence *ev, const char *question, const char *answer)
{
	if (!question)
		return;
	struct fact *f = evidence_add(ev, FACT_ANSWER, 0, 0);
	f->answer.question = question;
	f->answer.answer = answer;
}

static void add_provider(struct evidence *ev, const char *subject, const char *name)
{
	if (!name)
		return;
	struct fact *f = evidence_add(ev, FACT_PROVIDER, 0, 0);
	f->provider.subject = subject;
	f->provider.title = f->provider.name = name;
}

static void add_secret(struct evidence *ev, const char *what, const char *notes)
{
	if (!notes)
		return;
	struct fact *f = evidence_add(ev, FACT_SECRET, 0, 0);
	f->secret.what = what;
	built_list(ev, &f->secret.notes, notes);
}

static struct fact *add_auth(struct evidence *ev, unsigned no, const char *mech, const char *result)
{
	struct fact *f = evidence_add(ev, FACT_AUTH, no, 0);
	f->auth.mechanism = mech;
	f->auth.result = result;
	f->auth.user = built_target(ev)->user;
	return f;
}

/* A dialogue up to the login's turn. */
static unsigned dialogue(struct evidence *ev, bool in_clear, const char *offered)
{
	struct fact_target *t = built_target(ev);
	t->port = 587;
	t->auth = "auto";
	t->security = in_clear ? "none" : "starttls";
	unsigned no = built_session(ev, "main", "mail.example.net", "192.0.2.25", 587, "ok");
	built_reply(ev, no, "banner", 220, "mail.example.net ESMTP");
	struct fact *e = built_ehlo(ev, no, true);
	if (!in_clear) {
		built_reply(ev, no, "starttls", 220, "go ahead");
		built_tls(ev, no, true);
		e = built_ehlo(ev, no, false);
		e->ehlo.after_tls = true;
	}
	built_list(ev, &e->ehlo.auth, offered ? offered : "PLAIN|LOGIN|XOAUTH2");
	return no;
}

static void build(struct evidence *ev, const struct login_case *c)
{
	built_target(ev)->user = c->user ? c->user : "joe@example.net";
	add_answer(ev, c->answer, c->to);
	add_secret(ev, "password", c->notes);
	add_provider(ev, "target", c->provider);
	add_provider(ev, "user-domain", c->of_user);
	unsigned no = dialogue(ev, c->in_clear, c->offered);
	add_auth(ev, no, c->mech, c->result);
	if (c->code)
		built_reply(ev, no, "auth", c->code, c->text);
	if (c->tried) {
		struct fact *f = evidence_add(ev, FACT_EXPERIMENT, 0, 0);
		f->experiment.name = c->tried;
		f->experiment.outcome = "works";
		f->experiment.changed = "joe@example.net";
	}
}

static void expect(const struct evidence *ev, const char *name, const char *want)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *found = built_findings(ev, a);
	if (strcmp(found, want) != 0)
		fail_msg("%s: found \"%s\", wanted \"%s\"", name, found, want);
}

static void test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(login_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		build(ev, &login_cases[i]);
		expect(ev, login_cases[i].name, login_cases[i].want);
	}
}

/* One token, refused (or not) by an XOAUTH2 server. */
static const struct token_case {
	const char *name, *want;
	long code;
	const char *text;
	const char *form; /* NULL: jwt */
	const char *audience, *scope, *roles, *user;
	const char *expires; /* NULL: in an hour */
	const char *challenge;
	const char *answer;
	long skew_s; /* of our clock, where another was seen */
} token_cases[] = {
	{ "well", "", 0, NULL, .audience = "https://outlook.office.com", .scope = "SMTP.Send",
	  .user = "joe@example.net" },
	{ "expired", "oauth-token-expired:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office.com", .scope = "SMTP.Send", .user = "joe@example.net",
	  .expires = "2023-11-14T21:00:00Z" },
	{ "expired by our clock alone", "client-clock-wrong:f auth-unsuccessful-573:f", 535,
	  "5.7.3 Authentication unsuccessful", .audience = "https://outlook.office.com", .scope = "SMTP.Send",
	  .user = "joe@example.net", .expires = "2023-11-14T21:00:00Z", .skew_s = 7200 },
	{ "Graph", "oauth-wrong-audience:f", 535, "5.7.8 no", .audience = "https://graph.microsoft.com",
	  .scope = "Mail.Send", .user = "joe@example.net" },
	{ "Graph by number", "oauth-wrong-audience:f", 535, "5.7.8 no",
	  .audience = "00000003-0000-0000-c000-000000000000", .roles = "Mail.Send" },
	{ "an own audience at an own server", "oauth-token-refused:f", 535, "5.7.8 no", .audience = "mail",
	  .user = "joe@example.net" },
	{ "no SMTP.Send", "oauth-wrong-scope-delegated:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office.com", .scope = "IMAP.AccessAsUser.All Mail.Send",
	  .user = "joe@example.net" },
	{ "SMTP.Send as a whole address", "auth-unsuccessful-573:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office.com", .scope = "https://outlook.office.com/SMTP.Send",
	  .user = "JOE@example.net" },
	{ "no role", "oauth-app-role-missing:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office365.com", .roles = "Mail.Send" },
	{ "no roles at all", "oauth-app-role-missing:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office365.com" },
	{ "no roles, as Exchange's roles want it", "oauth-rbac-conflict:f", 535,
	  "5.7.3 Authentication unsuccessful", .audience = "https://outlook.office365.com",
	  .answer = "an app with RBAC" },
	{ "both", "oauth-rbac-conflict:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office365.com", .roles = "SMTP.SendAsApp",
	  .answer = "an app with RBAC" },
	{ "right role, no reason", "auth-unsuccessful-573:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office365.com", .roles = "SMTP.SendAsApp" },
	{ "somebody else's", "oauth-user-mismatch:f", 535, "5.7.3 Authentication unsuccessful",
	  .audience = "https://outlook.office.com", .scope = "SMTP.Send", .user = "boss@example.net" },
	{ "the reason is told", "auth-smtp-disabled-tenant:f", 535,
	  "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
	  .audience = "https://graph.microsoft.com" },
	{ "challenge", "oauth-334-challenge:f", 535, "5.7.8 Username and Password not accepted",
	  .form = "opaque",
	  .challenge = "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}" },
	{ "challenge, and the claims know why", "oauth-token-expired:f", 535,
	  "5.7.8 Username and Password not accepted", .audience = "mail", .expires = "2023-11-14T21:00:00Z",
	  .challenge = "{\"status\":\"401\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}" },
	{ "a challenge that is no note", "oauth-token-refused:f", 535, "5.7.8 no", .form = "opaque",
	  .challenge = "[1]" },
	{ "cannot decode", "oauth-blob-malformed:f", 501, "5.5.2 Cannot Decode response", .form = "opaque" },
	{ "too many", "auth-too-many:f", 421, "4.7.0 Error: too many errors", .form = "opaque" },
};

static void build_token(struct evidence *ev, const struct token_case *c)
{
	built_target(ev)->user = "joe@example.net";
	struct fact *f = evidence_add(ev, FACT_TOKEN, 0, 0);
	f->token.form = c->form ? c->form : "jwt";
	f->token.audience = c->audience ? c->audience : "";
	f->token.scope = c->scope ? c->scope : "";
	f->token.user = c->user ? c->user : "";
	f->token.delegated = c->scope != NULL;
	f->token.expires = c->form ? "" : c->expires ? c->expires : "2023-11-14T23:13:20Z";
	f->token.at = "2023-11-14T22:13:20Z";
	if (c->roles)
		built_list(ev, &f->token.roles, c->roles);
	add_answer(ev, c->answer ? "program" : NULL, c->answer);
	if (c->skew_s) {
		f = evidence_add(ev, FACT_CLOCK, 0, 0);
		f->clock.source = "http";
		f->clock.skew_s = c->skew_s;
	}
	unsigned no = dialogue(ev, false, NULL);
	f = add_auth(ev, no, "XOAUTH2", c->code ? "refused" : "ok");
	if (c->challenge)
		strlist_add(&f->auth.challenges, ev->arena, c->challenge);
	if (c->code)
		built_reply(ev, no, "auth", c->code, c->text);
}

static void test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(token_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		build_token(ev, &token_cases[i]);
		expect(ev, token_cases[i].name, token_cases[i].want);
	}
}

/* What a token endpoint said; no login was tried. */
static const struct endpoint_case {
	const char *name, *want, *result;
	long status;
	const char *error, *text, *secret; /* the client secret's shape */
} endpoint_cases[] = {
	{ "down", "oauth-endpoint-unreachable:f", "connect", 0, "", "", "" },
	{ "a proxy's page", "oauth-endpoint-unreachable:f", "ok", 200, "", "", "" },
	{ "tenant", "oauth-tenant-not-found:f", "ok", 400, "invalid_request",
	  "AADSTS90002: Tenant 'x' not found.", "" },
	{ "client", "oauth-client-not-found:f", "ok", 400, "unauthorized_client",
	  "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'.", "" },
	{ "expired secret", "oauth-secret-expired:f", "ok", 401, "invalid_client",
	  "AADSTS7000222: The provided client secret keys for app 'x' are expired.", "guid" },
	{ "wrong secret", "oauth-secret-wrong:f", "ok", 401, "invalid_client",
	  "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the "
	  "client secret value, not the client secret ID.",
	  "" },
	{ "the secret's id", "cfg-oauth-secret-id-instead-of-value:f", "ok", 401, "invalid_client",
	  "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the "
	  "client secret value, not the client secret ID.",
	  "guid" },
	{ "Google's wrong secret", "oauth-secret-wrong:f", "ok", 401, "invalid_client",
	  "The provided client secret is invalid.", "" },
	{ "Google's unknown client", "oauth-client-not-found:f", "ok", 401, "invalid_client",
	  "The OAuth client was not found.", "" },
	{ "consent", "oauth-consent-missing:f", "ok", 400, "invalid_grant",
	  "AADSTS65001: The user or administrator has not consented to use the application.", "" },
	{ "password grant", "oauth-user-password-flow-refused:f", "ok", 400, "invalid_grant",
	  "AADSTS50126: Error validating credentials due to invalid username or password.", "" },
	{ "policy", "auth-conditional-access:f", "ok", 400, "invalid_grant",
	  "AADSTS53003: Access has been blocked by Conditional Access policies.", "" },
	{ "revoked", "oauth-refresh-token-revoked:f", "ok", 400, "invalid_grant",
	  "Token has been expired or revoked.", "" },
	{ "scope", "oauth-invalid-scope:f", "ok", 400, "invalid_scope",
	  "AADSTS70011: The provided value for the input parameter 'scope' isn't valid.", "" },
	{ "anything else", "oauth-token-refused:f", "ok", 400, "temporarily_unavailable", "", "" },
};

static void test_endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(endpoint_cases); i++) {
		const struct endpoint_case *c = &endpoint_cases[i];
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		built_target(ev)->user = "joe@example.net";
		add_secret(ev, "client-secret", c->secret);
		evidence_add(ev, FACT_OAUTH, 0, 0)->oauth.flow = "client-credentials";
		struct fact *f = evidence_add(ev, FACT_HTTP, 0, 0);
		f->http.purpose = "token";
		f->http.url = "https://login.example/token";
		f->http.result = c->result;
		f->http.status = c->status;
		f->http.oauth_error = c->error;
		f->http.oauth_text = c->text;
		dialogue(ev, false, NULL);
		expect(ev, c->name, c->want);
	}
}

static void test_missing_fields_are_named(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	struct fact *f = evidence_add(ev, FACT_OAUTH, 0, 0);
	built_list(ev, &f->oauth.missing, "tenant-id|client-secret");
	expect(ev, "missing", "cfg-oauth-fields-missing:f");
	const char *texts = built_texts(ev, "cfg-oauth-fields-missing", a);
	assert_non_null(strstr(texts, "the tenant ID, the client secret"));
}

/* The two-step form of AUTH PLAIN passes where the one-line form was a mistake. */
static void test_second_form(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	built_target(ev)->user = "joe@example.net";
	unsigned no = dialogue(ev, false, NULL);
	add_auth(ev, no, "PLAIN", "unsupported")->auth.initial_response = true;
	built_reply(ev, no, "auth", 501, "5.5.4 Syntax error");
	add_auth(ev, no, "PLAIN", "ok");
	built_reply(ev, no, "auth", 235, "2.7.0 ok");
	expect(ev, "second form", "auth-initial-response-unsupported:f");
}

static void test_blocklist_where_people_log_in(void **state)
{
	static const char text[] = "5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org";
	(void)state;
	for (unsigned submission = 0; submission < 2; submission++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
		built_target(ev)->user = submission ? "joe@example.net" : "";
		unsigned no = dialogue(ev, false, submission ? NULL : "");
		struct fact *s = (struct fact *)(uintptr_t)evidence_last(ev, FACT_SESSION, no);
		s->dialogue.port = submission ? 587 : 25;
		built_reply(ev, no, "rcpt", 554, text);
		expect(ev, text, submission ? "auth-dnsbl-blocks-login:f" : "rcpt-dnsbl:f");
	}
}

static void test_broken_off(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	built_target(ev)->user = "joe@example.net";
	unsigned no = dialogue(ev, false, NULL);
	add_auth(ev, no, "PLAIN", "broken");
	struct fact *f = evidence_add(ev, FACT_BREAK, no, 0);
	f->brk.step = "auth";
	f->brk.how = "eof";
	expect(ev, "broken off", "dialogue-cut:f");
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
		add_answer(ev, "wording", cases[i].said);
		unsigned no = dialogue(ev, false, NULL);
		add_auth(ev, no, "PLAIN", "ok");
		expect(ev, cases[i].said, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logins),      cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_endpoints),   cmocka_unit_test(test_missing_fields_are_named),
		cmocka_unit_test(test_second_form), cmocka_unit_test(test_blocklist_where_people_log_in),
		cmocka_unit_test(test_broken_off),  cmocka_unit_test(test_program_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
