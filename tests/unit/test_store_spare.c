/* SPDX-License-Identifier: Apache-2.0 */
/* Files of segments that are used again, and the next one's that stands ready. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/spare.h"
#include "tests/unit/store_place.h"

enum { SEGMENT = 1 << 20, BODY = 60000 }; /* a segment as store_place has them */

static const char *path_of(struct place *p, const char *name, char out[128])
{
	snprintf(out, 128, "%s/bodies/%s", p->path, name);
	return out;
}

/* How many files there are whose names begin so. */
static size_t files(struct place *p, const char *begin)
{
	char path[128];
	size_t n = 0;
	DIR *d = opendir(path_of(p, "", path));
	assert_non_null(d);
	for (struct dirent *f; (f = readdir(d));)
		n += f->d_name[0] != '.' && !strncmp(f->d_name, begin, strlen(begin));
	closedir(d);
	return n;
}

/* Mail that is taken, waits for the rest of it, and goes. */
static struct store_id pass(struct place *p, size_t n)
{
	enum { MOST = 100 };
	CLEANUP(mem_free) char *text = mem_alloc(BODY);
	memset(text, 'x', BODY - 1);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	struct store_id ids[MOST];
	assert_true(n && n <= MOST);
	for (size_t i = 0; i < n; i++)
		ids[i] = accept_message(p, &m, text).id;
	for (size_t i = 0; i < n; i++) {
		struct store_mark done = { .id = ids[i], .state = STORE_CANCELLED };
		assert_int_equal(mark(p, done), STORE_DONE);
	}
	store_settle(p->s);
	return ids[n - 1];
}

static void put_file(struct place *p, const char *name, const char *bytes, off_t length)
{
	char path[128];
	int fd = open(path_of(p, name, path), O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, strlen(bytes), 0), (ssize_t)strlen(bytes));
	assert_int_equal(ftruncate(fd, length), 0);
	close(fd);
}

static void write_at(struct place *p, const char *name, const char *bytes, off_t at)
{
	char path[128];
	int fd = open(path_of(p, name, path), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), (ssize_t)strlen(bytes));
	close(fd);
}

static void test_files_go_round(void **state)
{
	struct place *p = *state;
	pass(p, 100);
	pass(p, 100); /* a dozen segments, and no minute has passed */
	struct store_health h;
	store_health(p->s, &h);
	assert_true(h.segments <= 4);
	assert_true(files(p, "") <= h.segments + SPARES_MOST + 1);
	assert_true(files(p, "spare") >= 1);
	assert_true(h.reusable_bytes >= files(p, "spare") * SEGMENT);
	/* What was there before is not read as if it were new. */
	struct store_id id = pass(p, 1);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
	struct store_query all = { .limit = 1000 };
	assert_int_equal(found(p, all), 201);
}

static void test_the_next_stands_ready(void **state)
{
	struct place *p = *state;
	pass(p, 12); /* more than half of the first segment */
	assert_int_equal(files(p, "0"), 2);
	struct store_health h;
	store_health(p->s, &h);
	assert_int_equal(h.segments, 1);
	struct store_id id = pass(p, 8); /* beyond it */
	store_health(p->s, &h);
	assert_true(h.segments <= 2);
	assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
}

static void test_what_stood_ready_is_kept(void **state)
{
	struct place *p = *state;
	struct store_id id = pass(p, 12);
	reopen(p); /* the file without a header is the spare of which the next segment is made */
	struct store_health h;
	store_health(p->s, &h);
	assert_int_equal(files(p, ""), h.segments);
	assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
}

static void test_left_behind_by_a_power_cut(void **state)
{
	struct place *p = *state;
	struct store_id id = pass(p, 2);
	store_close(&p->s);
	put_file(p, "next.seg", "", SEGMENT);              /* goes to the segment that is made at the start */
	put_file(p, "spare-1.seg", "", 4096);              /* not a whole one */
	put_file(p, "0000000077.seg", "", 100);            /* being made */
	put_file(p, "0000000078.seg", "damaged", SEGMENT); /* may have held something */
	put_file(p, "0000000079.seg", "", SEGMENT);        /* lost its header, and has a record */
	write_at(p, "0000000079.seg", "a record", SEGMENT_HEAD);
	open_store(p);
	assert_int_equal(files(p, "next"), 0);
	assert_int_equal(files(p, "spare"), 0);
	assert_int_equal(files(p, "0000000078"), 1);
	assert_int_equal(state_of(p, id, 0), STORE_CANCELLED);
	pass(p, 40);
	assert_int_equal(files(p, "0000000078"), 1);
	assert_int_equal(files(p, "0000000079"), 1);
}

static void test_room_that_is_dear_is_given_back(void **state)
{
	struct place *p = *state;
	pass(p, 100);
	assert_true(files(p, "spare") >= 1);
	store_close(&p->s);
	struct store_options o = options(p);
	o.budget_bytes = 3 * SEGMENT;
	struct err e = { 0 };
	assert_true(store_open(&o, &p->s, &e));
	store_tidy(p->s, NOW);
	store_settle(p->s);
	assert_int_equal(files(p, "spare"), 0);
	pass(p, 1);
}

static void test_no_more_than_enough(void **state)
{
	struct place *p = *state;
	store_close(&p->s);
	for (unsigned i = 1; i < 8; i++) {
		char name[32];
		snprintf(name, sizeof(name), "00000000%u.seg", 80 + i);
		put_file(p, name, "", SEGMENT); /* stood ready, once */
	}
	open_store(p);
	assert_int_equal(files(p, "00000000"), 2); /* that of before, and this start's: a spare until then */
	assert_int_equal(files(p, "spare"), SPARES_MOST - 1);
}

static void test_they_grow_old(void **state)
{
	struct place *p = *state;
	pass(p, 100);
	assert_true(files(p, "spare") >= 1);
	for (int minute = 0; minute < SPARES_OLD + 1; minute++) {
		store_tidy(p->s, NOW + 60000 * minute);
		store_settle(p->s);
	}
	assert_int_equal(files(p, "spare"), 0);
}

static void test_room_goes_before_spares(void **state)
{
	struct place *p = *state;
	pass(p, 100);
	assert_true(files(p, "spare") >= 1);
	store_close(&p->s);
	struct store_options o = options(p);
	o.reserve_bytes = UINT64_MAX / 2;
	struct err e = { 0 };
	assert_true(store_open(&o, &p->s, &e));
	assert_int_equal(files(p, "spare"), 0);
	struct store_health h;
	store_health(p->s, &h);
	assert_false(h.accepting);
}

/* As the indexer does it, a step each time. */
static void test_made_step_by_step(void **state)
{
	enum { PLAN = 9 << 20 }; /* three steps */
	struct place *p = *state;
	store_close(&p->s);
	char path[128];
	int dir = open(path_of(p, "", path), O_RDONLY | O_DIRECTORY);
	struct segments s;
	struct err e = { 0 };
	assert_true(dir >= 0 && segments_open(&s, dir, true, PLAN, &e));
	assert_true(segments_rotate(&s, NOW, &e));
	ahead_prepare(&s);
	assert_int_equal(files(p, "next"), 0); /* the current one is empty */
	s.current->end = PLAN / 2;
	ahead_prepare(&s);
	assert_int_equal(files(p, "next"), 1);
	assert_true(segments_standing_by(&s) >= PLAN);
	ahead_release(&s);
	assert_int_equal(files(p, "next"), 0);
	for (int step = 0; step < 3; step++) {
		assert_int_equal(s.next, 0);
		ahead_prepare(&s);
	}
	assert_int_equal(s.next, s.last_no + 1);
	assert_true(s.next_durable);
	assert_true(segments_rotate(&s, NOW, &e));
	assert_int_equal(s.next, 0);
	segments_close(&s);
	close(dir);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_files_go_round),
		T(test_the_next_stands_ready),
		T(test_what_stood_ready_is_kept),
		T(test_left_behind_by_a_power_cut),
		T(test_room_that_is_dear_is_given_back),
		T(test_no_more_than_enough),
		T(test_they_grow_old),
		T(test_room_goes_before_spares),
		T(test_made_step_by_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
