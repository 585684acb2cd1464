/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "catalog/cause_json.h"
#include "catalog/finding.h"
#include "catalog/fix_line.h"

static const struct line_case {
	const char *command, *joined;
	struct fix_line lines[3];
} cases[] = {
	{ "", "", { { 0 } } },
	{ "dig example.com", "dig example.com", { { "", "dig example.com" } } },
	{ "a; b", "a; b", { { "", "a; b" } } },
	{ "Postfix\tpostqueue -p\nMicrosoft 365\tGet-User | Format-List",
	  "Postfix: postqueue -p\nMicrosoft 365: Get-User | Format-List",
	  { { "Postfix", "postqueue -p" }, { "Microsoft 365", "Get-User | Format-List" } } },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct line_case *c = &cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct str rest = str_of(c->command);
		struct fix_line l;
		for (const struct fix_line *want = c->lines; want->line; want++) {
			assert_true(fix_line_next(&rest, a, &l));
			assert_string_equal(l.system, want->system);
			assert_string_equal(l.line, want->line);
		}
		assert_false(fix_line_next(&rest, a, &l));
		assert_string_equal(fix_line_join(a, c->command), c->joined);
	}
}

/* What programs are told: "command" as ever, and a line for each system. */
static void test_json(void **state)
{
	(void)state;
	const struct finding_fix fixes[] = { { ACTOR_USER, "One.", "" },
					     { ACTOR_MAIL_ADMIN, "Two:", cases[3].command },
					     { ACTOR_USER, "Three:", cases[1].command } };
	const struct finding_entry entry = { .fixes = fixes, .nfixes = ARRAY_LEN(fixes) };
	const struct cause c = { .entry = &entry, .fixes = fixes, .nfixes = ARRAY_LEN(fixes) };
	json_t *want =
		json_loads("[{\"actor\": \"user\", \"text\": \"One.\"},"
			   "{\"actor\": \"mail-admin\", \"text\": \"Two:\","
			   " \"command\": \"Postfix: postqueue -p\\nMicrosoft 365: Get-User | Format-List\", "
			   "\"commands\": ["
			   "{\"system\": \"Postfix\", \"line\": \"postqueue -p\"},"
			   "{\"system\": \"Microsoft 365\", \"line\": \"Get-User | Format-List\"}]},"
			   "{\"actor\": \"user\", \"text\": \"Three:\", \"command\": \"dig example.com\","
			   " \"commands\": [{\"line\": \"dig example.com\"}]}]",
			   0, NULL);
	json_t *got = cause_fixes_json(&c);
	assert_non_null(want);
	assert_true(json_equal(want, got));
	json_decref(want);
	json_decref(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
