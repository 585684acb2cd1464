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

static const struct list_case {
	const char *list, *one;
	bool exact, folded;
} list_cases[] = {
	{ "a bc  d", "bc", true, true }, { "a bc", "BC", false, true }, { "a bc", "b", false, false },
	{ "abc", "abcd", false, false }, { "a bc d", "d", true, true }, { "", "a", false, false },
	{ "a b", "a b", false, false }, /* a piece holds no separator */
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list_cases); i++) {
		const struct list_case *c = &list_cases[i];
		if (str_lists(str_of(c->list), " ", str_of(c->one)) != c->exact ||
		    str_ilists(str_of(c->list), " ", str_of(c->one)) != c->folded)
			fail_msg("\"%s\" in \"%s\"", c->one, c->list);
	}
}

static void test_among(void **state)
{
	(void)state;
	static const char *const names[] = { "Bcc", "To" };
	assert_true(str_is_among(STR_LIT("to"), names, ARRAY_LEN(names)));
	assert_false(str_is_among(STR_LIT("to"), names, 1));
	assert_false(str_is_among(STR_LIT("t"), names, ARRAY_LEN(names)));
}

static void test_domain(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "a@b.example", "b.example" }, { "\"a@b\"@c", "c" }, { "a@", "" }, { "a", "" }, { "", "" }
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(str_eq(str_domain(str_of(cases[i][0])), cases[i][1]));
		assert_string_equal(z_domain(cases[i][0]), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find), cmocka_unit_test(test_same),
					    cmocka_unit_test(test_lists), cmocka_unit_test(test_among),
					    cmocka_unit_test(test_domain) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
