/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory_file.h"

#include "unit.h"

static void test_whole(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct memory_file m;
	memory_file_open(&m);
	fputs("one, ", m.file);
	fputs("two", m.file);
	assert_true(memory_file_whole(&m, &e));
	assert_string_equal(m.text, "one, two");
	assert_int_equal(m.n, 8);
	memory_file_clear(&m);
}

/* Half a document is none.  A full disk stands for memory that has run out: told at the close. */
static void test_not_whole(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct memory_file m = { .file = fopen("/dev/full", "w") };
	fputs("half of it", m.file);
	assert_false(memory_file_whole(&m, &e));
	assert_int_equal(e.kind, ERR_SYS);
	memory_file_clear(&m);
}

static void test_given_up(void **state)
{
	(void)state;
	struct memory_file m;
	memory_file_open(&m);
	fputs("nobody asks for it", m.file);
	memory_file_clear(&m);
	assert_null(m.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_not_whole),
		cmocka_unit_test(test_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
