/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a configuration that a mistake is told of. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/buf.h"
#include "cli/config_place.h"

static void test_place(void **state)
{
	(void)state;
	static const char text[] = "a = \"listen {\"\nlisten \"x\" {\n b = 'q\n'\n}\nlisten \"y\" { c = 1\n "
				   "oauth {\n c = 3 d = 1 } d = 2 }\nz = { \"1\",\n\"2\" }\nw = 3\n";
	static const struct {
		const char *block, *title, *option;
		unsigned line;
	} cases[] = {
		{ "", "", "a", 1 },        { "listen", "x", "", 2 },  { "listen", "x", "b", 3 },
		{ "listen", "y", "", 6 },  { "listen", "y", "c", 6 }, { "listen", "y", "d", 8 },
		{ "listen", "y", "e", 6 }, { "", "", "z", 9 },        { "", "", "w", 11 },
		{ "route", "r", "", 1 },   { "", "", "listen", 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned line = config_place(str_of(text), cases[i].block, cases[i].title, cases[i].option);
		if (line != cases[i].line)
			fail_msg("%s %s %s: line %u", cases[i].block, cases[i].title, cases[i].option, line);
	}
	for (size_t n = 0; n <= strlen(text); n++) /* any beginning can be asked */
		(void)config_place((struct str){ text, n }, "listen", "y", "d");
}

/* A file of blocks within blocks costs no more stack than one that could be read. */
static void test_deep(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct config_twice t;
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "a { b = 1 ");
	assert_true(config_is_told_once(buf_str(&text), &t));
	assert_false(config_is_told_once(STR_LIT("a { b { c = 1 c = 2 } }"), &t));
	assert_true(str_eq(t.name, "c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
