/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/write.h"

static void test_whole(void **state)
{
	(void)state;
	int ends[2];
	char got[8] = "";
	assert_int_equal(pipe(ends), 0);
	assert_true(write_whole(ends[1], STR_LIT("")));
	assert_true(write_whole(ends[1], STR_LIT("abc")));
	assert_int_equal(read(ends[0], got, sizeof(got)), 3);
	assert_string_equal(got, "abc");
	close(ends[0]);
	close(ends[1]);
}

/* The reader went away: errno says it. */
static void test_broken(void **state)
{
	(void)state;
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_false(write_whole(ends[1], STR_LIT("abc")));
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
}

/* Short or long, beyond what a FILE keeps: the reason is told. */
static void test_full(void **state)
{
	(void)state;
	static const size_t sizes[] = { 1, 100000 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct err e = { 0 };
		FILE *f = fopen("/dev/full", "we");
		assert_non_null(f);
		for (size_t n = 0; n < sizes[i]; n++)
			fputc('x', f);
		assert_false(write_end(f, "the report", &e));
		assert_int_equal(e.kind, ERR_SYS);
		assert_string_equal(e.what, "the report");
		assert_string_equal(e.detail, strerror(ENOSPC));
		fclose(f);
	}
}

static void test_written(void **state)
{
	(void)state;
	struct err e = { 0 };
	char text[8] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	fputs("abc", f);
	assert_true(write_end(f, "the report", &e));
	assert_string_equal(text, "abc"); /* before it is closed */
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole), cmocka_unit_test(test_broken),
					    cmocka_unit_test(test_full), cmocka_unit_test(test_written) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
