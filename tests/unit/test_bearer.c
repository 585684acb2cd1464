/* SPDX-License-Identifier: Apache-2.0 */
/* What an identity provider says of a token, and what that allows; hostile answers. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/door/bearer_verdict.h"

static const int64_t now_ms = 1800000000500;

static const struct verdict_case {
	const char *json;
	const char *user; /* NULL: it is no answer at all */
	enum bearer_result result;
	int64_t keep_ms;
	enum relay_claim claim;
} cases[] = {
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp x\",\"aud\":\"us\",\"iss\":\"i\"}", "a",
	  BEARER_GOOD, 120000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"x smtp\",\"aud\":[\"b\",\"us\"],\"iss\":\"i\","
	  "\"exp\":1800000001,\"token_type\":\"bearer\"}",
	  "a", BEARER_GOOD, 500, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\","
	  "\"exp\":1800000000}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\",\"exp\":"
	  "\"never\"}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\",\"exp\":"
	  "1e300}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\","
	  "\"nbf\":1800000029}",
	  "a", BEARER_GOOD, 120000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\","
	  "\"nbf\":1800000031}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":false,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"I\"}", "",
	  BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\",\"cnf\":{}}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\",\"token_"
	  "type\":"
	  "\"DPoP\"}",
	  "", BEARER_INVALID, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"aud\":\"US\",\"iss\":\"i\"}", "",
	  BEARER_SCOPE, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtp\",\"iss\":\"i\"}", "", BEARER_SCOPE, 60000,
	  RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":\"smtps x\",\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_SCOPE, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\",\"scope\":[\"smtp\"],\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_SCOPE, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"sub\":\"a\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_NAMELESS, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\\nb\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_NAMELESS, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":7,\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "",
	  BEARER_NAMELESS, 60000, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"sub\":\"S\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "S", BEARER_GOOD,
	  120000, RELAY_CLAIM_SUB },
	{ "{\"active\":true,\"preferred_username\":\"p\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}",
	  "p", BEARER_GOOD, 120000, RELAY_CLAIM_PREFERRED_USERNAME },
	{ "{\"active\":true,\"email\":\"e@x\",\"scope\":\"smtp\",\"aud\":\"us\",\"iss\":\"i\"}", "e@x",
	  BEARER_GOOD, 120000, RELAY_CLAIM_EMAIL },
	{ "{\"active\":true,\"email\":\"e@x\",\"email_verified\":true,\"scope\":\"smtp\",\"aud\":\"us\","
	  "\"iss\":\"i\"}",
	  "e@x", BEARER_GOOD, 120000, RELAY_CLAIM_EMAIL },
	{ "{\"active\":true,\"email\":\"e@x\",\"email_verified\":false,\"scope\":\"smtp\",\"aud\":\"us\","
	  "\"iss\":\"i\"}",
	  "", BEARER_NAMELESS, 60000, RELAY_CLAIM_EMAIL },
	{ "{\"active\":true,\"email\":\"e@x\",\"email_verified\":\"true\",\"scope\":\"smtp\",\"aud\":\"us\","
	  "\"iss\":\"i\"}",
	  "", BEARER_NAMELESS, 60000, RELAY_CLAIM_EMAIL },
	{ "", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "<html>", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "true", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "[{\"active\":true}]", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"username\":\"a\"}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":\"true\"}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":1}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":false,\"active\":true}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"a\\u0000b\"}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true} {\"active\":true}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
	{ "{\"active\":true,\"username\":\"\xff\"}", NULL, BEARER_GOOD, 0, RELAY_CLAIM_USERNAME },
};

static void check_case(const struct verdict_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *us[] = { "them", "us" };
	const struct relay_identity_provider p = { .introspection = "https://i",
						   .claim = c->claim,
						   .scope = " smtp ",
						   .audience = { us, 2, 2 },
						   .issuer = "i",
						   .keep_s = 120 };
	struct introspection i;
	if (introspection_read(str_of(c->json), a, &i) != (c->user != NULL))
		fail_msg("%s: an answer, or not", c->json);
	if (!c->user)
		return;
	struct bearer_verdict v = bearer_judge(&p, &i, now_ms);
	if (v.result != c->result || strcmp(v.user, c->user) != 0 || v.keep_ms != c->keep_ms)
		fail_msg("%s: %d \"%s\" %lld", c->json, (int)v.result, v.user, (long long)v.keep_ms);
}

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* Every beginning of an answer is none; deep and long ones are none either. */
static void test_hostile(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct introspection i;
	struct str whole = str_of(cases[1].json);
	for (size_t n = 0; n < whole.len; n++)
		assert_false(introspection_read(str_cut(whole, 0, n), a, &i));
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (unsigned depth = 1; depth < 40; depth++) {
		buf_take(&b, buf_waiting(&b));
		buf_adds(&b, "{\"active\":true,\"x\":\"[[\\\"[[\",\"y\":");
		for (unsigned n = 0; n < depth; n++)
			buf_adds(&b, "[");
		for (unsigned n = 0; n < depth; n++)
			buf_adds(&b, "]");
		buf_adds(&b, "}");
		assert_int_equal(introspection_read(buf_str(&b), a, &i), depth < INTROSPECTION_DEPTH_MAX);
	}
	buf_take(&b, buf_waiting(&b));
	buf_adds(&b, "{\"active\":true,\"x\":\"");
	while (buf_waiting(&b) < INTROSPECTION_BYTES_MAX - 2)
		buf_adds(&b, "a");
	buf_adds(&b, "\"}");
	assert_true(introspection_read(buf_str(&b), a, &i));
	buf_adds(&b, " ");
	assert_false(introspection_read(buf_str(&b), a, &i));
}

static void test_question(void **state)
{
	(void)state;
	CLEANUP(buf_wipe) struct buf form = { 0 }, who = { 0 };
	introspection_form("a+b/c=&d", &form);
	assert_string_equal(buf_str(&form).p, "token=a%2Bb%2Fc%3D%26d&token_type_hint=access_token");
	introspection_who("re:lay", "s \xc3\xa4", &who);
	assert_string_equal(buf_str(&who).p, "Authorization: Basic cmUlM0FsYXk6cyUyMCVDMyVBNA==");
}

static void test_errors(void **state)
{
	(void)state;
	const struct relay_identity_provider p = { .scope = "smtp \"x\"" }, q = { .scope = "" };
	CLEANUP(buf_clear) struct buf a = { 0 }, b = { 0 };
	bearer_error_json(&p, BEARER_SCOPE, false, &a);
	assert_string_equal(buf_str(&a).p,
			    "{\"status\":\"insufficient_scope\",\"scope\":\"smtp \\\"x\\\"\"}");
	bearer_error_json(&q, BEARER_INVALID, true, &b);
	assert_string_equal(buf_str(&b).p, "{\"status\":\"401\",\"schemes\":\"bearer\"}");
	for (int r = BEARER_GOOD + 1; r < BEARER_RESULTS; r++)
		assert_true(*bearer_result_text((enum bearer_result)r));
}

/* Which account a claim opens. */
static void test_accounts(void **state)
{
	(void)state;
	struct relay_account accounts[] = { { .name = "App@example.com", .token_user = "" },
					    { .name = "box@example.com", .token_user = "Sub17" } };
	const struct relay_settings s = { .accounts = accounts, .naccounts = ARRAY_LEN(accounts) };
	assert_ptr_equal(relay_account_of_token(&s, "App@example.com"), &accounts[0]);
	assert_null(relay_account_of_token(&s, "app@EXAMPLE.com")); /* letter for letter */
	assert_ptr_equal(relay_account_of_token(&s, "Sub17"), &accounts[1]);
	assert_null(relay_account_of_token(&s, "sub17"));
	assert_null(relay_account_of_token(&s, "box@example.com")); /* it is opened by its token-user alone */
	assert_null(relay_account_of_token(&s, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_verdicts), cmocka_unit_test(test_hostile),
					    cmocka_unit_test(test_question), cmocka_unit_test(test_errors),
					    cmocka_unit_test(test_accounts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
