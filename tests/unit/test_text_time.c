/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/text_time.h"

static const struct {
	const char *text;
	long long unix_s;
} date_cases[] = {
	{ "Sat, 21 Nov 2026 08:49:38 +0000", 1795250978 },
	{ "21 Nov 2026 09:49 +0100", 1795250940 },
	{ "Sat, 21 Nov 2026 00:49:38 -0800 (PST)", 1795250978 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
};

static void test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(date_cases); i++) {
		long long t = -1;
		assert_true(text_mail_date_read(str_of(date_cases[i].text), &t));
		assert_int_equal(t, date_cases[i].unix_s);
		char z[TEXT_TIME_BYTES];
		long long again = -1;
		assert_true(text_time_read(str_of(text_time(t, z)), &again));
		assert_int_equal(t, again);
	}
	long long t;
	assert_false(text_mail_date_read(STR_LIT("yesterday"), &t));
	assert_false(text_time_read(STR_LIT("2026-13-01T00:00:00Z"), &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_dates) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
