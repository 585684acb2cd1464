/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "catalog/token_refused.h"

#define GOOGLE "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}"

static const struct note_case {
	const char *text, *kept, *reason; /* kept NULL: there is no note */
} notes[] = {
	{ GOOGLE, GOOGLE, "of the kind" },
	{ "535 5.7.8 no " GOOGLE " gsmtp", GOOGLE, "of the kind" },
	{ "{ \"status\" : 401, \"schemes\" : \"bearer mac\" }",
	  "{\"status\":\"401\",\"schemes\":\"bearer mac\"}", "has run out" },
	{ "{\"status\":\"invalid_token\",\"openid-configuration\":\"https://x.example/\"}",
	  "{\"status\":\"invalid_token\"}", "has run out" },
	{ "{\"status\":\"insufficient_scope\",\"scope\":\"mail\"}",
	  "{\"status\":\"insufficient_scope\",\"scope\":\"mail\"}", "permission" },
	{ "{1} {\"status\":\"odd\",\"scope\":\"a\\nb\"}", "{\"status\":\"odd\",\"scope\":\"a\\\\x0ab\"}",
	  "" },
	/* What may be an echo of what was sent is not kept. */
	{ "{\"status\":\"401\",\"scope\":\"s\",\"token\":\"ya29.secret\"}",
	  "{\"status\":\"401\",\"scope\":\"s\"}", "has run out" },
	/* The status alone is all that RFC 7628 requires; it has to be one that is known. */
	{ "{\"status\":\"invalid_token\"}", "{\"status\":\"invalid_token\"}", "has run out" },
	{ "{\"status\":\"odd\"}", NULL, NULL },
	{ "{\"status\":401}", NULL, NULL },
	{ "{\"status\":\"401\",\"message\":\"Unauthorized\"}", NULL, NULL },
	{ "{\"status\":\"bounced\",\"email\":\"a@example.com\"}", NULL, NULL },
	{ "{\"status\":\"400\",\"schemes\":\"Bear", NULL, NULL },
	{ "[1]", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_notes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		const struct note_case *c = &notes[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct token_note n;
		assert_int_equal(token_note_find(a, str_of(c->text), &n), c->kept != NULL);
		if (!c->kept)
			continue;
		assert_string_equal(token_note_text(a, &n), c->kept);
		assert_non_null(strstr(token_note_reason(&n), c->reason));
	}
}

/* Such base64 may be shown: a note, in whatever order or cut off, and no token beside it. */
static void test_coded(void **state)
{
	(void)state;
	static const struct {
		const char *coded;
		bool is_note;
	} all[] = {
		{ "eyJzY2hlbWVzIjoiYmVhcmVyIiwic3RhdHVzIjoiNDAxIiwic2NvcGUiOiJtYWlsIn0=", true },
		{ "eyJzdGF0dXMiOiI0MDEiLCJzY2hlb", true },
		{ "eyJzY29wZSI6Im1haWwiLCJzY2hlbWVzIjoiYmVhcmVyIiwidG9rZW4iOiJ5YTI5LnNlY3JldCJ9", false },
		{ "AGJvYgBodW50ZXIy", false },
		{ "", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_int_equal(token_note_is_coded(str_of(all[i].coded)), all[i].is_note);
}

static void test_long_value(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	char scope[TOKEN_NOTE_FIELD_MAX + 2] = "";
	memset(scope, 's', sizeof(scope) - 1);
	struct token_note n;
	assert_true(token_note_find(a, str_of(arena_printf(a, "{\"schemes\":\"b\",\"scope\":\"%s\"}", scope)),
				    &n));
	assert_string_equal(n.scope, "");
	char pad[TOKEN_NOTE_MAX] = "";
	memset(pad, 'x', sizeof(pad) - 1);
	assert_false(token_note_find(
		a, str_of(arena_printf(a, "{\"pad\":\"%s\",\"status\":\"401\",\"schemes\":\"b\"}", pad)),
		&n));
}

/* What the reply alone means, and what it means of a token. */
static const struct refused_case {
	unsigned code;
	const char *enhanced, *text, *provider, *note, *first, *gone;
} refusals[] = {
	{ 535, "5.7.8", "Username and Password not accepted", "google", GOOGLE, "oauth-334-challenge",
	  "auth-bad-credentials" },
	{ 535, "5.7.8", "Error: authentication failed", "", NULL, "oauth-token-refused",
	  "auth-bad-credentials" },
	{ 535, "5.7.3", "Authentication unsuccessful", "microsoft365", NULL, "auth-unsuccessful-573",
	  "auth-bad-credentials" },
	{ 535, "5.7.3", "Authentication unsuccessful", "microsoft365", GOOGLE, "oauth-334-challenge",
	  "auth-bad-credentials" },
	{ 535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
	  "microsoft365", GOOGLE, "auth-smtp-disabled-tenant", "oauth-334-challenge" },
	{ 535, "", "no", "", NULL, "oauth-token-refused", "auth-bad-credentials" },
	{ 454, "4.7.0", "Temporary authentication failure", "", NULL, "auth-temporary-454",
	  "oauth-token-refused" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refused_case *c = &refusals[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		const struct reply_context x = { .provider = c->provider,
						 .step = "auth",
						 .code = c->code,
						 .enhanced = c->enhanced,
						 .text = c->text,
						 .tls = true };
		struct token_note note;
		bool noted = c->note && token_note_find(a, str_of(c->note), &note);
		size_t n = token_refused(m, reply_meanings(&x, m), noted ? &note : NULL);
		assert_in_range(n, 1, REPLY_MEANINGS_MAX);
		assert_string_equal(m[0].entry->id, c->first);
		for (size_t k = 0; k < n; k++) {
			assert_string_not_equal(m[k].entry->id, c->gone);
			assert_true(!k || m[k].confidence <= m[k - 1].confidence);
		}
	}
}

/* A full list stays one, whatever comes into it. */
static void test_full_list(void **state)
{
	(void)state;
	static const char *const ids[REPLY_MEANINGS_MAX] = { "unknown-reply",     "rcpt-policy-refused",
							     "mf-sender-refused", "rcpt-user-unknown",
							     "rcpt-greylisted",   "rcpt-mailbox-full" };
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		m[i] = (struct reply_meaning){ finding_entry_find(ids[i]), 0.4, "" };
	const struct token_note note = { "401", "bearer", "" };
	assert_int_equal(token_refused(m, REPLY_MEANINGS_MAX, &note), REPLY_MEANINGS_MAX);
	assert_string_equal(m[0].entry->id, "oauth-334-challenge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notes),      cmocka_unit_test(test_coded),
		cmocka_unit_test(test_long_value), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_full_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
