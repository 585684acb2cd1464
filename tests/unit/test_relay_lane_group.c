/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lane_group: whoever waits for room among the sessions to the same hosts is looked at when there
 * is. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "relay/lane/lanes_inner.h"

static struct relay_settings settings;
static struct relay relay = { .settings = &settings };

uint32_t __wrap_store_lane_account(struct store *s, struct str lane, int64_t now_ms);
uint32_t __wrap_store_lane_account(struct store *s, struct str lane, int64_t now_ms)
{
	(void)s, (void)lane, (void)now_ms;
	return 1;
}

static void begin_sessions(struct lanes *l, struct lane *x, unsigned n)
{
	l->nsessions += n;
	x->sessions += n;
	x->group->sessions += n;
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
	assert_false(lane_group_room(l, late));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_session_ends),
		cmocka_unit_test(test_a_lane_leaves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
