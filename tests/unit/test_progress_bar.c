/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "cli/progress_bar.h"

static const struct bar_case {
	struct progress_at at;
	long long elapsed_ms;
	unsigned columns;
	const char *holds, *lacks;
} cases[] = {
	{ { 0, 0, 0 }, 0, 80, "mail.log 0 B, 0 lines/s", "%" },
	{ { 5000000, 0, 40000 }, 2000, 80, "5.0 MB, 20k lines/s", "left" },
	{ { 500, 1000, 10 }, 4000, 80, "50 %  500 B of 1.0 KB, 2 lines/s, 4 s left", "[" },
	{ { 500, 1000, 10 }, 4000, 120, "[###############...............] 50 %", "%s" },
	{ { 1, 3601, 10 }, 1000, 80, "60 min left", "s left" },
	{ { 2000, 1000, 10 }, 500, 120, "[##############################] 200 %", "left" },
	{ { 1000, 1000, 10 }, 4000, 200, "100 %", ".]" },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[PROGRESS_LINE_BYTES];
		progress_bar_line(line, cases[i].columns, "mail.log", &cases[i].at, cases[i].elapsed_ms);
		if (!strstr(line, cases[i].holds) || strstr(line, cases[i].lacks))
			fail_msg("%zu: %s", i, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
