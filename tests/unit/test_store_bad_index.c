/* SPDX-License-Identifier: Apache-2.0 */
/* A bad sector under the index: it is made anew from the messages. */
#include <sqlite3.h>
#include <stdio.h>

#include "tests/unit/bad_disk.h"

/* The index is made anew from the messages, whichever of its pages is the bad one. */
static void test_bad_index(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_id ended = accept_one(p, "b@example.net", "x");
	assert_int_equal(mark(p, (struct store_mark){ .id = ended, .state = STORE_CANCELLED }), STORE_DONE);
	for (off_t at = 0; at < 12 * PAGE; at += PAGE) {
		store_close(&p->s);
		bad_disk_file(p, "index.db");
		bad_disk.at = at;
		reopen_reporting(p);
		assert_int_equal(place_live(p), 1);
		place_meet_damage(p, ended);
		assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
		assert_int_equal(state_of(p, ended, 0), STORE_CANCELLED);
		assert_true(at || place_has(p, "index.db.bad"));
		bad_disk_well();
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
	bad_disk_file(p, "index.db-wal");
	bad_disk.at = 0;
	reopen_reporting(p);
	bad_disk_well();
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
	bad_disk_file(p, "index.db");
	bad_disk.at = 0;
	bad_disk.reads = 1;
	open_store(p);
	assert_int_equal(bad_disk.reads, 0);
	bad_disk_well();
	assert_false(place_has(p, "index.db.bad"));
	assert_int_equal(place_live(p), 1);
}

int main(void)
{
	bad_disk_sqlite();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad_index, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_index_log, begin, end),
		cmocka_unit_test_setup_teardown(test_index_unread_once, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
