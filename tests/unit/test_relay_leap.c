/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "relay/lane/leap.h"

#define MIN  INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY  (24 * HOUR)

struct look {
	int64_t wall, awake, slept; /* since the look before */
	int64_t leap, ahead;
};

static const struct leap_case {
	const char *name;
	struct look looks[6];
} leap_cases[] = {
	{ "time goes by", { { 1, 1, 0, 0, 0 }, { HOUR, HOUR, 0, 0, 0 }, { 30 * DAY, 30 * DAY, 0, 0, 0 } } },
	{ "trimmed", { { 1, 1, 0, 0, 0 }, { HOUR + MIN, HOUR, 0, 0, 0 }, { HOUR - MIN, HOUR, 0, 0, 0 } } },
	{ "a wrong year, set back",
	  { { 1, 1, 0, 0, 0 },
	    { 365 * DAY, MIN, 0, 365 * DAY - MIN, 365 * DAY - MIN },
	    { HOUR, HOUR, 0, 0, 365 * DAY - MIN - HOUR },
	    { -365 * DAY, MIN, 0, -365 * DAY - MIN, 0 },
	    { HOUR, HOUR, 0, 0, 0 } } },
	{ "a leap that was right is taken over in time",
	  { { 1, 1, 0, 0, 0 },
	    { 2 * DAY, 0, 0, 2 * DAY, 2 * DAY },
	    { DAY, DAY, 0, 0, DAY },
	    { DAY, DAY, 0, 0, 0 },
	    { DAY, DAY, 0, 0, 0 } } },
	{ "set back at first",
	  { { 1, 1, 0, 0, 0 }, { -9 * DAY, 0, 0, -9 * DAY, 0 }, { 9 * DAY, 0, 0, 9 * DAY, 9 * DAY } } },
	{ "two leaps",
	  { { 1, 1, 0, 0, 0 },
	    { DAY, 0, 0, DAY, DAY },
	    { DAY, 0, 0, DAY, 2 * DAY },
	    { DAY, DAY, 0, 0, DAY } } },
	{ "the machine slept: no leap, and no mail is older",
	  { { 1, 1, 0, 0, 0 },
	    { 6 * DAY + MIN, MIN, 6 * DAY, 0, 6 * DAY },
	    { DAY, DAY, 0, 0, 5 * DAY },
	    { 6 * DAY, 6 * DAY, 0, 0, 0 } } },
	{ "it slept, and was set back meanwhile",
	  { { 1, 1, 0, 0, 0 }, { -4 * DAY, MIN, 5 * DAY, -9 * DAY - MIN, 0 }, { HOUR, HOUR, 0, 0, 0 } } },
};

static void test_leap_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(leap_cases); i++) {
		struct leap a = { .ahead_ms = 0 };
		struct clocks c = { INT64_C(1790000000000), 9000, 5000 };
		for (size_t k = 0; k < 6 && (leap_cases[i].looks[k].wall || !k); k++) {
			const struct look *l = &leap_cases[i].looks[k];
			c.wall_ms += l->wall;
			c.awake_ms += (uint64_t)l->awake;
			c.boot_ms += (uint64_t)(l->awake + l->slept);
			int64_t leap = leap_look(&a, c);
			if (leap != l->leap || a.ahead_ms != l->ahead)
				fail_msg("%s, look %zu: %lld, %lld", leap_cases[i].name, k, (long long)leap,
					 (long long)a.ahead_ms);
		}
	}
}

/* A leap of nine days, seen a day ago. */
static void test_leap_ages_nothing_before_it(void **state)
{
	(void)state;
	const int64_t since = INT64_C(1790000000000);
	const struct leap l = { .ahead_ms = 8 * DAY, .since_ms = since };
	assert_int_equal(leap_ahead(&l, since - 9 * DAY - HOUR), 8 * DAY);
	assert_int_equal(leap_ahead(&l, since - HOUR), HOUR); /* noted by the new clock, before it was seen */
	assert_int_equal(leap_ahead(&l, since), 0);
	assert_int_equal(leap_ahead(&l, since + DAY), 0);
}

/* The same leap, of which a day has been taken over since. */
static void test_how_far_ahead_it_was(void **state)
{
	(void)state;
	const int64_t since = INT64_C(1790000000000), arrived = since - 9 * DAY - HOUR;
	struct leap l = { .last.wall_ms = since + DAY, .ahead_ms = 8 * DAY, .since_ms = since };
	assert_int_equal(leap_ahead_at(&l, arrived, since + DAY), 8 * DAY);
	assert_int_equal(leap_ahead_at(&l, arrived, since + DAY / 2), 8 * DAY + DAY / 2);
	assert_int_equal(leap_ahead_at(&l, arrived, since), 9 * DAY);
	assert_int_equal(leap_ahead_at(&l, arrived, since - 1), 0);
	assert_int_equal(leap_ahead_at(&l, since, since + HOUR), 0);
	l.ahead_ms = 0;
	assert_int_equal(leap_ahead_at(&l, arrived, since), 0);
}

/* now: of the new clock; a pause is an hour at most. */
static const struct moved_case {
	const char *name;
	int64_t at, leap, now, moved;
} moved_cases[] = {
	{ "none", 0, DAY, 9 * DAY, 0 },
	{ "ahead", 8 * DAY + 5 * MIN, DAY, 9 * DAY, 9 * DAY + 5 * MIN },
	{ "ahead, noted after it", 9 * DAY + 5 * MIN, DAY, 9 * DAY, 9 * DAY + 5 * MIN },
	{ "ahead, over before it", 7 * DAY, DAY, 9 * DAY, 8 * DAY },
	{ "back", 10 * DAY + 5 * MIN, -DAY, 9 * DAY, 9 * DAY + 5 * MIN },
};

static void test_moved_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(moved_cases); i++) {
		const struct moved_case *c = &moved_cases[i];
		int64_t moved = leap_moved(c->at, c->leap, c->now, HOUR);
		if (moved != c->moved)
			fail_msg("%s: %lld", c->name, (long long)moved);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_leap_cases),
					    cmocka_unit_test(test_leap_ages_nothing_before_it),
					    cmocka_unit_test(test_how_far_ahead_it_was),
					    cmocka_unit_test(test_moved_cases) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
