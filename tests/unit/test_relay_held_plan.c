/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/held_plan: what is held for a limit goes when there is room by the settings of now, a message at
 * a time. */
#include <string.h>

#include "tests/unit/held_place.h"

static const struct plan_case {
	const char *name;
	struct held_place at;
	size_t trails, turns, calls;
	enum store_state state; /* of the marks */
	int64_t in_ms;          /* their time, from now on */
	const char *lane;       /* "" unchanged */
} cases[] = {
	{ "there is room", { 1, 3, .state = STORE_HELD }, 1, 2, 1, STORE_QUEUED, 0, "" },
	{ "it had been tried", { 1, 3, .state = STORE_HELD, .tries = 1 }, 1, 2, 1, STORE_DELAYED, 0, "" },
	{ "sooner", { 1, 3, .state = STORE_HELD, .own_ms = HOUR }, 1, 1, 1, STORE_HELD, HOUR, "" },
	{ "room for its account, not for all of them",
	  { 1, 3, .state = STORE_HELD, .all_ms = HOUR },
	  1,
	  2,
	  1,
	  STORE_HELD,
	  HOUR,
	  "" },
	{ "no sooner", { 1, 3, .state = STORE_HELD, .own_ms = 24 * HOUR }, 0, 1, 0, 0, 0, "" },
	{ "a person holds it", { 1, 3, .state = STORE_HELD, .event = "held by anna" }, 1, 2, 0, 0, 0, "" },
	{ "a doubt", { 1, 3, .state = STORE_IN_DOUBT, .tries = 1 }, 1, 2, 1, STORE_IN_DOUBT, 0, "" },
	{ "a doubt that waits for its next try",
	  { 1, 3, .state = STORE_IN_DOUBT, .event = "cut" },
	  1,
	  0,
	  0,
	  0,
	  0,
	  "" },
	{ "a doubt of another route",
	  { 1, 3, .state = STORE_IN_DOUBT, .tries = 1, .today = "new" },
	  0,
	  0,
	  0,
	  0,
	  0,
	  "" },
	{ "another route", { 1, 3, .state = STORE_HELD, .today = "new" }, 1, 2, 1, STORE_QUEUED, 0, "new" },
	{ "no route", { 1, 3, .state = STORE_HELD, .today = LANE_NONE }, 0, 0, 0, 0, 0, "" },
	{ "gone meanwhile", { 1, 3, .state = STORE_HELD, .now = STORE_CANCELLED }, 0, 0, 0, 0, 0, "" },
};

static void check(const struct plan_case *x)
{
	held_plan(&x->at);
	if (held_seen.trails != x->trails || held_seen.turns != x->turns || held_seen.calls != x->calls)
		fail_msg("%s: %zu trails, %zu turns, %zu marked", x->name, held_seen.trails, held_seen.turns,
			 held_seen.calls);
	if (!x->calls)
		return;
	int64_t over = held_seen.mark.next_ms - relay_now_ms() - x->in_ms;
	assert_int_equal(held_seen.marks, x->at.rcpts);
	if (held_seen.mark.state != x->state || strcmp(held_seen.lane, x->lane) != 0 || over > 0 ||
	    over < -HOUR / 2)
		fail_msg("%s: state %d, lane %s, %lld ms late", x->name, held_seen.mark.state, held_seen.lane,
			 (long long)over);
	assert_string_equal(held_seen.planned, x->at.today ? x->at.today : "box");
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* However many there are: each message is read and marked once, and others have their turn between two. */
static void test_very_many(void **state)
{
	(void)state;
	held_plan(&(struct held_place){ .messages = 1000, .rcpts = 100, .state = STORE_HELD });
	assert_int_equal(held_seen.fetches, 1000);
	assert_int_equal(held_seen.trails, 1000);
	assert_int_equal(held_seen.calls, 1000);
	assert_int_equal(held_seen.marks, 100000);
	assert_true(held_seen.paces >= 1000);
	assert_true(held_seen.room < 200 * 1000); /* each takes what it needs, not what all of them do */
}

static void test_more_than_one_call_takes(void **state)
{
	(void)state;
	held_plan(&(struct held_place){
		.messages = 2, .rcpts = STORE_MARKS_MAX + 2000, .state = STORE_HELD, .part = true });
	assert_int_equal(held_seen.calls, 4);
	assert_int_equal(held_seen.marks, 2 * (STORE_MARKS_MAX + 2000));
	assert_int_equal(held_seen.most, STORE_MARKS_MAX);
}

/* A person has held one of them, and the disk does not have it yet. */
static void test_one_changes_meanwhile(void **state)
{
	(void)state;
	const struct store_mark hold[] = {
		{ .id = { .seq = 1 }, .rcpt = 1, .state = STORE_HELD, .next_ms = STORE_NEVER }
	};
	const struct store_mark others[] = { { .id = { .seq = 9 }, .rcpt = 0, .state = STORE_HELD } };
	struct pending first = { .marks = hold, .n = 1 }, second = { .marks = others, .n = 1 };
	pending_put(&held_relay.pending, &first);
	pending_put(&held_relay.pending, &second);
	held_plan(&(struct held_place){ .messages = 2, .rcpts = 3, .state = STORE_HELD, .part = true });
	held_relay.pending = NULL;
	assert_int_equal(held_seen.calls, 2);
	assert_int_equal(held_seen.marks, 2 + 3);
}

/* The store is not left behind, and a plan begins anew only when it has answered. */
static void test_outcomes_come_later(void **state)
{
	(void)state;
	held_plan(&(struct held_place){
		.messages = 1000, .rcpts = 1, .state = STORE_HELD, .reload = true, .late = 1000 });
	assert_int_equal(held_seen.walks, 2);
	assert_int_equal(held_seen.calls, 1 + 1000);
	assert_true(held_late_most() > 1 && held_late_most() <= 256);
}

/* By settings that came in the midst of it all is planned anew, and once at a time. */
static void test_a_reload_meanwhile(void **state)
{
	(void)state;
	held_plan(&(struct held_place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .reload = true });
	assert_int_equal(held_seen.walks, 2);
	assert_int_equal(held_seen.calls, 1 + 3);
}

/* What was planned is forgotten then: so all are planned anew. */
static void test_a_leap_meanwhile(void **state)
{
	(void)state;
	held_plan(&(struct held_place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .leap = true });
	assert_int_equal(held_seen.walks, 2);
	assert_int_equal(held_seen.calls, 1 + 3);
}

/* A full disk: told once, and tried again later, or by the next settings at once. */
static void test_not_stored(void **state)
{
	(void)state;
	held_begin(&(struct held_place){
		.messages = 3, .rcpts = 1, .state = STORE_HELD, .fails = true, .late = 3 });
	assert_false(
		net_loop_wait(held_relay.loop, held_is_over, NULL, net_loop_now_ms(held_relay.loop) + 50));
	assert_int_equal(held_seen.calls, 3);
	assert_int_equal(held_seen.tells, 1);
	held_place.fails = false;
	lanes_plan_held(&held_lanes);
	held_wake(); /* in the relay that comes by an event, behind which the fibers look again */
	held_end();
	assert_int_equal(held_seen.walks, 2);
	assert_int_equal(held_seen.calls, 3 + 3);
	assert_int_equal(held_seen.tells, 1);
}

/* What the store would never take keeps nothing else back. */
static void test_refused(void **state)
{
	(void)state;
	held_plan(&(struct held_place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .fails = true });
	assert_int_equal(held_seen.walks, 1);
	assert_int_equal(held_seen.calls, 3);
	assert_int_equal(held_seen.tells, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_very_many),
		cmocka_unit_test(test_more_than_one_call_takes),
		cmocka_unit_test(test_one_changes_meanwhile),
		cmocka_unit_test(test_outcomes_come_later),
		cmocka_unit_test(test_a_reload_meanwhile),
		cmocka_unit_test(test_a_leap_meanwhile),
		cmocka_unit_test(test_not_stored),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
