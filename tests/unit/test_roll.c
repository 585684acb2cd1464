/* SPDX-License-Identifier: Apache-2.0 */
/* batch/roll: what a sender writes is read again; what else lies there is not.  The journal's copy. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "batch/journal.h"
#include "batch/roll.h"

#define ID "0123456789abcdef"

struct place {
	char data[64];
	struct arena *arena;
};

static struct place make_place(void)
{
	struct place p = { .arena = arena_new() };
	snprintf(p.data, sizeof(p.data), "/tmp/roll-XXXXXX");
	assert_non_null(mkdtemp(p.data));
	return p;
}

static const char *file_in(const struct place *p, const char *name)
{
	return arena_printf(p->arena, "%s/batches/%s", p->data, name);
}

static void drop_place(struct place *p, const char *const *names)
{
	for (; *names; names++)
		assert_int_equal(unlink(file_in(p, *names)), 0);
	assert_int_equal(rmdir(file_in(p, "")), 0);
	assert_int_equal(rmdir(p->data), 0);
	arena_free(&p->arena);
}

static size_t listed(const struct place *p)
{
	struct strlist ids = { 0 };
	roll_list(p->data, p->arena, &ids);
	return ids.n;
}

static void test_note_is_read_again(void **state)
{
	(void)state;
	struct place p = make_place();
	assert_int_equal(listed(&p), 0);
	struct roll *r = roll_open(p.data);
	assert_non_null(r);
	assert_true(roll_note(r, ID, STR_LIT("{\"phase\":\"sending\"}\n")));
	assert_true(roll_note(r, ID, STR_LIT("{}\n")));
	assert_true(str_eq(roll_read(p.data, ID, 0, p.arena), "{}\n"));
	assert_int_equal(listed(&p), 1);
	assert_string_equal(roll_journal_path(p.data, ID, p.arena), "");
	int fd = roll_journal(r, ID);
	assert_true(fd >= 0);
	assert_string_equal(roll_journal_path(p.data, ID, p.arena), ""); /* nothing is in it */
	assert_int_equal(write(fd, "x", 1), 1);
	close_fd(&fd);
	assert_string_equal(roll_journal_path(p.data, ID, p.arena), file_in(&p, ID ".journal"));
	roll_drop(r, ID);
	assert_int_equal(listed(&p), 0);
	roll_free(&r);
	drop_place(&p, (const char *const[]){ NULL });
}

static void test_names_and_links_are_not_believed(void **state)
{
	(void)state;
	struct place p = make_place();
	struct roll *r = roll_open(p.data);
	static const char *const bad[] = {
		"", "..", "../" ID, "0123456789ABCDEF", ID "0", "0123456789abcde/"
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(roll_read(p.data, bad[i], 0, p.arena).len, 0);
		assert_string_equal(roll_journal_path(p.data, bad[i], p.arena), "");
		assert_false(roll_note(r, bad[i], STR_LIT("{}\n")));
		assert_int_equal(roll_journal(r, bad[i]), -1);
	}
	const char *secret = file_in(&p, "secret");
	int fd = open(secret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "keep", 4), 4);
	close_fd(&fd);
	const char *outside = arena_printf(p.arena, "%s/outside.json", p.data);
	assert_int_equal(link(secret, outside), 0);
	roll_drop(r, "../outside");
	assert_int_equal(unlink(outside), 0);
	assert_int_equal(symlink("secret", file_in(&p, ID ".json")), 0);
	assert_int_equal(symlink("secret", file_in(&p, ID ".journal")), 0);
	assert_int_equal(roll_read(p.data, ID, 0, p.arena).len, 0);
	assert_string_equal(roll_journal_path(p.data, ID, p.arena), "");
	/* and who writes, writes no file that a link names */
	assert_true(roll_note(r, ID, STR_LIT("{}\n")));
	fd = roll_journal(r, ID);
	assert_int_equal(write(fd, "x", 1), 1);
	close_fd(&fd);
	struct stat st;
	assert_int_equal(stat(secret, &st), 0);
	assert_int_equal(st.st_size, 4);
	roll_free(&r);
	drop_place(&p, (const char *const[]){ "secret", ID ".json", ID ".journal", NULL });
}

static void test_a_link_for_a_folder_is_none(void **state)
{
	(void)state;
	struct place p = make_place();
	assert_int_equal(symlink("/tmp", arena_printf(p.arena, "%s/batches", p.data)), 0);
	assert_null(roll_open(p.data));
	assert_int_equal(unlink(arena_printf(p.arena, "%s/batches", p.data)), 0);
	assert_int_equal(rmdir(p.data), 0);
	assert_null(roll_open(p.data));
	arena_free(&p.arena);
}

static void test_the_old_is_forgotten(void **state)
{
	(void)state;
	struct place p = make_place();
	struct roll *r = roll_open(p.data);
	assert_true(roll_note(r, ID, STR_LIT("{}\n")) && roll_note(r, "0123456789abcde0", STR_LIT("{}\n")));
	const struct utimbuf old = { 1000, 1000 }, young = { 3000, 3000 };
	assert_int_equal(utime(file_in(&p, ID ".json"), &old), 0);
	assert_int_equal(utime(file_in(&p, "0123456789abcde0.json"), &young), 0);
	assert_int_equal(roll_read(p.data, ID, 2000 * 1000, p.arena).len, 0);
	assert_true(roll_read(p.data, ID, 1000 * 1000, p.arena).len);
	roll_forget(p.data, 2000 * 1000);
	assert_int_equal(roll_read(p.data, ID, 0, p.arena).len, 0);
	assert_int_equal(listed(&p), 1);
	roll_free(&r);
	drop_place(&p, (const char *const[]){ "0123456789abcde0.json", NULL });
}

static void put_old(const struct place *p, const char *name, time_t at)
{
	const struct utimbuf old = { at, at };
	int fd = open(file_in(p, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close_fd(&fd);
	assert_int_equal(utime(file_in(p, name), &old), 0);
}

/* Whoever named it as DATA a folder of his own keeps what is his. */
static void test_what_is_not_ours_is_not_forgotten(void **state)
{
	(void)state;
	static const char *const ours[] = { ID ".json", ID ".journal", ID ".4711" };
	static const char *const others[] = { "thesis.txt",   ID ".txt", ID,
					      ID ".json.bak", ID ".",    "a.json",
					      "A" ID ".json", ID ".47x", NULL };
	struct place p = make_place();
	struct roll *r = roll_open(p.data);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		put_old(&p, ours[i], 1000);
	for (size_t i = 0; others[i]; i++)
		put_old(&p, others[i], 1000);
	roll_forget(p.data, 2000 * 1000);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		assert_int_equal(access(file_in(&p, ours[i]), F_OK), -1);
	roll_free(&r);
	drop_place(&p, others);
}

/* Of many the newest, whatever order the folder has them in. */
static void test_the_newest_are_listed(void **state)
{
	(void)state;
	enum { MANY = 2 * ROLL_NOTES_MAX + 100, SPREAD = 11 /* no divisor of MANY */ };
	struct place p = make_place();
	struct roll *r = roll_open(p.data);
	struct strlist ids = { 0 };
	for (unsigned i = 0; i < MANY; i++)
		put_old(&p, arena_printf(p.arena, "%016x.json", i), (time_t)(i * SPREAD % MANY));
	roll_list(p.data, p.arena, &ids);
	assert_int_equal(ids.n, ROLL_NOTES_MAX);
	for (unsigned i = 0; i < ids.n; i++)
		assert_int_equal(strtoul(ids.v[i], NULL, 16) * SPREAD % MANY, MANY - 1 - i);
	roll_forget(p.data, (int64_t)MANY * 1000);
	roll_free(&r);
	drop_place(&p, (const char *const[]){ NULL });
}

static void test_attempts_have_a_name_each(void **state)
{
	(void)state;
	char a[ROLL_ID_BYTES], b[ROLL_ID_BYTES], c[ROLL_ID_BYTES];
	roll_attempt_id("/home/ann/a.csv", a);
	roll_attempt_id("/home/ann/b.csv", b);
	roll_attempt_id("/home/ann/a.csv", c);
	assert_string_equal(a, c);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), ROLL_ID_BYTES - 1);
	assert_int_equal(a[0], 't'); /* no batch's id: those are hexadecimal, or begin with r */
}

static const struct journal_head head = { .id = ID, .began_ms = 1, .template = { 1, 2 }, .separator = ',' };

static bool count_lines(void *ctx, const struct journal_line *l, long offset)
{
	(void)offset;
	*(size_t *)ctx += l->row > 0;
	return true;
}

/* What was in it before, and what comes after: whole for who reads the copy. */
static void test_a_journal_has_a_copy(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct place p = make_place();
	struct roll *r = roll_open(p.data);
	CLEANUP(journal_free) struct journal *j = NULL;
	const char *own = file_in(&p, "own");
	const struct journal_line line = { .run = 1,
					   .row = 2,
					   .id = STR_LIT("i"),
					   .recipient = STR_LIT("a@b.example"),
					   .key = STR_LIT("k"),
					   .words = STR_LIT("250 ok") };
	assert_true(journal_begin(own, &head, &j, &e) && journal_add(j, &line, 1, &e));
	journal_copy(j, roll_journal(r, ID));
	assert_true(journal_add(j, &line, 1, &e));
	CLEANUP(journal_free) struct journal *copy = NULL;
	size_t n = 0;
	assert_int_equal(journal_open(roll_journal_path(p.data, ID, p.arena), JOURNAL_LOOK, &copy, &e), 1);
	assert_string_equal(journal_head(copy)->id, ID);
	assert_true(journal_each(copy, count_lines, &n, &e));
	assert_int_equal(n, 2);
	/* a copy that cannot be written is no trouble of the journal's */
	journal_copy(j, open("/dev/full", O_WRONLY | O_CLOEXEC));
	assert_true(journal_add(j, &line, 1, &e));
	/* half of one would tell wrong numbers */
	int full = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING), seen = dup(full);
	struct stat st;
	journal_copy(j, full);
	assert_int_equal(fstat(seen, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(fcntl(seen, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_true(journal_add(j, &line, 1, &e));
	assert_int_equal(fstat(seen, &st), 0);
	assert_int_equal(st.st_size, 0);
	close_fd(&seen);
	roll_free(&r);
	drop_place(&p, (const char *const[]){ "own", ID ".journal", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_note_is_read_again),
		cmocka_unit_test(test_names_and_links_are_not_believed),
		cmocka_unit_test(test_a_link_for_a_folder_is_none),
		cmocka_unit_test(test_the_old_is_forgotten),
		cmocka_unit_test(test_what_is_not_ours_is_not_forgotten),
		cmocka_unit_test(test_the_newest_are_listed),
		cmocka_unit_test(test_attempts_have_a_name_each),
		cmocka_unit_test(test_a_journal_has_a_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
