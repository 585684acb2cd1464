/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <getopt.h>

#include "base/nearest.h"

static const struct near_case {
	const char *given, *name;
	unsigned wrong; /* letters amiss: with one fewer allowed it is none */
} near_cases[] = {
	{ "smtp.gmail.com", "smtp.gmail.com", 0 },
	{ "stmp.gmail.com", "smtp.gmail.com", 1 },
	{ "smtp.gmial.com", "SMTP.gmail.com", 1 },
	{ "smtp.gmal.com", "smtp.gmail.com", 1 },
	{ "", "ab", 2 },
	{ "kitten", "sitting", 3 },
	{ "abcdef", "uvwxyz", 6 },
};

static bool is_near(const struct near_case *c, unsigned wrong)
{
	struct nearest n = nearest_to(str_of(c->given), wrong);
	nearest_look(&n, c->name);
	return n.name == c->name;
}

static void test_letters_amiss(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(near_cases); i++) {
		const struct near_case *c = &near_cases[i];
		if (!is_near(c, c->wrong) || (c->wrong && is_near(c, c->wrong - 1)))
			fail_msg("\"%s\" and \"%s\"", c->given, c->name);
	}
}

static void test_nearest_of_several(void **state)
{
	(void)state;
	static const char *const names[] = { "trade", "grace", "trace", "tracy" };
	struct nearest n = nearest_to(STR_LIT("tracex"), NEAREST_WRONG);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		nearest_look(&n, names[i]);
	assert_string_equal(n.name, "trace");
	n = nearest_to(STR_LIT("crate"), NEAREST_WRONG);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		nearest_look(&n, names[i]);
	assert_string_equal(n.name, "trade"); /* as near as others: the first stays */
}

static void test_too_long(void **state)
{
	(void)state;
	char name[301] = "";
	memset(name, 'a', 300);
	struct nearest n = nearest_to(str_of(name), 500);
	nearest_look(&n, "a");
	nearest_look(&n, name);
	assert_null(n.name);
}

static const struct {
	const char *given, *meant;
} option_cases[] = {
	{ "--jsn", "json" },           { "--jsn=x", "json" }, { "--JSON", "json" },
	{ "--colour=never", "color" }, { "--js", NULL }, /* two letters could be anything */
	{ "--output", NULL },          { "--", NULL },
};

static void test_options(void **state)
{
	(void)state;
	static const struct option longs[] = { { "json", no_argument, NULL, 1 },
					       { "color", required_argument, NULL, 2 },
					       { 0 } };
	for (size_t i = 0; i < ARRAY_LEN(option_cases); i++) {
		const char *found = nearest_option(longs, option_cases[i].given);
		if (!z_eq(found ? found : "", option_cases[i].meant ? option_cases[i].meant : ""))
			fail_msg("%s: %s", option_cases[i].given, found ? found : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_amiss),
		cmocka_unit_test(test_nearest_of_several),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
