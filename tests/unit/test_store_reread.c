/* SPDX-License-Identifier: Apache-2.0 */
/* What the disk did not give at a start and gives at a later one: mail that was answered is back. */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "tests/unit/bad_disk.h"

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
	place_close_without_index(p);
	for (int round = 0; round < 3; round++) {
		bad_disk_segment(p, 1);
		bad_disk.at = PAGE;
		reopen_reporting(p);
		assert_int_equal(place_known(p, "b@example.net"), 0);
		if (!round)
			ids[LATER] = accept_one(p, "c@example.net", "meanwhile");
		store_close(&p->s);
	}
	bad_disk_well();
	open_store(p);
	assert_int_equal(place_live(p), 2);
	assert_int_equal(state_of(p, ids[HANDED_OVER], 0), STORE_HANDED_OVER);
	assert_int_equal(state_of(p, ids[QUEUED], 0), STORE_QUEUED);
	assert_int_equal(state_of(p, ids[LATER], 0), STORE_QUEUED);
}

/* Another that can't be read stands behind it: it waits, and that is said. */
static void test_unread_waits(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	reopen(p); /* into the next segment */
	accept_one(p, "b@example.net", "x");
	place_close_without_index(p);
	bad_disk_segment(p, 1);
	bad_disk.at = PAGE;
	reopen_reporting(p);
	accept_one(p, "c@example.net", "so that no start has to read segment 2 by itself");
	bad_disk_segment(p, 2);
	store_reports = 0;
	reopen_reporting(p);
	assert_int_equal(store_reports, 1);
	assert_int_equal(place_live(p), 2);
	assert_int_equal(place_known(p, "b@example.net"), 1);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(store_reports, 2);
	assert_int_equal(place_live(p), 3);
}

/* Two are noted, and then one between them can't be read: the later one need not wait for it. */
static void test_unread_on_both_sides(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	reopen(p); /* into the next segment */
	accept_one(p, "b@example.net", "x");
	reopen(p);
	struct store_id last = accept_one(p, "c@example.net", "x");
	place_close_without_index(p);
	bad_disk_segment(p, 1);
	bad_disk.besides = bad_disk.file;
	bad_disk_segment(p, 3);
	bad_disk.at = PAGE;
	reopen_reporting(p);
	assert_int_equal(place_live(p), 1);
	accept_one(p, "d@example.net", "so that no start has to read segment 3 by itself");
	bad_disk_well();
	bad_disk_segment(p, 2);
	bad_disk.at = PAGE;
	reopen_reporting(p);
	assert_int_equal(place_known(p, "a@example.net"), 0);
	assert_int_equal(place_live(p), 3);
	assert_int_equal(state_of(p, last, 0), STORE_QUEUED);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(place_known(p, "a@example.net"), 1);
	assert_int_equal(place_live(p), 4);
	store_reports = 0;
	reopen_reporting(p);
	assert_int_equal(store_reports, 0);
}

/* The path fails again while what it gave for a moment is read: what was handed over is not sent twice. */
static void test_unread_again_in_between(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	reopen(p); /* into segment 2 */
	struct store_mark m = { .id = id, .state = STORE_DELAYED, .code = 451, .next_ms = NOW };
	assert_int_equal(mark(p, m), STORE_DONE);
	accept_one(p, "b@example.net", "x");
	reopen(p); /* into segment 3 */
	m.state = STORE_HANDED_OVER;
	m.code = 250;
	assert_int_equal(mark(p, m), STORE_DONE);
	place_close_without_index(p);
	bad_disk_segment(p, 2);
	bad_disk.at = PAGE;
	reopen_reporting(p);
	assert_int_equal(place_live(p), 0);
	store_close(&p->s);
	bad_disk_well();
	bad_disk_segment(p, 3);
	bad_disk.at = PAGE;
	bad_disk.given = 1;
	open_store(p);
	assert_int_equal(bad_disk.given, -1); /* it was read a second time */
	assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
	assert_int_equal(place_live(p), 0);
	bad_disk_well();
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
	assert_int_equal(place_live(p), 1);
	assert_int_equal(place_known(p, "b@example.net"), 1);
}

/* A piece of a message, in a segment that the start itself does not read. */
static void test_piece_unread_for_a_while(void **state)
{
	struct place *p = *state;
	char path[128];
	sqlite3 *db;
	assert_int_equal(place_accept_long(p).verdict, STORE_DONE);
	store_close(&p->s);
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	static const char forget[] =
		"DELETE FROM message; DELETE FROM rcpt; DELETE FROM word; UPDATE meta SET "
		"v = 2 WHERE k = 'segment'; UPDATE meta SET v = 0 WHERE k = 'offset'";
	assert_int_equal(sqlite3_exec(db, forget, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	bad_disk_segment(p, 1);
	bad_disk.at = 10 * PAGE;
	reopen_reporting(p);
	assert_int_equal(place_live(p), 0);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(place_live(p), 1);
	assert_int_equal(place_known(p, "long@example.net"), 1);
}

static void start_unread(struct place *p)
{
	accept_one(p, "a@example.net", "x");
	place_close_without_index(p);
	bad_disk_segment(p, 1);
	bad_disk.at = PAGE;
	reopen_reporting(p);
}

static void expect_dropped(struct place *p, struct store_options o)
{
	struct err e = { 0 };
	start_unread(p);
	tidy(p);
	assert_true(place_has(p, "bodies/0000000001.seg"));
	store_close(&p->s);
	assert_true(store_open(&o, &p->s, &e));
	tidy(p);
	assert_false(place_has(p, "bodies/0000000001.seg"));
	bad_disk_well();
	reopen(p);
}

/* Room for mail that can be taken counts for more. */
static void test_unread_goes_for_room(void **state)
{
	struct store_options o = options(*state);
	o.budget_bytes = 2 << 20; /* both segments */
	expect_dropped(*state, o);
}

static void test_unread_goes_for_free_space(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct statvfs v;
	assert_int_equal(statvfs(p->path, &v), 0);
	o.reserve_bytes = (uint64_t)v.f_bavail * v.f_frsize / 3 * 2; /* there is more, but not twice that */
	expect_dropped(p, o);
}

/* What stands behind it is not kept for ever; that it went is said. */
static void test_unread_goes_by_age(void **state)
{
	struct place *p = *state;
	start_unread(p);
	accept_one(p, "b@example.net", "so that the index is beyond segment 1");
	p->now += 29 * DAY_MS;
	tidy(p);
	assert_true(place_has(p, "bodies/0000000001.seg"));
	store_reports = 0;
	p->now += 2 * DAY_MS;
	tidy(p);
	assert_false(place_has(p, "bodies/0000000001.seg"));
	assert_int_equal(store_reports, 1);
	bad_disk_well();
	reopen(p);
	assert_int_equal(place_live(p), 1);
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
	bad_disk_segment(p, 1);
	bad_disk.at = PAGE;
	place_meet_damage(p, id);
	assert_int_equal(place_known(p, "a@example.net"), 0);
	reopen_reporting(p);
	assert_int_equal(place_live(p), 0);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unread_for_a_while, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_waits, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_on_both_sides, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_again_in_between, begin, end),
		cmocka_unit_test_setup_teardown(test_piece_unread_for_a_while, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_goes_for_room, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_goes_for_free_space, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_goes_by_age, begin, end),
		cmocka_unit_test_setup_teardown(test_unread_while_made_anew, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
