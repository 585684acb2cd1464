/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "tests/unit/explain_cases.h"

static size_t failures;

static void check_text(const struct explain_case *c, const char *what, const char *want, const char *is)
{
	if (!want || !strcmp(want, is))
		return;
	failures++;
	print_error("%s: %s is \"%s\", not \"%s\"\n", c->name, what, is, want);
}

static void check_case(const struct explain_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct explanation x;
	explain_text(a, str_of(c->text), NULL, &x);
	if (x.code != c->code) {
		failures++;
		print_error("%s: code is %u, not %u\n", c->name, x.code, c->code);
	}
	check_text(c, "enhanced", c->enhanced, x.enhanced);
	check_text(c, "provider", c->provider, x.provider);
	check_text(c, "step", c->step, x.step);
	check_text(c, "host", c->host, x.host);
	check_text(c, "recipient", c->recipient, x.recipient);
	check_text(c, "class", c->class, x.class->id);
	check_text(c, "id", c->id, x.meanings[0].entry->id);
	check_text(c, "retry", c->retry, x.retry);
	check_text(c, "text", c->said, x.text);
}

static void test_cases(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < ARRAY_LEN(explain_cases); i++)
		check_case(&explain_cases[i]);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
