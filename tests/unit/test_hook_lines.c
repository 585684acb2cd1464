/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "store/store.h"
#include "web/hook_lines.h"

static const struct lines_case {
	const char *lines, *want;
	size_t n, broken;
} lines_cases[] = {
	{ "{\"a\":1}\n{}\n", "{\"schema\":1,\"events\":[{\"a\":1},{}]}", 2, 0 },
	{ "{\"a\":{\"b\":2}\n{}\n", "{\"schema\":1,\"events\":[{}]}", 1, 1 }, /* half a line, and another */
	{ "{}\nx\n7\n\n", "{\"schema\":1,\"events\":[{}]}", 1, 2 },
	{ "{\n", "{\"schema\":1,\"events\":[]}", 0, 1 },
};

static void test_hook_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines_cases); i++) {
		const struct lines_case *c = &lines_cases[i];
		CLEANUP(buf_clear) struct buf b = { 0 };
		size_t broken;
		assert_int_equal(hook_lines_document(str_of(c->lines), &b, &broken), c->n);
		assert_int_equal(broken, c->broken);
		if (!str_eq(buf_str(&b), c->want))
			fail_msg("%zu: " STR_FMT, i, STR_ARG(buf_str(&b)));
	}
}

static const struct wanted_case {
	const char *name, *line;
	unsigned states;
	bool wanted;
} wanted_cases[] = {
	{ "all", "{\"state\":\"queued\"}", 0, true },
	{ "this one", "{\"id\":\"x\",\"state\":\"refused\"}", 1u << STORE_REFUSED, true },
	{ "another", "{\"state\":\"queued\"}", 1u << STORE_REFUSED, false },
	{ "in a text", "{\"why\":\"\\\"state\\\":\\\"refused\\\"\",\"state\":\"queued\"}",
	  1u << STORE_REFUSED, false },
	{ "none", "{}", 0, false },
	{ "cut off", "{\"state\":\"refu", 1u << STORE_REFUSED, false },
};

static void test_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted_cases); i++)
		if (hook_line_wanted(str_of(wanted_cases[i].line), wanted_cases[i].states) !=
		    wanted_cases[i].wanted)
			fail_msg("%s", wanted_cases[i].name);
}

static const struct mark_case {
	const char *name, *a, *b;
	bool same;
} mark_cases[] = {
	{ "another lane since",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"sending\",\"sender\":\"s\",\"tries\":0,"
	  "\"lane\":\"a\"}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"sending\",\"sender\":\"s\",\"tries\":0,"
	  "\"lane\":\"b\"}",
	  true },
	{ "held when it came", "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"held\",\"sender\":\"s\"}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"queued\",\"sender\":\"s\"}", true },
	{ "another recipient",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"queued\",\"sender\":\"s\"}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":1,\"state\":\"queued\",\"sender\":\"s\"}", false },
	{ "the dot in the same millisecond",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"sending\",\"sender\":\"s\",\"tries\":0}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"sending\",\"dot\":true,\"sender\":\"s\","
	  "\"tries\":0}",
	  false },
	{ "another reason in the same millisecond",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"held\",\"sender\":\"s\",\"why\":\"a\","
	  "\"tries\":0}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"held\",\"sender\":\"s\",\"why\":\"b\","
	  "\"tries\":0}",
	  false },
	{ "taken, and queued by a mark",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"queued\",\"sender\":\"s\"}",
	  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":0,\"state\":\"queued\",\"sender\":\"s\",\"tries\":0}",
	  false },
};

static void test_mark(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mark_cases); i++) {
		const struct mark_case *c = &mark_cases[i];
		struct seen_mark a = hook_line_mark(str_of(c->a)), b = hook_line_mark(str_of(c->b));
		if ((a.low == b.low && a.high == b.high) != c->same)
			fail_msg("%s", c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hook_lines),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_mark),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
