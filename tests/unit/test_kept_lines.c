/* SPDX-License-Identifier: Apache-2.0 */
/* What was learned, in a file of a line each: what of it is cut short spoils no other line. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/kept_lines.h"

struct lines {
	char text[64];
};

static void hear(void *user, struct str line)
{
	struct lines *x = user;
	size_t n = strlen(x->text);
	snprintf(x->text + n, sizeof(x->text) - n, "%.*s;", (int)line.len, line.p);
}

static struct lines lines_of(const char *path, size_t n)
{
	struct lines x = { "" };
	assert_int_equal(kept_lines_read(path, hear, &x), n);
	return x;
}

/* A disk that is full after so many bytes of one file. */
static void add_short(const char *path, struct str line, rlim_t bytes)
{
	struct rlimit was;
	getrlimit(RLIMIT_FSIZE, &was);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ bytes, was.rlim_max });
	kept_lines_add(path, line);
	setrlimit(RLIMIT_FSIZE, &was);
}

static void test_cut_short(void **state)
{
	char path[] = "/tmp/kept-XXXXXX";
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	close(fd);
	kept_lines_add(path, STR_LIT("first\n"));
	add_short(path, STR_LIT("second\n"), 10);
	assert_string_equal(lines_of(path, 1).text, "first;");
	add_short(path, STR_LIT("second\n"), 6); /* nothing of it */
	kept_lines_add(path, STR_LIT("third\n"));
	assert_string_equal(lines_of(path, 2).text, "first;third;");
	kept_lines_replace(path, STR_LIT("anew\n"));
	assert_string_equal(lines_of(path, 1).text, "anew;");
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cut_short) };
	signal(SIGXFSZ, SIG_IGN); /* so that a write is short, as on a full disk */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
