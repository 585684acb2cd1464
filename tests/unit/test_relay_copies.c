/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of copies that may have arrived without an answer. */
#include "tests/unit/unit.h"

#include "relay/copies.h"

static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(copies_words(a, 1), "it may have arrived");
	assert_string_equal(copies_words(a, 4), "it may have arrived, perhaps 4 times");
}

/* An answer that says neither yes nor no is not called none. */
static void test_answer(void **state)
{
	(void)state;
	assert_string_equal(copies_answer(0), "no answer");
	assert_string_equal(copies_answer(650), "no clear answer");
	assert_string_equal(copies_answer(354), "no clear answer");
	assert_string_equal(copies_answer(550), "no answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
