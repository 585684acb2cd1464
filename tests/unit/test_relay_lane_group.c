/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lane_group: whoever waits for room among the sessions to the same hosts is looked at when there
 * is. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "relay/delivery/delivery.h"
#include "relay/lane/lanes_inner.h"

static struct relay_settings settings;
static struct relay_route rated = { .name = "direct", .mx = true, .rate = 60, .rate_s = 60 };
static struct relay relay = { .settings = &settings };

uint32_t __wrap_store_lane_account(struct store *s, struct str lane, int64_t now_ms);
uint32_t __wrap_store_lane_account(struct store *s, struct str lane, int64_t now_ms)
{
	(void)s, (void)now_ms;
	return lane.p[0] == 'a' ? 1 : 2;
}

static void begin_sessions(struct lanes *l, struct lane *x, unsigned n)
{
	l->nsessions += n;
	x->sessions += n;
	x->group->sessions += n;
}

static void end_sessions(struct lanes *l, struct lane *x, unsigned n)
{
	l->nsessions -= n;
	x->sessions -= n;
	x->group->sessions -= n;
}

/* Two lanes to the same hosts, the one with all the sessions they may have; the other waits. */
static void begin(struct lanes *l, struct lane *busy, struct lane *late)
{
	*l = (struct lanes){ .relay = &relay, .draining = true }; /* no timer */
	busy->named.name = (char *)(uintptr_t) "direct a.example";
	late->named.name = (char *)(uintptr_t) "direct b.example";
	lane_join(l, busy, "direct mx1.example");
	lane_join(l, late, "direct mx1.example");
	unsigned most = lane_sessions_max(l, late);
	begin_sessions(l, busy, most);
	assert_false(lane_group_room(l, late, NULL));
	assert_true(late->waits && !late->heap);
}

static void end(struct lanes *l, struct lane *busy, struct lane *late)
{
	lane_leave_group(l, busy);
	lane_leave_group(l, late);
	lane_groups_free(l);
	free(l->heap);
}

static void test_a_session_ends(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, late = { 0 };
	begin(&l, &busy, &late);
	l.nsessions--;
	busy.sessions--;
	lane_group_over(&l, &busy);
	assert_true(late.heap);
	end(&l, &busy, &late);
}

/* Who asks whether the group is another one now compares where it lies. */
static void test_a_new_group_lies_elsewhere(void **state)
{
	(void)state;
	struct lanes l = { .relay = &relay, .draining = true };
	struct lane x = { .named.name = (char *)(uintptr_t) "direct a.example" };
	lane_join(&l, &x, "direct mx1.example");
	uintptr_t before = (uintptr_t)x.group;
	lane_join(&l, &x, "direct mx2.example");
	assert_true((uintptr_t)x.group != before);
	lane_leave_group(&l, &x);
	lane_groups_free(&l);
}

/* Its domain's mail goes elsewhere from now on, and its sessions count there. */
static void test_a_lane_leaves(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, late = { 0 };
	begin(&l, &busy, &late);
	lane_join(&l, &busy, "direct mx2.example");
	assert_int_equal(busy.group->sessions, busy.sessions);
	assert_int_equal(late.group->sessions, 0);
	assert_true(late.heap);
	end(&l, &busy, &late);
}

/* Other hosts have every session of the relay, and the one that was to look needs none any more. */
static void test_the_next_one_is_called_though_all_is_busy(void **state)
{
	(void)state;
	struct lanes l;
	struct lane first = { 0 }, late = { 0 };
	begin(&l, &first, &late);
	assert_false(lane_group_room(&l, &first, NULL));
	end_sessions(&l, &first, first.sessions);
	l.nsessions = LANES_SESSIONS_MAX;
	assert_int_equal(lane_group_max(&l, &first), 0);
	lane_group_pass(&l, &late);
	assert_true(first.heap && first.waits);
	end(&l, &first, &late);
}

/* When sessions of others end nobody is told: who has less than its hosts take looks again. */
static void test_a_small_part_is_looked_at_again(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, late = { 0 };
	begin(&l, &busy, &late);
	lane_group_full(&l, &busy);
	assert_false(lane_part_is_small(&l, &busy) || busy.heap || late.heap);
	l.nsessions = LANES_SESSIONS_MAX - 1;
	assert_true(lane_part_is_small(&l, &busy));
	assert_false(lane_group_room(&l, &late, NULL));
	assert_true(late.heap && late.due_ms > relay_now_ms());
	lane_group_full(&l, &busy);
	assert_true(busy.heap && !busy.waits && busy.due_ms > relay_now_ms());
	end(&l, &busy, &late);
}

enum { CROWD = 100 };

/* Lanes of account a, then one of b: each account has its turn, whoever came first. */
static void test_turns_are_of_accounts(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, other = { 0 }, crowd[CROWD] = { 0 };
	begin(&l, &busy, &other);
	lane_group_pass(&l, &other);
	for (size_t i = 0; i < CROWD; i++) {
		crowd[i].named.name = (char *)(uintptr_t) "a";
		lane_join(&l, &crowd[i], "direct mx1.example");
		assert_false(lane_group_room(&l, &crowd[i], NULL));
		assert_int_equal(lane_group_before(&crowd[i]), i);
	}
	assert_false(lane_group_room(&l, &other, NULL));
	assert_int_equal(lane_group_before(&other), 1);
	assert_int_equal(lane_group_before(&crowd[0]), 0);
	assert_int_equal(lane_group_before(&crowd[CROWD - 1]), CROWD);
	end_sessions(&l, &busy, 1);
	assert_false(lane_group_room(&l, &other, NULL));
	assert_true(lane_group_room(&l, &crowd[0], NULL));
	assert_int_equal(lane_group_before(&other), 0);
	assert_int_equal(lane_group_before(&crowd[1]), 1);
	lane_group_pass(&l, &crowd[50]); /* in the midst of its line */
	assert_int_equal(lane_group_before(&crowd[CROWD - 1]), CROWD - 2);
	assert_false(lane_group_room(&l, &crowd[1], NULL));
	assert_true(lane_group_room(&l, &other, NULL));
	assert_true(lane_group_is_wanted(&other));
	for (size_t i = 0; i < CROWD; i++)
		lane_leave_group(&l, &crowd[i]);
	assert_false(lane_group_is_wanted(&other));
	end(&l, &busy, &other);
}

/* Its mail was cancelled meanwhile: the next one of its account is first, before another's. */
static void test_an_unspent_turn_is_given_back(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, other = { 0 }, first = { 0 }, second = { 0 };
	begin(&l, &busy, &other);
	lane_group_pass(&l, &other);
	first.named.name = second.named.name = (char *)(uintptr_t) "a";
	lane_join(&l, &first, "direct mx1.example");
	lane_join(&l, &second, "direct mx1.example");
	assert_false(lane_group_room(&l, &first, NULL));
	assert_false(lane_group_room(&l, &second, NULL));
	assert_false(lane_group_room(&l, &other, NULL));
	end_sessions(&l, &busy, 1);
	assert_true(lane_group_room(&l, &first, NULL));
	const struct lane_turn turn = first.turn;
	assert_ptr_equal(lane_group_next(first.group), &other);
	first.group->next = NULL; /* nobody was called yet */
	lane_group_unspent(&first, &turn);
	assert_ptr_equal(lane_group_next(first.group), &second);
	assert_true(lane_group_room(&l, &second, NULL));
	lane_group_unspent(&first, &turn); /* a later one was spent since */
	assert_ptr_equal(lane_group_next(first.group), &other);
	lane_leave_group(&l, &first);
	lane_leave_group(&l, &second);
	end(&l, &busy, &other);
}

/* Only what stops all lanes of the route alike, and not for long, is waited for in one line. */
static void test_a_wait_that_is_shared(void **state)
{
	(void)state;
	static const struct {
		bool of_route;
		size_t n, which;
		int64_t in_ms;
		bool shared;
	} waits[] = {
		{ true, 1, 0, 200, true },
		{ true, 2, 0, LANE_HOLD_MS, true },
		{ true, 2, 1, 200, false },              /* a profile's own */
		{ false, 1, 0, 200, false },             /* the same, of a route without limits */
		{ true, 1, 0, LANE_HOLD_MS + 1, false }, /* it is held */
		{ true, 1, 0, 0, false },
		{ false, 0, 0, 200, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		const struct lane_caps c = { .n = waits[i].n, .of_route = waits[i].of_route };
		const struct lane_wait w = { .at_ms = 5000 + waits[i].in_ms, .which = waits[i].which };
		assert_int_equal(lane_wait_is_shared(&c, &w, 5000), waits[i].shared);
	}
}

/* The crowd's lane comes back for each slot of the route's limit; the other one waits before it. */
static void test_a_limit_is_waited_for_in_line(void **state)
{
	(void)state;
	struct lanes l = { .relay = &relay, .draining = true };
	struct lane crowd = { .named.name = (char *)(uintptr_t) "out" },
		    late = { .named.name = (char *)(uintptr_t) "out never-twice" };
	lane_join(&l, &crowd, "out");
	lane_group_stay(&l, &crowd);
	assert_false(crowd.waits); /* alone there is no line */
	lane_join(&l, &late, "out");
	lane_group_stay(&l, &late);
	assert_true(late.waits && !lane_group_is_wanted(&late) && lane_group_is_wanted(&crowd));
	assert_false(lane_group_room(&l, &crowd, NULL));
	assert_true(late.heap && lane_group_room(&l, &late, NULL));
	lane_group_stay(&l, &late);
	assert_ptr_equal(lane_group_next(crowd.group), &crowd);
	assert_true(lane_group_room(&l, &crowd, NULL));
	end(&l, &crowd, &late);
}

/* There is room for both sessions, and one slot: who finds it taken would have had its turn for nothing. */
static void test_one_is_called_for_a_slot(void **state)
{
	(void)state;
	struct lanes l = { .relay = &relay, .draining = true };
	struct lane a = { .named.name = (char *)(uintptr_t) "direct a.example" },
		    b = { .named.name = (char *)(uintptr_t) "direct b.example" };
	settings.routes = &rated;
	settings.nroutes = 1;
	lane_join(&l, &a, "direct mx1.example");
	lane_join(&l, &b, "direct mx1.example");
	assert_true(lane_group_room(&l, &a, NULL));
	begin_sessions(&l, &a, 1);
	a.bidders = a.group->bidders = 1;
	assert_false(lane_group_room(&l, &b, NULL));
	assert_true(b.waits && !b.heap);
	int64_t slot = a.group->slot_ms = relay_now_ms() + 1000;
	lane_group_bid_over(&l, &a);
	assert_true(b.heap && b.due_ms == slot);
	settings.nroutes = 0;
	end(&l, &a, &b);
}

/* There are as many sessions as may be, and one of them has nothing to do: it is who can go on. */
static void test_one_is_called_when_a_session_waits(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, late = { 0 };
	struct delivery d = { .lane = &late };
	begin(&l, &busy, &late);
	int64_t slot = late.group->slot_ms = relay_now_ms() + 1000;
	lane_group_idle(&l, &late);
	assert_false(late.heap);
	late.idle = &d;
	lane_group_idle(&l, &late);
	assert_true(late.heap && late.due_ms == slot);
	end(&l, &busy, &late);
}

/* A connection to a provider's host may be to none of the other lane's: worth a try where no room is. */
static void test_a_connection_that_may_suit(void **state)
{
	(void)state;
	struct lanes l;
	struct lane busy = { 0 }, late = { 0 };
	begin(&l, &busy, &late);
	const struct delivery own = { .lanes = &l, .lane = &late, .of_provider = true },
			      other = { .lanes = &l, .lane = &busy, .of_provider = true },
			      plain = { .lanes = &l, .lane = &busy };
	assert_true(delivery_may_suit(&other, &late));
	end_sessions(&l, &busy, 1);
	assert_false(delivery_may_suit(&other, &late));
	assert_true(delivery_may_suit(&own, &late) && delivery_may_suit(&plain, &late));
	end(&l, &busy, &late);
}

/* Hosts that fail have not shown a number; what a provider has shown is of all its hosts. */
static void test_a_failure_and_the_cap(void **state)
{
	(void)state;
	static const struct {
		bool of_provider;
		unsigned cap;
	} caps[] = { { false, 0 }, { true, 3 } };
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		struct lanes l = { .relay = &relay, .draining = true };
		struct lane x = { .named.name = (char *)(uintptr_t) "direct a.example" };
		const struct trouble t = { .scope = TROUBLE_HOST };
		lane_join(&l, &x, "direct mx1.example");
		lane_cap(&x, 3, caps[i].of_provider);
		const struct lane_word word = {
			.host = STR_LIT("mx1.example"), .reply = STR_LIT("no"), .code = 421, .finding = ""
		};
		lane_failed(&x, &t, NULL, false, 0, &word);
		assert_int_equal(x.group->cap, caps[i].cap);
		lane_forget_word(&x);
		lane_leave_group(&l, &x);
		lane_groups_free(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_session_ends),
		cmocka_unit_test(test_a_new_group_lies_elsewhere),
		cmocka_unit_test(test_a_lane_leaves),
		cmocka_unit_test(test_the_next_one_is_called_though_all_is_busy),
		cmocka_unit_test(test_a_small_part_is_looked_at_again),
		cmocka_unit_test(test_turns_are_of_accounts),
		cmocka_unit_test(test_an_unspent_turn_is_given_back),
		cmocka_unit_test(test_a_wait_that_is_shared),
		cmocka_unit_test(test_a_limit_is_waited_for_in_line),
		cmocka_unit_test(test_one_is_called_for_a_slot),
		cmocka_unit_test(test_one_is_called_when_a_session_waits),
		cmocka_unit_test(test_a_connection_that_may_suit),
		cmocka_unit_test(test_a_failure_and_the_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
