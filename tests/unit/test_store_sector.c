/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails in one place only, and a system that fails for a moment only: what stands elsewhere, and
 * what was answered, is as it was. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/bad_disk.h"

/* ---- a bad sector ---- */

static void test_bad_sector(void **state)
{
	enum { MESSAGES = 2500, LEAST = 150 }; /* bytes of one; all: longer than any window it is read by */
	struct place *p = *state;
	for (int i = 0; i < MESSAGES; i++)
		accept_one(p, "a@example.net", "one of many");
	static const off_t places[] = { 5 * PAGE, 5 * PAGE + 100 * PAGE, 40 * PAGE };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		place_close_without_index(p);
		bad_disk_segment(p, 1);
		bad_disk.at = places[i];
		reopen_reporting(p);
		size_t n = place_live(p);
		bad_disk_well();
		/* What stands in that page, begins before it or ends behind it. */
		if (n >= MESSAGES || n < MESSAGES - PAGE / LEAST - 2)
			fail_msg("%zu of %d messages are left", n, MESSAGES);
		/* A disk that gives it again gives all of them, and is asked no more. */
		reopen_reporting(p);
		assert_int_equal(place_live(p), MESSAGES);
		store_reports = 0;
		reopen_reporting(p);
		assert_int_equal(store_reports, 0);
	}
}

/* A person who moves away what the disk does not give goes on without it. */
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

/* That a piece could not be read for want of memory or files says nothing of the message. */
static void test_no_memory_for_a_piece(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct err e = { 0 };
	assert_int_equal(place_accept_long(p).verdict, STORE_DONE);
	place_close_without_index(p);
	bad_disk.short_of = ENOMEM;
	bool opened = store_open(&o, &p->s, &e);
	bad_disk_well();
	assert_false(opened);
	assert_int_equal(e.code, ENOMEM);
	open_store(p);
	assert_int_equal(place_known(p, "long@example.net"), 1);
}

/* ---- a sync that fails in one of two segments ---- */

/* Its record stands in a segment that was synced, a piece of it in one that was not: answered as failed, it
 * must not come back beside what its sender sends again. */
static void test_failed_stays_failed(void **state)
{
	struct place *p = *state;
	bad_disk_segment(p, 1);
	bad_disk.sync_fails = true;
	assert_int_equal(place_accept_long(p).verdict, STORE_FAILED);
	bad_disk_well();
	accept_one(p, "a@example.net", "into the next segment");
	struct store_done again = place_accept_long(p);
	assert_int_equal(again.verdict, STORE_DONE);
	place_close_without_index(p);
	reopen_reporting(p);
	assert_int_equal(place_known(p, "long@example.net"), 1);
	assert_int_equal(state_of(p, again.id, 0), STORE_QUEUED);
}

/* Nor when a kill comes before anything else is written. */
static void test_failed_stays_failed_alone(void **state)
{
	struct place *p = *state;
	bad_disk_segment(p, 1);
	bad_disk.sync_fails = true;
	assert_int_equal(place_accept_long(p).verdict, STORE_FAILED);
	bad_disk_well();
	place_close_without_index(p);
	reopen_reporting(p);
	assert_int_equal(place_known(p, "long@example.net"), 0);
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
		bad_disk_segment(p, (unsigned)i * 2 + 1);
		bad_disk.sync_fails = true;
		assert_int_equal(place_accept_long(p).verdict, STORE_FAILED);
		bad_disk_well();
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
	bad_disk.names_fail = true;
	assert_int_equal(mark(p, (struct store_mark){ .id = keeps, .state = STORE_CANCELLED }), STORE_DONE);
	for (int i = 0; i < 4; i++)
		tidy(p);
	assert_int_equal(segments(p), before);
	bad_disk_well();
	tidy(p);
	assert_true(segments(p) < 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad_sector, begin, end),
		cmocka_unit_test_setup_teardown(test_without_a_segment, begin, end),
		cmocka_unit_test_setup_teardown(test_no_memory_for_a_piece, begin, end),
		cmocka_unit_test_setup_teardown(test_failed_stays_failed, begin, end),
		cmocka_unit_test_setup_teardown(test_failed_stays_failed_alone, begin, end),
		cmocka_unit_test_setup_teardown(test_files_are_closed, begin, end),
		cmocka_unit_test_setup_teardown(test_no_gap, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
