/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole), cmocka_unit_test(test_broken) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
