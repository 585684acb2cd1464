/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/text.h"

static const struct {
	const char *name;
	struct str in;
	const char *out;
} printable_cases[] = {
	{ "plain", STR_LIT("250 ok"), "250 ok" },
	{ "UTF-8 stays", STR_LIT("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f" },
	{ "latin-1 is escaped", STR_LIT("gr\xfc\xdf"), "gr\\xfc\\xdf" },
	{ "controls", STR_LIT("a\0b\x1b[31m"), "a\\x00b\\x1b[31m" },
	{ "backslash", STR_LIT("a\\b"), "a\\\\b" },
	{ "zero width", STR_LIT("a\xe2\x80\x8b"), "a\\xe2\\x80\\x8b" },
	{ "overlong form", STR_LIT("\xc0\xaf"), "\\xc0\\xaf" },
	{ "cut sequence", STR_LIT("\xe2\x82"), "\\xe2\\x82" },
};

static void test_printable(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(printable_cases); i++)
		assert_string_equal(text_printable(a, printable_cases[i].in), printable_cases[i].out);
}

static const struct {
	const char *name;
	struct str in;
	bool has;
} control_cases[] = {
	{ "empty", STR_LIT(""), false },           { "plain", STR_LIT("a b~"), false },
	{ "UTF-8", STR_LIT("gr\xc3\xbc"), false }, { "a line break", STR_LIT("a\r\nb"), true },
	{ "a tab", STR_LIT("a\tb"), true },        { "NUL at the end", STR_LIT("ab\0"), true },
	{ "DEL", STR_LIT("\x7f"), true },
};

static void test_control(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(control_cases); i++)
		if (text_has_control(control_cases[i].in) != control_cases[i].has)
			fail_msg("%s", control_cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_printable),
					    cmocka_unit_test(test_control) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
