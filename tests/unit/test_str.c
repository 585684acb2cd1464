/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/str.h"

static const struct find_case {
	const char *name, *in, *needle;
	size_t at, iat; /* with the case, and without */
} find_cases[] = {
	{ "at the front", "Said: 550", "Said", 0, 0 },
	{ "in the first eight", "ab Said: 550", "Said", 3, 3 },
	{ "across eight", "abcdef Said: 550", "Said: 5", 7, 7 },
	{ "at the end", "abcdefghijkl550", "550", 12, 12 },
	{ "one byte", "abcdefghij;", ";", 10, 10 },
	{ "beyond the end", "abcdefghijk said", "said:", 16, 16 },
	{ "the other case", "abcdefghijk SAID: x", "said:", 19, 12 },
	{ "begun twice", "aaaaaaaaaaaab", "aab", 10, 10 },
	{ "no letter, but like one", "abcdefgh[[[{", "{", 11, 11 },
	{ "outside ASCII", "abcdefgh\xc3\xa4\xc3\xa4z", "\xc3\xa4z", 10, 10 },
	{ "nothing to find", "abc", "", 0, 0 },
	{ "nothing to look in", "", "a", 0, 0 },
	{ "longer than the text", "abc", "abcd", 3, 3 },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(find_cases); i++) {
		const struct find_case *c = &find_cases[i];
		size_t at = str_find(str_of(c->in), str_of(c->needle)),
		       iat = str_ifind(str_of(c->in), c->needle);
		if (at != c->at || iat != c->iat)
			fail_msg("%s: %zu and %zu", c->name, at, iat);
	}
}

static void test_same(void **state)
{
	(void)state;
	assert_true(str_ieq(str_of("RCPT"), "rcpt") && str_ieq(str_of(""), ""));
	assert_false(str_ieq(str_of("[cpt"), "{cpt")); /* as far apart as a letter and its capital */
	assert_true(str_equal(str_of("RCPT"), STR_LIT("RCPT")) && str_equal(str_of(""), (struct str){ 0 }));
	assert_false(str_equal(str_of("RCPT"), str_of("rcpt")) || str_equal(str_of("a"), str_of("ab")));
	assert_true(str_iequal(str_of("RCPT"), str_of("rcpt")) && str_iequal(str_of(""), (struct str){ 0 }));
	assert_false(str_iequal(str_of("ab"), str_of("a")) || str_iequal(str_of("[cpt"), str_of("{cpt")));
	assert_true(str_istarts(str_of("Subject: x"), "subject:") && str_istarts(str_of("x"), ""));
	assert_false(str_istarts(str_of("Sub"), "subject"));
	assert_true(str_iends(str_of("a.PDF"), ".pdf"));
	assert_false(str_iends(str_of("pdf"), ".pdf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find), cmocka_unit_test(test_same) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
