/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lane_lack: where this machine has no room for another session, nothing is begun, and it is said.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "relay/lane/lanes_inner.h"

static struct relay_settings settings;
static struct relay relay = { .settings = &settings };

/* Nothing is begun, and it is said whose trouble it is; later it is tried again. */
static void test_no_room_here(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lanes l = { .relay = &relay, .draining = true };
	struct lane x = { 0 };
	struct rlimit old, few;
	assert_false(lanes_are_short(&l));
	assert_true(lane_lack_room(&l, &x) && l.room_ms);
	assert_string_equal(lanes_lack_rule(&l, a), "");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = LANE_FILES;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	bool is_short = lanes_are_short(&l);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(is_short && l.lack == EMFILE && lanes_are_short(&l));
	assert_non_null(strstr(lanes_lack_rule(&l, a), "too many open files (raise LimitNOFILE)"));
	assert_true(!lane_lack_room(&l, &x) && x.wants_seat && x.due_ms == l.lack_ms);
	assert_true(l.lack_told == EMFILE && relay_now_ms() - l.lack_told_ms < LANE_LACK_TOLD_MS);
	l.lack_ms = relay_now_ms();
	assert_false(lanes_are_short(&l) || l.lack);
	assert_true(lane_lack_room(&l, &x) && l.room_sessions == l.nsessions);
	free(l.heap);
}

/* What a server or the way to it may have caused is no lack of ours. */
static void test_what_is_a_lack_of_ours(void **state)
{
	(void)state;
	static const int ours[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM },
			 theirs[] = { 0, ECONNREFUSED, ETIMEDOUT, EADDRNOTAVAIL, ENETUNREACH, EACCES };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		assert_true(lane_is_lack(ours[i]));
	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		assert_false(lane_is_lack(theirs[i]));
}

/* Memory that the way to one server's hosts lacks stops nobody else; what a second way lacks, too, is the
 * machine's. */
static void test_a_way_without_memory(void **state)
{
	(void)state;
	struct lanes l = { .relay = &relay };
	struct lane_group here = { 0 }, there = { 0 };
	const struct lane one = { .group = &here }, same = { .group = &here }, other = { .group = &there };
	assert_true(lane_lacks(&l, &one, EMFILE));
	assert_false(lane_lacks(&l, &one, ECONNREFUSED));
	assert_false(lane_lacks(&l, &one, ENOBUFS) || lane_lacks(&l, &same, ENOMEM));
	assert_true(lane_lacks(&l, &other, ENOBUFS) && lane_lacks(&l, &one, ENOBUFS));
	l.scarce_ms -= LANE_SCARCE_MS;
	assert_false(lane_lacks(&l, &other, ENOBUFS));
	assert_true(lane_lacks(&l, &one, ENOBUFS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_room_here),
		cmocka_unit_test(test_what_is_a_lack_of_ours),
		cmocka_unit_test(test_a_way_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
