/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <limits.h>
#include <string.h>

#include "web/room.h"

static const struct room_case {
	const char *name;
	unsigned long files;
	unsigned most;
} room_cases[] = {
	{ "a shell's usual limit", 1024, 256 },
	{ "a quarter is more", 8192, 2048 },
	{ "ten thousand streams and other calls", 20000, 13856 },
	{ "the service's limit", 65536, ROOM_MAX },
	{ "no limit", ULONG_MAX, ROOM_MAX },
};

static void test_connections(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(room_cases); i++)
		if (room_connections(room_cases[i].files) != room_cases[i].most)
			fail_msg("%s: %u", room_cases[i].name, room_connections(room_cases[i].files));
}

static const struct short_case {
	const char *name;
	unsigned open;
	unsigned long files;
	int64_t told_ms;
	const char *mend; /* NULL: nothing is told */
} short_cases[] = {
	{ "much room at the start", 0, 20000, 0, NULL },
	{ "little room at the start", 0, 1024, 0, "LimitNOFILE" },
	{ "it was told at the start", 10, 1024, 1, NULL },
	{ "full", 13856, 20000, 0, "LimitNOFILE" },
	{ "full, told lately", 13856, 20000, 1, NULL },
	{ "full, told an hour ago", 13856, 20000, -ROOM_AGAIN_MS, "LimitNOFILE" },
	{ "full of all that are held", ROOM_MAX, 65536, 0, "share" },
};

static void test_short(void **state)
{
	(void)state;
	const int64_t now = 2 * (int64_t)ROOM_AGAIN_MS;
	for (size_t i = 0; i < ARRAY_LEN(short_cases); i++) {
		const struct short_case *c = &short_cases[i];
		struct err e = { 0 };
		int64_t told = c->told_ms ? now + c->told_ms - (c->told_ms > 0) : 0;
		bool is = room_is_short(c->open, c->files, now, &told, &e);
		if (is != !!c->mend || (is && (!strstr(e.detail, c->mend) || told != now)))
			fail_msg("%s: %d %s", c->name, is, e.detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
