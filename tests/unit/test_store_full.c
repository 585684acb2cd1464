/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is nearly full: what is stored can still be sent.  The linker puts our call between the store
 * and libc (--wrap). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include "store/ahead.h"
#include "tests/unit/store_place.h"

static off_t room;          /* 0: enough */
static uint64_t free_bytes; /* 0: as it is */

int __real_fstatvfs64(int fd, struct statvfs *v);
int __wrap_fstatvfs64(int fd, struct statvfs *v);
int __wrap_fstatvfs64(int fd, struct statvfs *v)
{
	int code = __real_fstatvfs64(fd, v);
	if (!code && free_bytes) {
		v->f_bavail = v->f_bfree = free_bytes / 1024;
		v->f_frsize = v->f_bsize = 1024;
	}
	return code;
}

int __real_fallocate64(int fd, int mode, off_t at, off_t n);
int __wrap_fallocate64(int fd, int mode, off_t at, off_t n);
int __wrap_fallocate64(int fd, int mode, off_t at, off_t n)
{
	if (!room || n <= room)
		return __real_fallocate64(fd, mode, at, n);
	errno = ENOSPC;
	return -1;
}

static unsigned begun; /* files for the next segment; atomic */

int __real_openat64(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *name, int flags, mode_t mode)
{
	__atomic_add_fetch(&begun, !strcmp(name, "next.seg"), __ATOMIC_SEQ_CST);
	return __real_openat64(dir, name, flags, mode);
}

static enum store_verdict try_again_later(struct place *p, struct store_id id, const char *reply)
{
	struct store_claim c;
	assert_true(claim_of(p, id, 1, p->now, HOUR_MS, &c));
	return mark(p, (struct store_mark){ .id = id,
					    .rcpt = c.rcpt,
					    .epoch = c.epoch,
					    .state = STORE_DELAYED,
					    .at_ms = p->now,
					    .next_ms = p->now,
					    .code = 450,
					    .reply = str_of(reply),
					    .tries = 1 });
}

static void test_what_waits_goes(void **state)
{
	enum { MARKS = 200, REPLY = 3000 }; /* together longer than one such segment */
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "waits");
	CLEANUP(mem_free) char *reply = made_text(REPLY, 3);
	struct store_health h;
	store_close(&p->s);
	room = 200 * 1024;
	reopen_reporting(p);
	for (int i = 0; i < MARKS; i++)
		assert_int_equal(try_again_later(p, id, reply), STORE_DONE);
	store_health(p->s, &h);
	assert_true(h.segments > 3);
	reopen(p);
	room = 0;
	assert_int_equal(state_of(p, id, 0), STORE_DELAYED);
	struct store_claim c;
	assert_true(claim_of(p, id, 1, p->now, HOUR_MS, &c));
	assert_int_equal(mark(p, (struct store_mark){ .id = id,
						      .rcpt = c.rcpt,
						      .epoch = c.epoch,
						      .state = STORE_HANDED_OVER,
						      .at_ms = p->now }),
			 STORE_DONE);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
}

/* Segments that are longer than they were made: of WHOLE bytes, or shorter than the room there is. */
static int overrun(struct place *p)
{
	enum { WHOLE = 1 << 20 };
	char path[128];
	struct stat st;
	int n = 0;
	for (unsigned no = 1; no < 40; no++) {
		snprintf(path, sizeof(path), "%s/bodies/%010u.seg", p->path, no);
		n += !stat(path, &st) && st.st_size != WHOLE && st.st_size > room;
	}
	return n;
}

/* Many at once go into a segment that has room for them, also where the disk has no more than a short one. */
static void test_many_at_once(void **state)
{
	enum { MANY = 100, TEXT = 10 * 1000, ROUNDS = 3 };
	struct place *p = *state;
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct err e = { 0 };
	struct store_done d;
	CLEANUP(mem_free) char *text = made_text(TEXT, 3);
	room = 200 * 1024; /* now: the one it began with is whole */
	for (int i = 0; i < ROUNDS * MANY; i++) {
		struct store_message m = { .arrived_ms = p->now, .rcpts = &r, .nrcpts = 1 };
		struct store_body *b = store_body_begin(p->s);
		assert_true(store_body_append(b, str_of(text), &e));
		assert_true(store_accept(p->s, &b, &m, NULL, &e));
	}
	store_settle(p->s);
	for (int i = 0; i < ROUNDS * MANY; i++) {
		assert_int_equal(store_take_done(p->s, &d, 1), 1);
		assert_int_equal(d.verdict, STORE_DONE);
	}
	assert_int_equal(overrun(p), 0);
	room = 0;
}

static void open_with_reserve(struct place *p, uint64_t bytes)
{
	struct store_options o = options(p);
	struct err e = { 0 };
	o.reserve_bytes = bytes;
	store_close(&p->s);
	assert_true(store_open(&o, &p->s, &e));
}

static off_t length_of(struct place *p, unsigned no)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/bodies/%010u.seg", p->path, no);
	return stat(path, &st) ? -1 : st.st_size;
}

/* What is to stay free for what waits is not taken whole by one file. */
static void test_the_reserve_is_left(void **state)
{
	enum { PLAN = 1 << 20, LITTLE = PLAN / 8 }; /* a segment as store_place has them */
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "waits");
	free_bytes = 4 * PLAN;
	open_with_reserve(p, 3 * PLAN); /* just as much as is over */
	assert_int_equal(length_of(p, 2), PLAN);
	open_with_reserve(p, 3 * PLAN + 1024);
	assert_int_equal(length_of(p, 3), LITTLE);
	free_bytes = 12 * PLAN; /* new mail is refused, and a whole one is little of what is left */
	open_with_reserve(p, 20 * PLAN);
	assert_int_equal(length_of(p, 4), PLAN);
	free_bytes = 1024; /* hardly anything: the smallest */
	open_with_reserve(p, 20 * PLAN);
	assert_int_equal(length_of(p, 5), LITTLE);
	assert_true(length_of(p, 3) < LITTLE / 2);
	assert_false(place_health(p).accepting);
	assert_int_equal(mark(p, (struct store_mark){ .id = id, .state = STORE_CANCELLED }), STORE_DONE);
	free_bytes = 0;
}

static void test_why_is_told_whole(void **state)
{
	struct place *p = *state;
	char text[500];
	free_bytes = 1024;
	open_with_reserve(p, (uint64_t)999999 << 20);
	struct store_health h = place_health(p);
	free_bytes = 0;
	assert_false(h.accepting);
	assert_non_null(strstr(err_text(&h.err, text, sizeof(text)), "until then and nothing is lost"));
}

/* Not even begun where it may not have its room: that is asked behind each batch. */
static void test_the_next_is_not_begun(void **state)
{
	enum { PLAN = 1 << 20 };
	struct place *p = *state;
	struct segments s;
	struct err e = { 0 };
	char path[128];
	store_close(&p->s);
	begun = 0;
	snprintf(path, sizeof(path), "%s/bodies", p->path);
	int dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0 && segments_open(&s, dir, true, PLAN, &e));
	s.reserve = free_bytes = 4 * PLAN;
	assert_true(segments_rotate(&s, NOW, &e));
	s.current->end = s.current->plan;
	ahead_prepare(&s);
	assert_int_equal(begun, 0);
	s.reserve = 1;
	ahead_prepare(&s);
	assert_true(begun > 0);
	assert_int_equal(s.next, s.last_no + 1);
	free_bytes = 0;
	segments_close(&s);
	close(dir);
}

/* Where no segment could be made at a start, what is on disk ends where the last one does. */
static void test_place_without_a_segment(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	struct store_place was = store_place(p->s);
	store_close(&p->s);
	room = 1;
	reopen_reporting(p);
	struct store_place now = store_place(p->s);
	room = 0;
	assert_int_equal(now.segment, was.segment);
	assert_int_equal(now.offset, was.offset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_waits_goes, begin, end),
		cmocka_unit_test_setup_teardown(test_many_at_once, begin, end),
		cmocka_unit_test_setup_teardown(test_the_reserve_is_left, begin, end),
		cmocka_unit_test_setup_teardown(test_why_is_told_whole, begin, end),
		cmocka_unit_test_setup_teardown(test_the_next_is_not_begun, begin, end),
		cmocka_unit_test_setup_teardown(test_place_without_a_segment, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
