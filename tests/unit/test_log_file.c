/* SPDX-License-Identifier: Apache-2.0 */
/* Files of lines that a thread writes: bounded in memory and on disk, and nothing is lost unseen. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/log_place.h"

#include "relay/log_file.h"

static bool put(struct log_files *f, unsigned long long *lost)
{
	struct buf *b = log_files_take(f, 0, lost);
	if (b) {
		buf_adds(b, "0123456789012345678901234567890123456789\n");
		log_files_put(f, 0);
	}
	return b;
}

/* Nothing takes what is written: memory stays bounded, and the gap is known. */
static void test_too_slow(void **state)
{
	(void)state;
	static const char *const names[] = { "queue.log", NULL };
	struct log_place p;
	struct err e = { 0 };
	unsigned long long lost;
	log_place_make(&p);
	struct log_files *f = log_files_open(p.dir, names, 100, 600000, &e); /* it writes only when told */
	assert_non_null(f);
	assert_true(put(f, &lost) && put(f, &lost) && put(f, &lost));
	assert_false(put(f, &lost));
	assert_false(put(f, &lost));
	log_files_flush(f);
	assert_true(put(f, &lost));
	assert_int_equal(lost, 2);
	assert_true(put(f, &lost));
	assert_int_equal(lost, 0);
	log_files_close(&f);
	assert_int_equal(strlen(log_place_read(&p, "queue.log")), 5 * 41);
	log_place_end(&p);
}

static void put_whole(struct log_files *f)
{
	unsigned long long lost;
	assert_true(put(f, &lost));
	log_files_flush(f);
}

/* It is put by when it is full, over the one of before, and what comes goes into a new one. */
static void test_full_file_is_put_by(void **state)
{
	(void)state;
	static const char *const names[] = { "queue.log", NULL };
	struct log_place p;
	struct err e = { 0 };
	log_place_make(&p);
	struct log_files *f = log_files_open(p.dir, names, 1000, 600000, &e);
	assert_non_null(f);
	put_whole(f); /* what is there when it is opened counts, too */
	log_files_close(&f);
	f = log_files_open(p.dir, names, 1000, 600000, &e);
	log_files_bound(f, 0, 80);
	put_whole(f);
	assert_int_equal(strlen(log_place_read(&p, "queue.log")), 0);
	assert_int_equal(strlen(log_place_read(&p, "queue.log.old")), 2 * 41);
	for (int i = 0; i < 9; i++)
		put_whole(f);
	assert_int_equal(strlen(log_place_read(&p, "queue.log")), 41);
	assert_int_equal(strlen(log_place_read(&p, "queue.log.old")), 2 * 41);
	log_files_close(&f);
	log_place_end(&p);
}

/* What cannot be put by is told, loses nothing, and is put by when it can be. */
static void test_full_file_cannot_be_put_by(void **state)
{
	(void)state;
	static const char *const names[] = { "queue.log", NULL };
	struct log_place p;
	struct err e = { 0 };
	char old[80];
	log_place_make(&p);
	snprintf(old, sizeof(old), "%s/queue.log" LOG_FILE_OLD, p.dir);
	assert_int_equal(mkdir(old, 0700), 0); /* over which no file is renamed, by nobody */
	struct log_files *f = log_files_open(p.dir, names, 1000, 600000, &e);
	assert_non_null(f);
	log_files_bound(f, 0, 80);
	assert_false(log_files_stale(f, &e));
	for (int i = 0; i < 3; i++)
		put_whole(f);
	assert_true(log_files_stale(f, &e));
	assert_non_null(strstr(e.what, "/queue.log"));
	assert_int_equal(strlen(log_place_read(&p, "queue.log")), 3 * 41);
	assert_int_equal(rmdir(old), 0);
	(void)log_files_stale(f, &e); /* whoever looks has it tried again */
	log_files_flush(f);
	assert_false(log_files_stale(f, &e));
	assert_int_equal(strlen(log_place_read(&p, "queue.log")), 0);
	assert_int_equal(strlen(log_place_read(&p, "queue.log.old")), 3 * 41);
	log_files_close(&f);
	log_place_end(&p);
}

static bool note_is(const struct log_place *p, const char *text)
{
	return !strncmp(log_place_read(p, LOG_FILE_NOTE), text, strlen(text));
}

/* The note is behind the lines; where one of them was lost nothing is noted any more. */
static void test_note(void **state)
{
	(void)state;
	static const char *const names[] = { "conversation.log", "queue.log", NULL };
	struct log_place p;
	struct err e = { 0 };
	unsigned long long lost;
	log_place_make(&p);
	struct log_files *f = log_files_open(p.dir, names, 100, 600000, &e);
	assert_non_null(f);
	for (int i = 0; i < 4; i++)
		(void)put(f, &lost); /* of a file that does not count */
	log_files_note(f, 1, "first");
	log_files_flush(f);
	assert_true(note_is(&p, "first "));
	log_files_note(f, 0, "second");
	log_files_flush(f);
	assert_true(note_is(&p, "first "));
	log_files_close(&f);
	f = log_files_open(p.dir, names, 100, 600000, &e);
	assert_non_null(f);
	log_files_note(f, 0, "third");
	log_files_close(&f);
	assert_true(note_is(&p, "third "));
	log_place_end(&p);
}

static void let_files_grow_to(rlim_t bytes)
{
	struct rlimit l;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void write_file(const struct log_place *p, const char *name, const char *text)
{
	char path[80];
	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	FILE *f = fopen(path, "w");
	assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* A life that ended within a line leaves that line broken, not the next one, too. */
static void test_half_a_line_of_before(void **state)
{
	(void)state;
	static const char *const names[] = { "queue.log", NULL };
	static const struct {
		const char *before, *between;
	} cases[] = { { "whole\nhal", "\n" }, { "whole\n", "" }, { "", "" } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct log_place p;
		struct err e = { 0 };
		char want[120];
		log_place_make(&p);
		write_file(&p, "queue.log", cases[i].before);
		struct log_files *f = log_files_open(p.dir, names, 1000, 600000, &e);
		assert_non_null(f);
		put_whole(f);
		log_files_close(&f);
		snprintf(want, sizeof(want), "%s%s%s\n", cases[i].before, cases[i].between,
			 "0123456789012345678901234567890123456789");
		assert_string_equal(log_place_read(&p, "queue.log"), want);
		log_place_end(&p);
	}
}

/* A disk that takes half a line: the rest follows in the same file, and in another one all of it stands. */
static void test_half_a_line_now(void **state)
{
	(void)state;
	static const char *const names[] = { "queue.log", NULL };
	signal(SIGXFSZ, SIG_IGN);
	for (int moved = 0; moved < 2; moved++) {
		struct log_place p;
		struct err e = { 0 };
		char path[80], old[80];
		log_place_make(&p);
		snprintf(path, sizeof(path), "%s/queue.log", p.dir);
		snprintf(old, sizeof(old), "%s/queue.log.1", p.dir);
		struct log_files *f = log_files_open(p.dir, names, 1000, 600000, &e);
		assert_non_null(f);
		let_files_grow_to(60);
		put_whole(f);
		put_whole(f);
		assert_int_equal(strlen(log_place_read(&p, "queue.log")), 60);
		let_files_grow_to(RLIM_INFINITY);
		if (moved) {
			assert_int_equal(rename(path, old), 0);
			log_files_reopen(f);
		}
		log_files_flush(f);
		log_files_close(&f);
		assert_int_equal(strlen(log_place_read(&p, "queue.log")), moved ? 41 : 2 * 41);
		log_place_end(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_slow),
		cmocka_unit_test(test_full_file_is_put_by),
		cmocka_unit_test(test_full_file_cannot_be_put_by),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_half_a_line_of_before),
		cmocka_unit_test(test_half_a_line_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
