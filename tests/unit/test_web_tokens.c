/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "web/tokens.h"

/* printf %s $SECRET | sha256sum */
#define SECRET "aaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH   "sha256:09f61f8d9cd65e6a0c258087c485b6293541364e42bd97b2d7936580c8aa3c54"
#define OTHER  "sha256:d9b5f58f0b38198293971865a14074f59eba3e82595becbe86ae51f1d9f1f65e"

static const struct tokens_case {
	const char *name, *text, *mend; /* mend NULL: fine */
	const char *found;              /* whose SECRET is; NULL: nobody's */
} tokens_cases[] = {
	{ "empty", "", NULL, NULL },
	{ "comments", "# a\n\n  # b\n", NULL, NULL },
	{ "first of two", "a read " HASH "\n\tb\tadmin " OTHER " x@example.com\r\n", NULL, "a" },
	{ "last of two", "a read " OTHER "\n\tb\tadmin " HASH " x@example.com\r\n", NULL, "b" },
	{ "no hash", "a read\n", "sha256sum", NULL },
	{ "in clear", "a read 0123456789012345678901234567890\n", "sha256sum", NULL },
	{ "short hash", "a read sha256:00ff\n", "sha256sum", NULL },
	{ "bad digit", "a read sha256:g9b5f58f0b38198293971865a14074f59eba3e82595becbe86ae51f1d9f1f65e\n",
	  "sha256sum", NULL },
	{ "bad role", "a root " HASH "\n", "one of read", NULL },
	{ "too much", "a read " HASH " x y\n", "sha256sum", NULL },
};

static bool is_found(const struct web_tokens *t, const char *name)
{
	const struct web_token *found = web_tokens_find(t, SECRET);
	return found ? name && z_eq(found->name, name) : !name;
}

static void test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens_cases); i++) {
		const struct tokens_case *c = &tokens_cases[i];
		struct err e = { 0 };
		CLEANUP(web_tokens_free) struct web_tokens *t = NULL;
		bool ok = web_tokens_read("tokens", str_of(c->text), &t, &e);
		if (ok != !c->mend || (!ok && !strstr(e.detail, c->mend)) || (ok && !is_found(t, c->found)))
			fail_msg("%s: %s (%s)", c->name, e.what, e.detail);
	}
}

static void test_token_is_found(void **state)
{
	(void)state;
	static const char text[] = "shop operate " HASH " app@example.com\nother read " OTHER "\n";
	struct err e = { 0 };
	CLEANUP(web_tokens_free) struct web_tokens *t = NULL;
	assert_true(web_tokens_read("tokens", str_of(text), &t, &e));
	const struct web_token *found = web_tokens_find(t, SECRET);
	assert_non_null(found);
	assert_string_equal(found->account, "app@example.com");
	assert_null(web_tokens_find(t, "aaaaaaaaaaaaaaaaaaaaaaab"));
	assert_null(web_tokens_find(t, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_token_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
