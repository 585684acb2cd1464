/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails in one place only, and a system that fails for a moment only: what stands elsewhere, and
 * what was answered, is as it was.  The linker puts our calls between the store and libc (--wrap). */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "store/record.h"
#include "store/segment.h"
#include "tests/unit/store_place.h"

enum { PAGE = 4096, LONG = 1200 * 1000 };

static ino_t file;         /* the one that fails; 0: none does */
static off_t bad_at = -1;  /* a page of it that can't be read; -1: all can */
static int bad_reads = -1; /* so many times; -1: always */
static bool sync_fails;    /* none of it can be synced */
static int short_of;       /* of what the next record of any file can't be read; 0: it can */
static bool short_of_next; /* the other half of that */

static bool is_file(int fd)
{
	struct stat st;
	return file && !fstat(fd, &st) && st.st_ino == file;
}

/* What of n bytes can be read; 0: nothing of them. */
static size_t readable(int fd, size_t n, off_t at)
{
	if (bad_at < 0 || !bad_reads || at + (off_t)n <= bad_at || at >= bad_at + PAGE || !is_file(fd))
		return n;
	bad_reads -= bad_reads > 0;
	return at < bad_at ? (size_t)(bad_at - at) : 0;
}

static ssize_t fails(int code)
{
	errno = code;
	return -1;
}

ssize_t __real_pread64(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *p, size_t n, off_t at)
{
	if (short_of_next) {
		short_of_next = false;
		return fails(short_of);
	}
	size_t good = readable(fd, n, at);
	return n && !good ? fails(EIO) : __real_pread64(fd, p, good, at);
}

ssize_t __real_preadv64(int fd, const struct iovec *v, int n, off_t at);
ssize_t __wrap_preadv64(int fd, const struct iovec *v, int n, off_t at);
ssize_t __wrap_preadv64(int fd, const struct iovec *v, int n, off_t at)
{
	short_of_next = short_of != 0;
	return short_of ? fails(short_of) : __real_preadv64(fd, v, n, at);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	return sync_fails && is_file(fd) ? (int)fails(EIO) : __real_fdatasync(fd);
}

static bool names_fail; /* no file of a segment gets another, or loses its own */

int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags)
{
	return names_fail ? (int)fails(EACCES) : __real_unlinkat(dir, name, flags);
}

int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name)
{
	return names_fail ? (int)fails(EACCES) : __real_renameat(from, old, to, name);
}

static void all_well(void)
{
	names_fail = false;
	file = 0;
	bad_at = -1;
	bad_reads = -1;
	sync_fails = false;
	short_of = 0;
}

static void choose_file(struct place *p, const char *name)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	assert_int_equal(stat(path, &st), 0);
	file = st.st_ino;
}

static void choose(struct place *p, unsigned segment)
{
	char name[32];
	snprintf(name, sizeof(name), "bodies/%010u.seg", segment);
	choose_file(p, name);
}

/* All that the index will know is what the segments say. */
static void close_without_index(struct place *p)
{
	store_close(&p->s);
	drop_index(p);
}

static size_t known(struct place *p, const char *address)
{
	return found(p, (struct store_query){ .recipient = str_of(address), .limit = 999 });
}

static bool count_one(void *user, const struct store_live *row)
{
	(void)row;
	++*(size_t *)user;
	return true;
}

static size_t live(struct place *p)
{
	size_t n = 0;
	store_each_live(p->s, count_one, &n);
	return n;
}

/* ---- a bad sector ---- */

static void test_bad_sector(void **state)
{
	enum { MESSAGES = 2500, LEAST = 150 }; /* bytes of one; all: longer than any window it is read by */
	struct place *p = *state;
	for (int i = 0; i < MESSAGES; i++)
		accept_one(p, "a@example.net", "one of many");
	static const off_t places[] = { 5 * PAGE, 5 * PAGE + 100 * PAGE, 40 * PAGE };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		close_without_index(p);
		choose(p, 1);
		bad_at = places[i];
		reopen_reporting(p);
		size_t n = live(p);
		all_well();
		/* What stands in that page, begins before it or ends behind it. */
		if (n >= MESSAGES || n < MESSAGES - PAGE / LEAST - 2)
			fail_msg("%zu of %d messages are left", n, MESSAGES);
		/* A disk that gives it again gives all of them, and is asked no more. */
		reopen_reporting(p);
		assert_int_equal(live(p), MESSAGES);
		store_reports = 0;
		reopen_reporting(p);
		assert_int_equal(store_reports, 0);
	}
}

/* Where no start reads, the first question does. */
static void meet_damage(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	if (store_trail(p->s, id, a, &t, &e) < 0)
		store_settle(p->s);
}

/* A path to the disk that failed while one segment was read, to its end: its mail comes back, and what became
 * of it since stays. */
static void test_unread_for_a_while(void **state)
{
	enum { HANDED_OVER, QUEUED, LATER, MAILS };
	struct place *p = *state;
	struct store_id ids[MAILS];
	ids[HANDED_OVER] = accept_one(p, "a@example.net", "x");
	ids[QUEUED] = accept_one(p, "b@example.net", "x");
	reopen(p); /* into the next segment */
	const struct store_mark over = { .id = ids[HANDED_OVER], .state = STORE_HANDED_OVER };
	assert_int_equal(mark(p, over), STORE_DONE);
	close_without_index(p);
	for (int round = 0; round < 3; round++) {
		choose(p, 1);
		bad_at = PAGE;
		reopen_reporting(p);
		assert_int_equal(known(p, "b@example.net"), 0);
		if (!round)
			ids[LATER] = accept_one(p, "c@example.net", "meanwhile");
		store_close(&p->s);
	}
	all_well();
	open_store(p);
	assert_int_equal(live(p), 2);
	assert_int_equal(state_of(p, ids[HANDED_OVER], 0), STORE_HANDED_OVER);
	assert_int_equal(state_of(p, ids[QUEUED], 0), STORE_QUEUED);
	assert_int_equal(state_of(p, ids[LATER], 0), STORE_QUEUED);
}

/* ... and while the index was made anew beside the work. */
static void test_unread_while_made_anew(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	char path[128];
	sqlite3 *db;
	reopen_reporting(p);
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE message SET nrcpts = -1", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	choose(p, 1);
	bad_at = PAGE;
	meet_damage(p, id);
	assert_int_equal(known(p, "a@example.net"), 0);
	reopen_reporting(p);
	assert_int_equal(live(p), 0);
	all_well();
	reopen_reporting(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

static bool is_there(struct place *p, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	return !access(path, F_OK);
}

/* The index is made anew from the messages, whichever of its pages is the bad one. */
static void test_bad_index(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_id ended = accept_one(p, "b@example.net", "x");
	assert_int_equal(mark(p, (struct store_mark){ .id = ended, .state = STORE_CANCELLED }), STORE_DONE);
	for (off_t at = 0; at < 12 * PAGE; at += PAGE) {
		store_close(&p->s);
		choose_file(p, "index.db");
		bad_at = at;
		reopen_reporting(p);
		assert_int_equal(live(p), 1);
		meet_damage(p, ended);
		assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
		assert_int_equal(state_of(p, ended, 0), STORE_CANCELLED);
		assert_true(at || is_there(p, "index.db.bad"));
		all_well();
	}
}

/* Its log, too: left behind by a kill. */
static void test_bad_index_log(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	char path[128];
	sqlite3 *other;
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN; SELECT * FROM meta", NULL, NULL, NULL), SQLITE_OK);
	store_close(&p->s);
	choose_file(p, "index.db-wal");
	bad_at = 0;
	reopen_reporting(p);
	all_well();
	sqlite3_close(other);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

/* A disk that failed once: trails that the segments do not tell any more are not given up for that. */
static void test_index_unread_once(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	store_close(&p->s);
	choose_file(p, "index.db");
	bad_at = 0;
	bad_reads = 1;
	open_store(p);
	assert_int_equal(bad_reads, 0);
	all_well();
	assert_false(is_there(p, "index.db.bad"));
	assert_int_equal(live(p), 1);
}

/* It may be there again at the next start: nobody goes on as if its messages were not, without a person's
 * word. */
static void test_bad_header(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store_options o = options(p);
	struct store_id id = accept_one(p, "a@example.net", "x");
	close_without_index(p);
	choose(p, 1);
	bad_at = 0;
	assert_false(store_open(&o, &p->s, &e));
	assert_string_equal(e.what, "bodies/0000000001.seg");
	assert_non_null(strstr(e.detail, "to go on without the mail in that file, move it elsewhere"));
	all_well();
	open_store(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

/* What those words say is so. */
static void test_without_a_segment(void **state)
{
	struct place *p = *state;
	char from[128], to[128];
	accept_one(p, "a@example.net", "x");
	reopen(p); /* into the next segment */
	struct store_id other = accept_one(p, "b@example.net", "x");
	store_close(&p->s);
	snprintf(from, sizeof(from), "%s/bodies/0000000001.seg", p->path);
	snprintf(to, sizeof(to), "%s/elsewhere", p->path);
	assert_int_equal(rename(from, to), 0);
	open_store(p);
	assert_int_equal(state_of(p, other, 0), STORE_QUEUED);
}

/* ---- a system that has no more ---- */

static struct store_done accept_long(struct place *p)
{
	CLEANUP(mem_free) char *text = made_text(LONG, 7);
	struct store_rcpt r = rcpt("long@example.net", "lane");
	struct store_message m = { .key = STR_LIT("long"), .rcpts = &r, .nrcpts = 1 };
	return accept_message(p, &m, text);
}

/* That a piece could not be read for want of memory or files says nothing of the message. */
static void test_no_memory_for_a_piece(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct err e = { 0 };
	assert_int_equal(accept_long(p).verdict, STORE_DONE);
	close_without_index(p);
	short_of = ENOMEM;
	bool opened = store_open(&o, &p->s, &e);
	all_well();
	assert_false(opened);
	assert_int_equal(e.code, ENOMEM);
	open_store(p);
	assert_int_equal(known(p, "long@example.net"), 1);
}

/* ---- a sync that fails in one of two segments ---- */

/* Its record stands in a segment that was synced, a piece of it in one that was not: answered as failed, it
 * must not come back beside what its sender sends again. */
static void test_failed_stays_failed(void **state)
{
	struct place *p = *state;
	choose(p, 1);
	sync_fails = true;
	assert_int_equal(accept_long(p).verdict, STORE_FAILED);
	all_well();
	accept_one(p, "a@example.net", "into the next segment");
	struct store_done again = accept_long(p);
	assert_int_equal(again.verdict, STORE_DONE);
	close_without_index(p);
	reopen_reporting(p);
	assert_int_equal(known(p, "long@example.net"), 1);
	assert_int_equal(state_of(p, again.id, 0), STORE_QUEUED);
}

/* Nor when a kill comes before anything else is written. */
static void test_failed_stays_failed_alone(void **state)
{
	struct place *p = *state;
	choose(p, 1);
	sync_fails = true;
	assert_int_equal(accept_long(p).verdict, STORE_FAILED);
	all_well();
	close_without_index(p);
	reopen_reporting(p);
	assert_int_equal(known(p, "long@example.net"), 0);
}

/* Each failure gives a segment up; its file is not kept open. */
static void test_files_are_closed(void **state)
{
	enum { TIMES = 20 };
	struct place *p = *state;
	int before = 0, after = 0;
	for (int i = 0; i < TIMES; i++) {
		if (i == 1)
			before = dup(0);
		choose(p, (unsigned)i * 2 + 1);
		sync_fails = true;
		assert_int_equal(accept_long(p).verdict, STORE_FAILED);
		all_well();
		accept_one(p, "a@example.net", "into the next segment");
		if (i == 1)
			close(before);
	}
	after = dup(0);
	close(after);
	assert_in_range(after, 0, before + 3);
}

/* ---- a folder that is not ours any more ---- */

static size_t segments(struct place *p)
{
	struct store_health h;
	store_health(p->s, &h);
	return h.segments;
}

/* They go oldest first, or not at all. */
static void test_no_gap(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *text = made_text(50 * 1000, 1);
	struct store_id keeps = accept_one(p, "a@example.net", "keeps all that comes behind");
	pass_through(p, 100, text);
	size_t before = segments(p);
	assert_true(before > 4);
	names_fail = true;
	assert_int_equal(mark(p, (struct store_mark){ .id = keeps, .state = STORE_CANCELLED }), STORE_DONE);
	for (int i = 0; i < 4; i++)
		tidy(p);
	assert_int_equal(segments(p), before);
	all_well();
	tidy(p);
	assert_true(segments(p) < 3);
}

/* Of SQLite's calls the linker knows nothing. */
static ssize_t sqlite_pread(int fd, void *p, size_t n, off_t at)
{
	return __wrap_pread64(fd, p, n, at);
}

int main(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)sqlite_pread);
	vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)sqlite_pread);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad_sector, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_for_a_while, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_while_made_anew, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_index, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_index_log, begin, end),
		cmocka_unit_test_setup_teardown(test_index_unread_once, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_header, begin, end),
		cmocka_unit_test_setup_teardown(test_without_a_segment, begin, end),
		cmocka_unit_test_setup_teardown(test_no_memory_for_a_piece, begin, end),
		cmocka_unit_test_setup_teardown(test_failed_stays_failed, begin, end),
		cmocka_unit_test_setup_teardown(test_failed_stays_failed_alone, begin, end),
		cmocka_unit_test_setup_teardown(test_files_are_closed, begin, end),
		cmocka_unit_test_setup_teardown(test_no_gap, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
