/* SPDX-License-Identifier: Apache-2.0 */
/* What a token of JWT's form says of itself; of any other, only its length. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/base64.h"
#include "net/oauth.h"

#define HEAD "{\"typ\":\"JWT\",\"alg\":\"RS256\"}"

static const struct claim_case {
	const char *name, *payload;
	const char *audience, *scope, *user, *roles;
	long long expires;
	bool delegated;
} claim_cases[] = {
	{ "delegated",
	  "{\"aud\":\"https://outlook.office.com\",\"scp\":\"SMTP.Send "
	  "User.Read\",\"upn\":\"ann@example.com\",\"exp\":1795250978}",
	  "https://outlook.office.com", "SMTP.Send User.Read", "ann@example.com", "", 1795250978, true },
	{ "application",
	  "{\"aud\":\"https://"
	  "outlook.office365.com\",\"roles\":[\"SMTP.SendAsApp\",\"Mail.Send\"],\"idtyp\":\"app\",\"exp\":1."
	  "5e9}",
	  "https://outlook.office365.com", "", "", "SMTP.SendAsApp Mail.Send", 1500000000, false },
	{ "several audiences", "{\"aud\":[\"a\",\"b\",7],\"scope\":[\"x\",\"y\"]}", "a b", "x y", "", "", 0,
	  true },
	{ "another name for the user", "{\"preferred_username\":\"u@x\",\"email\":\"e@x\"}", "", "", "u@x",
	  "", 0, false },
	{ "wrong types", "{\"aud\":7,\"roles\":\"one\",\"scp\":{},\"exp\":\"soon\",\"upn\":null}", "", "", "",
	  "one", 0, false },
	{ "absurd time", "{\"exp\":1e300}", "", "", "", "", 0, false },
	{ "time before the epoch", "{\"exp\":-1}", "", "", "", "", 0, false },
	{ "hidden characters", "{\"upn\":\"a\\u202eb\"}", "", "", "a\\xe2\\x80\\xaeb", "", 0, true },
	{ "nothing", "{}", "", "", "", "", 0, false },
};

/* Builds base64url without padding, as issuers do. */
static const char *token_of(struct arena *a, const char *head, const char *payload)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const char *parts[] = { head, payload, "signature" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		CLEANUP(buf_clear) struct buf coded = { 0 };
		base64_encode(&coded, str_of(parts[i]));
		struct str s = buf_str(&coded);
		buf_adds(&b, i ? "." : "");
		for (size_t k = 0; k < s.len && s.p[k] != '='; k++) {
			char c = s.p[k] == '+' ? '-' : s.p[k] == '/' ? '_' : s.p[k];
			buf_add(&b, &c, 1);
		}
	}
	return arena_dup(a, buf_str(&b).p, buf_waiting(&b));
}

static void test_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(claim_cases); i++) {
		const struct claim_case *c = &claim_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct token_claims out;
		token_claims_read(str_of(token_of(a, HEAD, c->payload)), a, &out);
		assert_string_equal(out.form, "jwt");
		assert_string_equal(out.audience, c->audience);
		assert_string_equal(out.scope, c->scope);
		assert_string_equal(out.user, c->user);
		assert_string_equal(strlist_join(&out.roles, a, " "), c->roles);
		assert_int_equal(out.expires, c->expires);
		if (out.delegated != c->delegated)
			fail_msg("%s: delegated %d", c->name, out.delegated);
	}
}

/* The example of RFC 7519, 3.1. */
#define RFC_JWT                                                                                              \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"  \
	"Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

static const struct {
	const char *token, *form;
} form_cases[] = {
	{ RFC_JWT, "jwt" },
	{ "ya29.a0AfH6SMBx-y_z", "opaque" },
	{ "EwB4A8l6BAAU", "opaque" },
	{ "a.b.c", "opaque" },
	{ "", "malformed" },
	{ "two words", "malformed" },
	{ "abc\n", "malformed" },
	{ "t\xc3\xb6ken", "malformed" },
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "malformed" },
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.e30", "malformed" },
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.bm9uZQ.x", "malformed" },
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.W10.x", "malformed" },
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.e30.x.y", "malformed" },
	{ "eyJ0eXAiOiJKV.e30.x", "malformed" },
	{ "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.a.b.c.d",
	  "opaque" }, /* encrypted: {"alg":"dir","enc":..} */
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(form_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct token_claims out;
		token_claims_read(str_of(form_cases[i].token), a, &out);
		if (strcmp(out.form, form_cases[i].form) != 0)
			fail_msg("%s: %s", form_cases[i].token, out.form);
		assert_non_null(out.audience);
	}
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct token_claims out;
	token_claims_read(STR_LIT(RFC_JWT), a, &out);
	assert_string_equal(out.issuer, "joe");
	assert_int_equal(out.expires, 1300819380);
}

static void test_every_cut_of_a_token(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t cut = 0; cut < strlen(RFC_JWT); cut++) {
		struct token_claims out;
		token_claims_read(str_cut(STR_LIT(RFC_JWT), 0, cut), a, &out);
		assert_non_null(out.form);
	}
}

static void test_too_long(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(mem_free) char *big = mem_alloc(OAUTH_TOKEN_BYTES_MAX + 1);
	memset(big, 'x', OAUTH_TOKEN_BYTES_MAX + 1);
	struct token_claims out;
	token_claims_read((struct str){ big, OAUTH_TOKEN_BYTES_MAX + 1 }, a, &out);
	assert_string_equal(out.form, "malformed");
	token_claims_read((struct str){ big, OAUTH_TOKEN_BYTES_MAX }, a, &out);
	assert_string_equal(out.form, "opaque");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_every_cut_of_a_token),
		cmocka_unit_test(test_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
