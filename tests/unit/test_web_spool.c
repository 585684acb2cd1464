/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "web/spool.h"

static struct spool *open_spool(const char *folder, bool *fresh)
{
	struct spool *s = NULL;
	struct err e = { 0 };
	assert_true(spool_open(folder, "shop", &s, fresh, &e));
	return s;
}

static void check_first(struct spool *s, size_t lines, const char *want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	size_t n = spool_read(s, lines, &b);
	if (!str_eq(buf_str(&b), want))
		fail_msg("%zu lines: \"" STR_FMT "\"", n, STR_ARG(buf_str(&b)));
}

static void drop_folder(const char *folder)
{
	CLEANUP(mem_free) char *command = mem_printf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void test_spool(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(fresh && !spool_waiting(s));
	assert_true(spool_add(s, STR_LIT("a\nbb\nccc\n"), &e));
	assert_true(spool_stand(s, (struct store_place){ 3, 77 }, 0, &e));
	check_first(s, 2, "a\nbb\n");
	uint64_t number = spool_number(s);
	assert_true(spool_delivered(s, 2, &e));
	assert_true(spool_number(s) > number);
	spool_close(&s);
	s = open_spool(folder, &fresh); /* a restart */
	assert_false(fresh);
	assert_int_equal(spool_place(s).segment, 3);
	assert_int_equal(spool_place(s).offset, 77);
	check_first(s, 100, "bb\nccc\n");
	assert_true(spool_add(s, STR_LIT("torn"), &e));
	spool_close(&s);
	s = open_spool(folder, &fresh); /* a line that a crash cut off is gone */
	check_first(s, 100, "bb\nccc\n");
	number = spool_number(s);
	assert_true(spool_delivered(s, 7, &e));
	assert_int_equal(spool_waiting(s), 0);
	assert_true(spool_number(s) == number + 7);
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	spool_close(&s);
	s = open_spool(folder, &fresh);
	check_first(s, 100, "d\n");
	spool_close(&s);
	drop_folder(folder);
}

static void add_known(void *ctx, struct str line)
{
	buf_addf(ctx, STR_FMT "|", STR_ARG(line));
}

static void check_known(struct spool *s, const char *want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct err e = { 0 };
	assert_true(spool_each(s, add_known, &b, &e));
	if (!str_eq(buf_str(&b), want))
		fail_msg("\"" STR_FMT "\", not \"%s\"", STR_ARG(buf_str(&b)), want);
}

/* What was delivered is known until the place in the store is behind it, over a restart too. */
static void test_spool_known(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\nbb\n"), &e));
	uint64_t end = spool_end(s);
	assert_true(spool_add(s, STR_LIT("ccc\n"), &e));
	assert_true(spool_delivered(s, 9, &e));
	assert_int_equal(spool_waiting(s), 0);
	check_known(s, "a|bb|ccc|");
	assert_true(spool_stand(s, (struct store_place){ 1, 2 }, end, &e));
	check_known(s, "ccc|");
	spool_close(&s);
	s = open_spool(folder, &fresh);
	assert_int_equal(spool_number(s), 9);
	check_known(s, "a|bb|ccc|"); /* rather too many */
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	check_first(s, 9, "d\n");
	assert_true(spool_stand(s, (struct store_place){ 1, 3 }, spool_end(s), &e));
	check_known(s, "d|");
	assert_true(spool_delivered(s, 2, &e));
	check_known(s, "");
	assert_int_equal(spool_number(s), 11);
	assert_int_equal(spool_end(s), 11);
	spool_close(&s);
	drop_folder(folder);
}

/* The disk is full within a line: none of the lines stays, and the next one is whole. */
static void test_spool_full_disk(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	struct rlimit old, few;
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\n"), &e));
	assert_true(spool_stand(s, (struct store_place){ 1, 2 }, 0, &e));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	few = (struct rlimit){ 6, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	bool added = spool_add(s, STR_LIT("bb\nccc\n"), &e);
	bool stands = spool_stand(s, (struct store_place){ 3, 4 }, 0, &e);
	bool delivered = spool_delivered(s, 2, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(added || stands || delivered);
	assert_int_equal(spool_waiting(s), 2);
	assert_int_equal(spool_place(s).segment, 1);
	assert_int_equal(spool_number(s), 0);
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	check_first(s, 9, "a\nd\n");
	assert_true(spool_delivered(s, 2, &e));
	spool_close(&s);
	s = open_spool(folder, &fresh);
	check_first(s, 9, "d\n");
	spool_close(&s);
	drop_folder(folder);
}

static void write_at(const char *folder, const char *text)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/webhooks/shop.at", folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A receiver that is always a little late: what was delivered takes no room, and nothing of it comes again.
 */
static void test_spool_backlog(void **state)
{
	(void)state;
	enum { LINE_BYTES = 64 * 1024, LINES = 600 };
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	struct stat st;
	assert_non_null(mkdtemp(folder));
	CLEANUP(mem_free) char *line = mem_grow(NULL, LINE_BYTES, 1);
	CLEANUP(mem_free) char *path = mem_printf("%s/webhooks/shop.spool", folder);
	memset(line, 'x', LINE_BYTES - 1);
	line[LINE_BYTES - 1] = '\n';
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\n"), &e));
	for (size_t i = 0; i < LINES; i++) {
		assert_true(spool_add(s, (struct str){ line, LINE_BYTES }, &e));
		assert_true(spool_delivered(s, i ? LINE_BYTES : 2, &e));
		assert_true(spool_stand(s, (struct store_place){ 1, i }, spool_end(s), &e));
		assert_int_equal(spool_waiting(s), LINE_BYTES);
	}
	assert_true(spool_add(s, STR_LIT("z\n"), &e));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 2 * SPOOL_DONE_BYTES_MAX);
	assert_true(st.st_blocks * 512 < 2 * SPOOL_DONE_BYTES_MAX); /* wants holes: ext4, xfs, btrfs, tmpfs */
	spool_close(&s);
	write_at(folder, "77 0 1 1\n"); /* older than the hole, as after a loss of power */
	s = open_spool(folder, &fresh);
	CLEANUP(buf_clear) struct buf b = { 0 };
	assert_int_equal(spool_read(s, 1, &b), 1);
	assert_int_equal(buf_waiting(&b), LINE_BYTES);
	spool_close(&s);
	drop_folder(folder);
}

static void test_spool_names(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "..", ".x", "a/b", "../x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct spool *s = NULL;
		struct err e = { 0 };
		bool fresh;
		assert_false(spool_open("/tmp", bad[i], &s, &fresh, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spool),           cmocka_unit_test(test_spool_known),
		cmocka_unit_test(test_spool_full_disk), cmocka_unit_test(test_spool_backlog),
		cmocka_unit_test(test_spool_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
