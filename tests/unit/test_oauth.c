/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/oauth.h"

#define MS_URL "https://login.microsoftonline.com/"

static const struct request_case {
	const char *name;
	struct oauth_options o;
	const char *url, *form; /* NULL: refused, and then */
	const char *what;
} request_cases[] = {
	{ "Microsoft, client credentials",
	  { .provider = "microsoft365",
	    .client_id = "c-1",
	    .tenant_id = "t-1",
	    .client_secret = "s~8Q&=+ x" },
	  MS_URL "t-1/oauth2/v2.0/token",
	  "grant_type=client_credentials&client_id=c-1&client_secret=s~8Q%26%3D%2B%20x&"
	  "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
	  NULL },
	{ "Microsoft, refresh",
	  { .provider = "microsoft365",
	    .client_id = "c",
	    .tenant_id = "contoso.example",
	    .refresh_token = "0.AX" },
	  MS_URL "contoso.example/oauth2/v2.0/token",
	  "grant_type=refresh_token&client_id=c&refresh_token=0.AX&"
	  "scope=https%3A%2F%2Foutlook.office.com%2FSMTP.Send%20offline_access",
	  NULL },
	{ "Microsoft, refresh without tenant",
	  { .provider = "microsoft365", .client_id = "c", .refresh_token = "r" },
	  MS_URL "organizations/oauth2/v2.0/token",
	  "grant_type=refresh_token&client_id=c&refresh_token=r&"
	  "scope=https%3A%2F%2Foutlook.office.com%2FSMTP.Send%20offline_access",
	  NULL },
	{ "personal Outlook",
	  { .provider = "outlook", .client_id = "c", .refresh_token = "r", .scope = "x" },
	  MS_URL "consumers/oauth2/v2.0/token",
	  "grant_type=refresh_token&client_id=c&refresh_token=r&scope=x",
	  NULL },
	{ "Google, refresh",
	  { .provider = "google", .client_id = "c", .client_secret = "s", .refresh_token = "1//0g" },
	  "https://oauth2.googleapis.com/token",
	  "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=1%2F%2F0g",
	  NULL },
	{ "own URL, no scope",
	  { .token_url = "http://127.0.0.1:8080/t", .client_id = "c", .client_secret = "\xc3\xa4" },
	  "http://127.0.0.1:8080/t",
	  "grant_type=client_credentials&client_id=c&client_secret=%C3%A4",
	  NULL },
	{ "own URL beats the provider's, and no tenant is needed",
	  { .provider = "microsoft365",
	    .token_url = "https://lab.test/token",
	    .client_id = "c",
	    .client_secret = "s" },
	  "https://lab.test/token",
	  "grant_type=client_credentials&client_id=c&client_secret=s&"
	  "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
	  NULL },
	{ "nothing", { .provider = NULL }, NULL, NULL, "without token-url, client-id, client-secret" },
	{ "Microsoft without tenant",
	  { .provider = "microsoft365", .client_id = "c", .client_secret = "s" },
	  NULL,
	  NULL,
	  "without tenant-id" },
	{ "Microsoft without secret",
	  { .provider = "microsoft365", .client_id = "c", .tenant_id = "t" },
	  NULL,
	  NULL,
	  "without client-secret" },
	{ "empty is missing",
	  { .provider = "microsoft365", .client_id = "", .tenant_id = "t", .client_secret = "s" },
	  NULL,
	  NULL,
	  "without client-id" },
	{ "Google has no client credentials",
	  { .provider = "google", .client_id = "c", .client_secret = "s" },
	  NULL,
	  NULL,
	  "without refresh-token" },
	{ "tenant with a slash",
	  { .provider = "microsoft365", .client_id = "c", .tenant_id = "../x", .client_secret = "s" },
	  NULL,
	  NULL,
	  "tenant" },
	{ "no URL",
	  { .token_url = "login.example", .client_id = "c", .client_secret = "s" },
	  NULL,
	  NULL,
	  "https://" },
};

static void check_request(const struct request_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_wipe) struct buf form = { 0 };
	struct err e = { 0 };
	const char *url = NULL;
	bool ok = oauth_request_form(&c->o, a, &url, &form, &e);
	if (ok != (c->url != NULL))
		fail_msg("%s: %s", c->name, e.what);
	if (ok) {
		assert_string_equal(url, c->url);
		assert_string_equal(arena_dup(a, buf_str(&form).p, buf_waiting(&form)), c->form);
		return;
	}
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(buf_waiting(&form), 0);
	if (!strstr(e.what, c->what))
		fail_msg("%s: \"%s\"", c->name, e.what);
}

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(request_cases); i++)
		check_request(&request_cases[i]);
}

#define GUID "11111111-2222-3333-4444-555555555555"
#define LONG "abcDEF8Q~0123456789abcdefghijklmnopqrstu"

static const struct {
	const char *name, *body;
	bool read;
	const char *token;
	long expires_in;
	const char *error, *description;
} answer_cases[] = {
	{ "Microsoft",
	  "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"eyJ0."
	  "e30.x\"}",
	  true, "eyJ0.e30.x", 3599, "", "" },
	{ "seconds as text", "{\"access_token\":\"a\",\"expires_in\":\"3600\"}", true, "a", 3600, "", "" },
	{ "seconds absurd", "{\"access_token\":\"a\",\"expires_in\":-5}", true, "a", 0, "", "" },
	{ "seconds beyond", "{\"access_token\":\"a\",\"expires_in\":9999999999}", true, "a", 0, "", "" },
	{ "AADSTS",
	  "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret "
	  "provided for app '" GUID "'. Trace ID: " GUID "\\r\\n\",\"error_codes\":[7000215]}",
	  true, "", 0, "invalid_client",
	  "AADSTS7000215: Invalid client secret provided for app '" GUID "'. Trace ID: " GUID "\\x0d\\x0a" },
	{ "Google",
	  "{\n \"error\": \"invalid_grant\",\n \"error_description\": \"Token has been expired or "
	  "revoked.\"\n}",
	  true, "", 0, "invalid_grant", "Token has been expired or revoked." },
	{ "nested", "{\"error\":{\"code\":400,\"message\":\"bad\",\"status\":\"INVALID_ARGUMENT\"}}", true,
	  "", 0, "INVALID_ARGUMENT", "bad" },
	{ "a secret echoed", "{\"error\":\"x\",\"error_description\":\"got " LONG ", sorry\"}", true, "", 0,
	  "x", "got [hidden], sorry" },
	{ "a secret in a query",
	  "{\"error\":\"x\",\"error_description\":\"at "
	  "https://login.example/a/very/long/path/that/goes/on?t=" LONG "\"}",
	  true, "", 0, "x", "at https://login.example/a/very/long/path/that/goes/on?[hidden]" },
	{ "terminal escape", "{\"error\":\"\\u001b[2J\"}", true, "", 0, "\\x1b[2J", "" },
	{ "error beats token", "{\"error\":\"x\",\"access_token\":\"t\"}", true, "", 0, "x", "" },
	{ "empty", "", false, "", 0, "", "" },
	{ "a page", "<html>Proxy login</html>", false, "", 0, "", "" },
	{ "list", "[]", false, "", 0, "", "" },
	{ "no token", "{}", false, "", 0, "", "" },
	{ "token no text", "{\"access_token\":7}", false, "", 0, "", "" },
	{ "token with a line break", "{\"access_token\":\"a\\nb\"}", false, "", 0, "", "" },
	{ "token not ASCII", "{\"access_token\":\"\xc3\xa4\"}", false, "", 0, "", "" },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answer_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct oauth_answer out;
		bool read = oauth_answer_read(str_of(answer_cases[i].body), a, &out);
		if (read != answer_cases[i].read || !str_eq(buf_str(&out.token), answer_cases[i].token))
			fail_msg("%s: %d, token of %zu", answer_cases[i].name, read, buf_waiting(&out.token));
		assert_string_equal(out.error, answer_cases[i].error);
		assert_string_equal(out.description, answer_cases[i].description);
		assert_int_equal(out.expires_in, answer_cases[i].expires_in);
		oauth_answer_wipe(&out);
	}
}

static const struct {
	const char *name, *body, *refresh;
} refresh_cases[] = {
	{ "none came", "{\"access_token\":\"a\"}", "" },
	{ "another", "{\"access_token\":\"a\",\"refresh_token\":\"0.AX-2\"}", "0.AX-2" },
	{ "with a line break", "{\"access_token\":\"a\",\"refresh_token\":\"b\\nc\"}", "" },
	{ "empty", "{\"access_token\":\"a\",\"refresh_token\":\"\"}", "" },
	{ "no text", "{\"access_token\":\"a\",\"refresh_token\":7}", "" },
	{ "without the token itself", "{\"refresh_token\":\"b\"}", "" },
	{ "beside an error", "{\"error\":\"x\",\"refresh_token\":\"b\"}", "" },
};

static void test_refresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refresh_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct oauth_answer out;
		(void)!oauth_answer_read(str_of(refresh_cases[i].body), a, &out);
		if (!str_eq(buf_str(&out.refresh), refresh_cases[i].refresh))
			fail_msg("%s: of %zu", refresh_cases[i].name, buf_waiting(&out.refresh));
		oauth_answer_wipe(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_refresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
