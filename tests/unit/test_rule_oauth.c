/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/evidence_build.h"

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
	built_answer(ev, c->answer ? "program" : NULL, c->answer);
	if (c->skew_s) {
		f = evidence_add(ev, FACT_CLOCK, 0, 0);
		f->clock.source = "http";
		f->clock.skew_s = c->skew_s;
	}
	unsigned no = built_login(ev, false, NULL);
	f = built_auth(ev, no, "XOAUTH2", c->code ? "refused" : "ok");
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
		built_expect(ev, token_cases[i].name, token_cases[i].want);
	}
}

/* What a token endpoint said; no login was tried. */
static const struct endpoint_case {
	const char *name, *want, *result;
	long status;
	const char *error, *text, *secret; /* the client secret's shape */
} endpoint_cases[] = {
	{ "down", "oauth-endpoint-unreachable:f", "connect", 0, "", "", "" },
	{ "not asked", "", "not-asked", 0, "", "", "" },
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
		built_secret(ev, "client-secret", c->secret);
		evidence_add(ev, FACT_OAUTH, 0, 0)->oauth.flow = "client-credentials";
		struct fact *f = evidence_add(ev, FACT_HTTP, 0, 0);
		f->http.purpose = "token";
		f->http.url = "https://login.example/token";
		f->http.result = c->result;
		f->http.status = c->status;
		f->http.oauth_error = c->error;
		f->http.oauth_text = c->text;
		built_login(ev, false, NULL);
		built_expect(ev, c->name, c->want);
	}
}

/* Nobody was asked: nobody is blamed, and the login is not called well either. */
static void test_not_asked(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	built_target(ev)->user = "joe@example.net";
	built_login(ev, false, NULL);
	struct fact *f = evidence_add(ev, FACT_HTTP, 0, 0);
	f->http.purpose = "token";
	f->http.url = "https://login.example/token";
	f->http.result = "not-asked";
	f->http.error = "cannot wait for another sign-in";
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	assert_int_equal(v->word, VERDICT_UNKNOWN);
	assert_non_null(strstr(v->summary, "no login was tried: cannot wait for another sign-in"));
}

static void test_missing_fields_are_named(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.net");
	struct fact *f = evidence_add(ev, FACT_OAUTH, 0, 0);
	built_list(ev, &f->oauth.missing, "tenant-id|client-secret");
	built_expect(ev, "missing", "cfg-oauth-fields-missing:f");
	const char *texts = built_texts(ev, "cfg-oauth-fields-missing", a);
	assert_non_null(strstr(texts, "the tenant ID, the client secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_missing_fields_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
