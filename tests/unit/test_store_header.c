/* SPDX-License-Identifier: Apache-2.0 */
/* A segment whose header the disk does not give at a start: the relay starts, all other mail is served, and
 * what stands there waits until the disk gives it. */
#include <errno.h>

#include "tests/unit/bad_disk.h"

static void header_fails(struct place *p, unsigned no)
{
	bad_disk_segment(p, no);
	bad_disk.at = 0;
}

/* What the index did not know yet comes back with the first start that can read it. */
static void test_unknown_mail_comes_back(void **state)
{
	struct place *p = *state;
	struct store_id first = accept_one(p, "a@example.net", "x"), over, later;
	over = accept_one(p, "o@example.net", "x");
	reopen(p); /* into the next segment */
	assert_int_equal(mark(p, (struct store_mark){ .id = over, .state = STORE_HANDED_OVER }), STORE_DONE);
	accept_one(p, "b@example.net", "x");
	place_close_without_index(p);
	header_fails(p, 1);
	store_reports = 0;
	reopen_reporting(p);
	assert_true(store_reports > 0);
	assert_int_equal(place_live(p), 1);
	assert_int_equal(place_known(p, "b@example.net"), 1);
	later = accept_one(p, "c@example.net", "meanwhile");
	tidy(p);
	reopen_reporting(p);
	assert_int_equal(place_live(p), 2);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(place_live(p), 3);
	assert_int_equal(state_of(p, first, 0), STORE_QUEUED);
	assert_int_equal(state_of(p, over, 0), STORE_HANDED_OVER);
	assert_int_equal(state_of(p, later, 0), STORE_QUEUED);
	store_reports = 0;
	reopen_reporting(p);
	assert_int_equal(store_reports, 0);
}

/* What the index knew is listed, and read as soon as the disk gives it: by the relay and by who looks on. */
static void test_known_mail_waits(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct store *beside;
	struct err e = { 0 };
	struct store_id id = accept_one(p, "a@example.net", "x");
	store_close(&p->s);
	header_fails(p, 1);
	store_reports = 0;
	reopen_reporting(p);
	assert_int_equal(store_reports, 1);
	o.mode = STORE_READ;
	assert_true(store_open(&o, &beside, &e));
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
	assert_null(store_body_open(p->s, id, &e));
	assert_int_equal(e.code, EIO);
	assert_string_equal(e.what, "bodies/0000000001.seg");
	err_clear(&e);
	assert_null(store_body_open(beside, id, &e));
	assert_int_equal(e.code, EIO);
	bad_disk_well();
	expect_body(store_body_open(p->s, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	expect_body(store_body_open(beside, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	store_close(&beside);
}

/* The pieces of a long mail: it is not sent without them, and whole when they are there. */
static void test_pieces_wait(void **state)
{
	struct place *p = *state;
	place_accept_long(p);
	place_close_without_index(p);
	header_fails(p, 1);
	reopen_reporting(p);
	assert_int_equal(place_live(p), 0);
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(place_live(p), 1);
	assert_int_equal(place_known(p, "long@example.net"), 1);
}

/* When the segment before was closed stands in such a header: what that one has is not dropped as too old. */
static void test_nothing_is_dropped_for_it(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	place_close_without_index(p);
	bad_disk_segment(p, 1);
	bad_disk.at = PAGE;
	reopen_reporting(p);
	accept_one(p, "b@example.net", "x");
	bad_disk_well();
	store_close(&p->s);
	header_fails(p, 2);
	reopen_reporting(p);
	accept_one(p, "c@example.net", "so that the index is beyond segment 2");
	tidy(p);
	assert_true(place_has(p, "bodies/0000000001.seg"));
	bad_disk_well();
	reopen_reporting(p);
	assert_int_equal(place_live(p), 3);
}

/* The newest of all; and what another start did not get waits while it cannot be read. */
static void test_newest(void **state)
{
	struct place *p = *state;
	accept_one(p, "a@example.net", "x");
	place_close_without_index(p);
	header_fails(p, 1);
	reopen_reporting(p);
	assert_int_equal(place_live(p), 0);
	accept_one(p, "b@example.net", "x");
	header_fails(p, 2);
	reopen_reporting(p);
	assert_int_equal(place_live(p), 1);
	bad_disk_well();
	reopen(p);
	assert_int_equal(place_live(p), 2);
}

/* How long it is nobody knows then: the store does not start, rather than take it for empty, and what the
 * index lacks for read. */
static void test_not_even_opened(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct err e = { 0 };
	accept_one(p, "a@example.net", "x");
	reopen(p);
	accept_one(p, "b@example.net", "x");
	place_close_without_index(p);
	for (unsigned no = 1; no <= 2; no++) {
		bad_disk_segment(p, no);
		bad_disk.open_fails = true;
		err_clear(&e);
		assert_false(store_open(&o, &p->s, &e));
		assert_int_equal(e.code, EIO);
		bad_disk_well();
	}
	reopen(p);
	assert_int_equal(place_live(p), 2);
}

/* Who looks on is told of the disk, not that the text was dropped. */
static void test_not_opened_by_who_looks_on(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct store *beside;
	struct err e = { 0 };
	struct store_id id = accept_one(p, "a@example.net", "x");
	store_settle(p->s);
	o.mode = STORE_READ;
	assert_true(store_open(&o, &beside, &e));
	bad_disk_segment(p, 1);
	bad_disk.open_fails = true;
	assert_null(store_body_open(beside, id, &e));
	assert_int_equal(e.code, EIO);
	bad_disk_well();
	expect_body(store_body_open(beside, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	store_close(&beside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown_mail_comes_back, begin, end),
		cmocka_unit_test_setup_teardown(test_known_mail_waits, begin, end),
		cmocka_unit_test_setup_teardown(test_pieces_wait, begin, end),
		cmocka_unit_test_setup_teardown(test_nothing_is_dropped_for_it, begin, end),
		cmocka_unit_test_setup_teardown(test_newest, begin, end),
		cmocka_unit_test_setup_teardown(test_not_even_opened, begin, end),
		cmocka_unit_test_setup_teardown(test_not_opened_by_who_looks_on, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
