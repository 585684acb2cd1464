/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/text_time.h"
#include "base/when.h"

enum { NOW = 1795259640 /* 2026-11-21T11:14:00Z */, BERLIN = 3600 };

static const struct when_case {
	const char *typed;
	long long zone_s;
	bool end;
	const char *want; /* NULL: refused */
} cases[] = {
	{ "now", 0, false, "2026-11-21T11:14:00Z" },
	{ "today", 0, false, "2026-11-21T00:00:00Z" },
	{ "Yesterday", 0, false, "2026-11-20T00:00:00Z" },
	{ "yesterday", 0, true, "2026-11-20T23:59:59Z" },
	{ "yesterday", BERLIN, false, "2026-11-19T23:00:00Z" },
	{ "2h", 0, false, "2026-11-21T09:14:00Z" },
	{ "90m", 0, false, "2026-11-21T09:44:00Z" },
	{ "3d", 0, false, "2026-11-18T11:14:00Z" },
	{ "3 days ago", 0, false, "2026-11-18T11:14:00Z" },
	{ "1w", 0, true, "2026-11-14T11:14:00Z" },
	{ "2026-11-20", 0, false, "2026-11-20T00:00:00Z" },
	{ "2026-11-20", 0, true, "2026-11-20T23:59:59Z" },
	{ "2026-11-20", BERLIN, false, "2026-11-19T23:00:00Z" },
	{ "2024-02-29", 0, false, "2024-02-29T00:00:00Z" },
	{ "2026-11-20 14:30", 0, true, "2026-11-20T14:30:00Z" },
	{ "2026-11-20T14:30:05", BERLIN, false, "2026-11-20T13:30:05Z" },
	{ "2026-11-20T14:30:05Z", BERLIN, false, "2026-11-20T14:30:05Z" },
	{ "2026-11-20T14:30:05.123456+01:00", 0, false, "2026-11-20T13:30:05Z" },
	{ "2026-11-20T14:30-0530", 0, false, "2026-11-20T20:00:00Z" },
	{ "09:30", 0, false, "2026-11-21T09:30:00Z" },
	{ "09:30", BERLIN, false, "2026-11-21T08:30:00Z" },
	{ "", 0, false, NULL },
	{ "soon", 0, false, NULL },
	{ "2h30", 0, false, NULL },
	{ "h", 0, false, NULL },
	{ "5", 0, false, NULL },
	{ "2025-02-29", 0, false, NULL },
	{ "2026-13-01", 0, false, NULL },
	{ "2026-11-20x", 0, false, NULL },
	{ "2026-11-20T25:00", 0, false, NULL },
	{ "2026-11-20T14:30+1", 0, false, NULL },
	{ "99999999999999999999d", 0, false, NULL },
	{ "1500-01-01", 0, false, NULL },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct when_case *c = &cases[i];
		struct when_base base = { NOW, c->zone_s, c->end };
		char text[TEXT_TIME_BYTES];
		long long got;
		bool ok = when_read(str_of(c->typed), &base, &got);
		if (ok != (c->want != NULL) || (ok && !z_eq(text_time(got, text), c->want)))
			fail_msg("\"%s\": %s", c->typed, ok ? text : "refused");
	}
}

static void test_zones(void **state)
{
	(void)state;
	long long z;
	assert_true(when_zone_read(str_of("UTC"), &z) && z == 0);
	assert_true(when_zone_read(str_of("+05:30"), &z) && z == 19800);
	assert_true(when_zone_read(str_of("-08"), &z) && z == -28800);
	assert_false(when_zone_read(str_of("05:30"), &z));
	assert_false(when_zone_read(str_of("+5"), &z));
	assert_false(when_zone_read(str_of("+05:3"), &z));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_zones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
