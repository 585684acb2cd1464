/* SPDX-License-Identifier: Apache-2.0 */
/* A DNS record's answers, day by day: when it has changed. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/drift.h"

enum { DAYS = 8 };

/* One answer a day; '|' between values; NULL: not asked.  changes: y or n a day. */
static const struct {
	const char *name;
	bool address;
	const char *answers[DAYS];
	const char *changes;
} cases[] = {
	{ "the same", false, { "10 a", "10 a", "10 a" }, "nnn" },
	{ "another", false, { "10 a", "10 b", "10 b" }, "nyn" },
	{ "one more", false, { "10 a", "10 a|20 b" }, "ny" },
	{ "gone and back", false, { "10 a", "", "10 a" }, "nyy" },
	{ "first seen", false, { "", "v=spf1 -all" }, "ny" },
	{ "servers take turns",
	  true,
	  { "192.0.2.1", "192.0.2.1|192.0.2.2", "192.0.2.2", "192.0.2.1" },
	  "nnnn" },
	{ "moved", true, { "192.0.2.1", "198.51.100.1", "198.51.100.1" }, "nyn" },
	{ "moved back within the week", true, { "192.0.2.1", "198.51.100.1", "192.0.2.1" }, "nyn" },
	{ "one of many stays",
	  true,
	  { "192.0.2.1|192.0.2.2", "192.0.2.2|198.51.100.1", "198.51.100.1" },
	  "nnn" },
	{ "gone", true, { "192.0.2.1", "", "192.0.2.1" }, "nyy" },
	{ "not within a week",
	  true,
	  { "192.0.2.1", NULL, NULL, NULL, NULL, NULL, NULL, "192.0.2.1" },
	  "n      n" },
};

static const char *lines(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	for (char *p = copy; *p; p++)
		if (*p == '|')
			*p = '\n';
	return copy;
}

static void test_days(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const char *before = NULL, *recent = "";
		for (size_t day = 0; day < DAYS; day++) {
			if (!cases[i].answers[day])
				continue;
			const char *now = lines(a, cases[i].answers[day]);
			struct drift d = drift_of(before, recent, now, cases[i].address,
						  INT64_C(1790000000000) + (int64_t)day * 86400000, a);
			if (d.changed != (cases[i].changes[day] == 'y'))
				fail_msg("%s: day %zu: %d", cases[i].name, day, d.changed);
			before = now;
			recent = d.recent;
		}
	}
}

/* What stood in the database is read with care all the same. */
static void test_memory(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char *text = mem_alloc(DRIFT_ADDRESSES_MAX * 40);
	(void)state;
	for (size_t i = 0; i < DRIFT_ADDRESSES_MAX; i++)
		snprintf(text + strlen(text), 40, "1790000000000 10.0.%zu.%zu\n", i / 256, i % 256);
	struct drift d = drift_of("x", text, "192.0.2.1\n192.0.2.2", true, INT64_C(1790000000001), a);
	size_t n = 0;
	for (const char *p = d.recent; (p = strchr(p, '\n')); p++)
		n++;
	assert_int_equal(n, DRIFT_ADDRESSES_MAX);
	assert_true(d.changed);
	d = drift_of("192.0.2.1", "x\n1 \n 192.0.2.1\n99999999999999999999 192.0.2.1\n", "192.0.2.9", true,
		     INT64_C(1790000000000), a);
	assert_false(d.changed);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_days), cmocka_unit_test(test_memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
