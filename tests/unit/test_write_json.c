/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/write.h"
#include "catalog/write_json.h"

static json_t *made(size_t bytes)
{
	CLEANUP(mem_free) char *text = mem_alloc(bytes + 1);
	memset(text, 'x', bytes);
	return json_pack("{s:s}", "a", text);
}

static void test_whole(void **state)
{
	(void)state;
	char text[32] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	struct err e = { 0 };
	write_json(f, made(2), JSON_COMPACT);
	assert_true(write_end(f, "it", &e));
	assert_string_equal(text, "{\"a\":\"xx\"}\n");
	fclose(f);
}

/* Within what a FILE keeps, and beyond. */
static void test_full(void **state)
{
	(void)state;
	for (size_t bytes = 1; bytes < 1000000; bytes *= 1000) {
		struct err e = { 0 };
		FILE *f = fopen("/dev/full", "we");
		assert_non_null(f);
		write_json(f, made(bytes), JSON_COMPACT);
		assert_false(write_end(f, "it", &e));
		assert_string_equal(e.detail, strerror(ENOSPC));
		fclose(f);
	}
}

/* What could not be made is no empty document that looks like success. */
static void test_none(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (!child) {
		FILE *f = fopen("/dev/null", "we");
		close(STDERR_FILENO);
		write_json(f, NULL, JSON_COMPACT);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
