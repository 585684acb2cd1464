/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "relay/lane/age.h"

#define MIN  INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY  (24 * HOUR)

struct look {
	int64_t wall, steady; /* since the look before */
	int64_t ahead;
};

static const struct age_case {
	const char *name;
	struct look looks[6];
} age_cases[] = {
	{ "time goes by", { { 1, 1, 0 }, { HOUR, HOUR, 0 }, { 30 * DAY, 30 * DAY, 0 } } },
	{ "trimmed", { { 1, 1, 0 }, { HOUR + MIN, HOUR, 0 }, { HOUR - MIN, HOUR, 0 } } },
	{ "a wrong year, set back",
	  { { 1, 1, 0 },
	    { 365 * DAY, MIN, 365 * DAY - MIN },
	    { HOUR, HOUR, 365 * DAY - MIN - HOUR },
	    { -365 * DAY, MIN, 0 },
	    { HOUR, HOUR, 0 } } },
	{ "a leap that was right is taken over in time",
	  { { 1, 1, 0 }, { 2 * DAY, 0, 2 * DAY }, { DAY, DAY, DAY }, { DAY, DAY, 0 }, { DAY, DAY, 0 } } },
	{ "set back at first", { { 1, 1, 0 }, { -9 * DAY, 0, 0 }, { 9 * DAY, 0, 9 * DAY } } },
	{ "two leaps", { { 1, 1, 0 }, { DAY, 0, DAY }, { DAY, 0, 2 * DAY }, { DAY, DAY, DAY } } },
};

static void test_age_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(age_cases); i++) {
		struct age a = { 0 };
		int64_t wall = INT64_C(1790000000000);
		uint64_t steady = 5000;
		for (size_t k = 0; k < 6 && (age_cases[i].looks[k].wall || !k); k++) {
			const struct look *l = &age_cases[i].looks[k];
			wall += l->wall;
			steady += (uint64_t)l->steady;
			if (age_ahead_ms(&a, wall, steady) != l->ahead)
				fail_msg("%s, look %zu: %lld", age_cases[i].name, k, (long long)a.ahead_ms);
		}
	}
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_age_cases),
					    cmocka_unit_test(test_moved_cases) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
