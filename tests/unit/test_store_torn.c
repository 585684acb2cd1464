/* SPDX-License-Identifier: Apache-2.0 */
/* What a kill or a power cut leaves of what was being written, and what a start says of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/segment.h"
#include "tests/unit/store_place.h"

enum { LONG = 1200 * 1000, TOLD = 8 };

/* ---- what the store says ---- */

static char told[TOLD][512];
static size_t ntold;

static void tell(void *user, const struct err *e)
{
	(void)user;
	assert_true(ntold < TOLD);
	err_text(e, told[ntold++], sizeof(told[0]));
}

static bool is_told(const char *what, const char *why)
{
	for (size_t i = 0; i < ntold; i++)
		if (strstr(told[i], what) && strstr(told[i], why))
			return true;
	return false;
}

static void start(struct place *p)
{
	struct store_options o = options(p);
	struct err e = { 0 };
	char text[512];
	o.report = tell;
	ntold = 0;
	store_close(&p->s);
	if (!store_open(&o, &p->s, &e))
		fail_msg("%s", err_text(&e, text, sizeof(text)));
}

/* As after a kill: the index knows nothing of what was written last. */
static void start_behind(struct place *p)
{
	store_close(&p->s);
	drop_index(p);
	start(p);
}

/* ---- files ---- */

static const char *segment_path(struct place *p, unsigned no)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/bodies/%010u.seg", p->path, no);
	return path;
}

/* Zeros from where the needle stands, or from the beginning, in the file of a segment. */
static void blank(struct place *p, unsigned no, const char *needle, size_t n)
{
	CLEANUP(close_fd) int fd = open(segment_path(p, no), O_RDWR);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	CLEANUP(mem_free) char *all = mem_alloc((size_t)st.st_size);
	CLEANUP(mem_free) char *zeros = mem_alloc(n);
	assert_int_equal(pread(fd, all, (size_t)st.st_size, 0), st.st_size);
	const char *at = needle ? memmem(all, (size_t)st.st_size, needle, strlen(needle)) : all;
	assert_non_null(at);
	assert_int_equal(pwrite(fd, zeros, n, at - all), n);
}

static ino_t watched;
static unsigned syncs_seen;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	struct stat st;
	if (watched && !fstat(fd, &st) && st.st_ino == watched)
		__atomic_add_fetch(&syncs_seen, 1, __ATOMIC_SEQ_CST);
	return __real_fdatasync(fd);
}

static void watch(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	watched = st.st_ino;
	syncs_seen = 0;
}

/* ---- messages ---- */

/* A message whose pieces begin in the segment before its record's. */
static struct store_id accept_long(struct place *p, const char *needle)
{
	CLEANUP(mem_free) char *text = mem_alloc(LONG + 1);
	memset(text, 'x', LONG);
	memcpy(text + 100 * 1000, needle, strlen(needle));
	struct store_rcpt r = rcpt("long@example.net", "lane");
	struct store_message m = { .key = STR_LIT("long"), .rcpts = &r, .nrcpts = 1 };
	struct store_done d = accept_message(p, &m, text);
	assert_int_equal(d.verdict, STORE_DONE);
	return d.id;
}

/* A client that never comes to its end. */
static void begin_long(struct place *p, const char *needle)
{
	CLEANUP(mem_free) char *text = mem_alloc(STORE_BODY_PIECE + 2);
	struct err e = { 0 };
	memset(text, 'y', STORE_BODY_PIECE + 1);
	memcpy(text + 1000, needle, strlen(needle));
	struct store_body *b = store_body_begin(p->s);
	assert_true(store_body_append(b, str_of(text), &e));
	store_body_free(&b);
}

/* ---- the tests ---- */

#define CUT_SHORT                                                                                            \
	"a write was cut short (a kill, a power cut, a full disk), and then nothing that was answered is "   \
	"lost"
#define OR_DISK "or the disk changed them: look at `dmesg`"

/* The cause is not known: both are said, whichever segment it is. */
static void test_torn_bytes_are_told(void **state)
{
	struct place *p = *state;
	struct store_id before = accept_one(p, "a@example.net", "before");
	begin_long(p, "torn here");
	struct store_id after = accept_one(p, "a@example.net", "after");
	store_close(&p->s);
	blank(p, 1, "torn here", 5000);
	char what[64];
	const unsigned bytes = (RECORD_HEADER + STORE_BODY_PIECE + RECORD_ALIGN - 1) & ~(RECORD_ALIGN - 1U);
	snprintf(what, sizeof(what), "%u bytes of segment 1", bytes);
	for (int round = 0; round < 2; round++) { /* the last segment; one of before */
		start_behind(p);
		assert_int_equal(ntold, 1);
		assert_true(is_told(what, CUT_SHORT));
		assert_true(is_told(what, OR_DISK));
		assert_int_equal(state_of(p, before, 0), STORE_QUEUED);
		assert_int_equal(state_of(p, after, 0), STORE_QUEUED);
		accept_one(p, "b@example.net", "in the next segment");
	}
	start(p); /* once is enough */
	assert_int_equal(ntold, 0);
}

/* What was cut short at the very end was never answered, and there is nothing to say. */
static void test_torn_end(void **state)
{
	struct place *p = *state;
	struct store_id before = accept_one(p, "a@example.net", "before");
	struct store_id last = accept_one(p, "a@example.net", "the last one");
	store_close(&p->s);
	blank(p, 1, "the last one", 4);
	start_behind(p);
	assert_int_equal(ntold, 0);
	assert_int_equal(state_of(p, before, 0), STORE_QUEUED);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, last, a, &t, &e), 0);
}

static void test_missing_piece_is_told(void **state)
{
	struct place *p = *state;
	char id[STORE_ID_TEXT];
	struct store_health h;
	store_id_text(accept_long(p, "torn here"), id);
	struct store_id other = accept_one(p, "a@example.net", "other");
	store_close(&p->s);
	blank(p, 1, "torn here", 5000);
	start_behind(p);
	assert_true(is_told(id, "a part of its text is missing"));
	store_health(p->s, &h);
	assert_int_equal(h.skipped, 1);
	assert_int_equal(h.live, 1);
	assert_int_equal(state_of(p, other, 0), STORE_QUEUED);
}

/* What was never answered does not come to life when its pieces' segment is given back and the index made
 * anew: that looks like one that has ended, but for its end. */
static void test_no_ghost(void **state)
{
	struct place *p = *state;
	struct store_health h;
	struct store_claim claim;
	char text[STORE_ID_TEXT];
	struct store_id id = accept_long(p, "torn here");
	struct store_id other = accept_one(p, "a@example.net", "other");
	store_id_text(id, text);
	store_close(&p->s);
	blank(p, 1, "torn here", 5000);
	start_behind(p);
	assert_true(is_told(text, "a part of its text is missing"));
	store_tidy(p->s, p->now);
	store_settle(p->s);
	assert_int_equal(access(segment_path(p, 1), F_OK), -1);
	for (int round = 0; round < 2; round++) {
		start_behind(p);
		assert_int_equal(is_told(text, "if its sender had our 250, it is lost"), round == 0);
		store_health(p->s, &h);
		assert_int_equal(h.live, 1);
		assert_int_equal(state_of(p, other, 0), STORE_QUEUED);
		assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
		assert_int_equal(store_claim_message(p->s, id, STR_LIT("lane"), 1, p->now, p->now + 1000,
						     &claim, 1),
				 0);
	}
}

/* Its first pieces go as soon as it has ended; its trail and its key stay, though the index had not read it.
 */
static void test_ended_before_the_index_knew(void **state)
{
	struct place *p = *state;
	struct store_mark done = { .id = accept_long(p, "x"), .state = STORE_HANDED_OVER, .code = 250 };
	assert_int_equal(mark(p, done), STORE_DONE);
	store_tidy(p->s, p->now);
	store_settle(p->s);
	assert_int_equal(access(segment_path(p, 1), F_OK), -1);
	start_behind(p);
	assert_int_equal(ntold, 0);
	assert_int_equal(state_of(p, done.id, 0), STORE_HANDED_OVER);
	struct store_rcpt r = rcpt("long@example.net", "lane");
	struct store_message again = { .key = STR_LIT("long"), .rcpts = &r, .nrcpts = 1 };
	assert_int_equal(accept_message(p, &again, "x").verdict, STORE_DUPLICATE);
}

/* What a start reads may be in memory only, in more segments than the last one: a duplicate is answered on
 * the strength of it. */
static void test_pieces_are_settled(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_long(p, "x");
	store_close(&p->s);
	watch(segment_path(p, 1));
	start_behind(p);
	assert_int_equal(syncs_seen, 1);
	watched = 0;
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

static void test_damaged_header_is_told(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store_id id = accept_one(p, "a@example.net", "x");
	reopen(p);
	struct store_id other = accept_one(p, "b@example.net", "in the next segment");
	store_close(&p->s);
	blank(p, 1, NULL, 64); /* a record stands behind: this is no new file */
	start(p);
	assert_int_equal(ntold, 1);
	assert_true(is_told("segment 1", "the header is damaged"));
	assert_null(store_body_open(p->s, id, &e));
	assert_non_null(strstr(e.detail, "the header of that file is damaged"));
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
	expect_body(store_body_open(p->s, other, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_torn_bytes_are_told, begin, end),
		cmocka_unit_test_setup_teardown(test_torn_end, begin, end),
		cmocka_unit_test_setup_teardown(test_missing_piece_is_told, begin, end),
		cmocka_unit_test_setup_teardown(test_no_ghost, begin, end),
		cmocka_unit_test_setup_teardown(test_ended_before_the_index_knew, begin, end),
		cmocka_unit_test_setup_teardown(test_pieces_are_settled, begin, end),
		cmocka_unit_test_setup_teardown(test_damaged_header_is_told, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
