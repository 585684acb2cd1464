/* SPDX-License-Identifier: Apache-2.0 */
/* How long what became of one recipient waits for the others of its message, to be told in one report. */
#include "tests/unit/notice_place.h"

#include "relay/notice/notice_gather.h"

/* Three fail in three calls: told when the last has, in one report, and not again after a crash. */
static void test_gathered(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	for (uint32_t i = 0; i < 3; i++) {
		struct store_mark k = marked(p, i, STORE_REFUSED, NOW + i);
		assert_int_equal(taken, 0);
		notices_marked(p->relay.notices, &p->m, &k, 1);
		settle_store(p);
	}
	settle(p);
	assert_int_equal(taken, 1);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 1);
}

/* Others that wait for their time, or have ended, are not waited for. */
static void test_others_not_in_an_attempt(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	(void)marked(p, 0, STORE_HANDED_OVER, NOW);
	(void)marked(p, 1, STORE_DELAYED, NOW + 1);
	struct store_mark k = marked(p, 2, STORE_REFUSED, NOW + 2);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle_store(p);
	assert_int_equal(taken, 1);
}

/* The store has done the second's change, too, and nobody was told of it yet: one report of both. */
static void test_a_change_on_its_way(void **state)
{
	struct place *p = *state;
	rcpts[2].notify = STORE_NOTIFY_NEVER;
	take_original(p, 0);
	struct store_mark k[] = { marked(p, 0, STORE_REFUSED, NOW), marked(p, 1, STORE_REFUSED, NOW + 1) };
	struct pending second = { .marks = &k[1], .n = 1 };
	loop_behind_ms = 1000;
	pending_put(&p->relay.pending, &second);
	notices_marked(p->relay.notices, &p->m, &k[0], 1);
	settle_store(p);
	assert_int_equal(taken, 0);
	pending_take(&p->relay.pending, &second);
	notices_marked(p->relay.notices, &p->m, &k[1], 1);
	look_again(p);
	assert_int_equal(taken, 1);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
}

/* Others are still tried, and the minute is not over. */
static void test_before_the_minute(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	struct store_mark k = marked(p, 0, STORE_REFUSED, NOW);
	loop_behind_ms = NOTICE_GATHER_MS - 20000;
	notices_marked(p->relay.notices, &p->m, &k, 1);
	look_again(p);
	assert_int_equal(taken, 0);
}

/* Now it is; what comes later is a report of its own. */
static void test_after_the_minute(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	struct store_mark k = marked(p, 0, STORE_REFUSED, NOW);
	loop_behind_ms = NOTICE_GATHER_MS;
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle_store(p);
	assert_int_equal(taken, 0);
	k = marked(p, 2, STORE_REFUSED, NOW + 7); /* who comes later does not begin another minute */
	notices_marked(p->relay.notices, &p->m, &k, 1);
	look_again(p);
	assert_int_equal(taken, 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
	k = marked(p, 1, STORE_REFUSED, NOW + 9);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, 2);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gathered, begin, end),
		cmocka_unit_test_setup_teardown(test_others_not_in_an_attempt, begin, end),
		cmocka_unit_test_setup_teardown(test_a_change_on_its_way, begin, end),
		cmocka_unit_test_setup_teardown(test_before_the_minute, begin, end),
		cmocka_unit_test_setup_teardown(test_after_the_minute, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
