/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/text.h"

static const struct {
	const char *name;
	struct str in;
	const char *out;
} printable_cases[] = {
	{ "plain", STR_LIT("250 ok"), "250 ok" },
	{ "UTF-8 stays", STR_LIT("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f" },
	{ "latin-1 is escaped", STR_LIT("gr\xfc\xdf"), "gr\\xfc\\xdf" },
	{ "controls", STR_LIT("a\0b\x1b[31m"), "a\\x00b\\x1b[31m" },
	{ "backslash", STR_LIT("a\\b"), "a\\\\b" },
	{ "zero width", STR_LIT("a\xe2\x80\x8b"), "a\\xe2\\x80\\x8b" },
	{ "overlong form", STR_LIT("\xc0\xaf"), "\\xc0\\xaf" },
	{ "cut sequence", STR_LIT("\xe2\x82"), "\\xe2\\x82" },
};

static void test_printable(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(printable_cases); i++)
		assert_string_equal(text_printable(a, printable_cases[i].in), printable_cases[i].out);
}

static const struct {
	const char *a, *b;
	unsigned distance;
} distance_cases[] = {
	{ "smtp.gmail.com", "smtp.gmail.com", 0 },
	{ "stmp.gmail.com", "smtp.gmail.com", 1 },
	{ "smtp.gmial.com", "SMTP.gmail.com", 1 },
	{ "smtp.gmal.com", "smtp.gmail.com", 1 },
	{ "", "ab", 2 },
	{ "kitten", "sitting", 3 },
	{ "abcdef", "uvwxyz", 4 },
};

static void test_distance(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(distance_cases); i++)
		assert_int_equal(text_distance(distance_cases[i].a, distance_cases[i].b, 3),
				 distance_cases[i].distance);
}

static const struct {
	const char *plain, *coded;
} base64_cases[] = { { "", "" },
		     { "f", "Zg==" },
		     { "fo", "Zm8=" },
		     { "foo", "Zm9v" },
		     { "foob", "Zm9vYg==" },
		     { "fooba", "Zm9vYmE=" },
		     { "foobar", "Zm9vYmFy" } }; /* RFC 4648, 10 */

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(base64_cases); i++) {
		struct buf b = { 0 };
		base64_encode(&b, str_of(base64_cases[i].plain));
		assert_true(str_eq(buf_str(&b), base64_cases[i].coded));
		buf_clear(&b);
		assert_true(base64_decode(&b, str_of(base64_cases[i].coded)));
		assert_true(str_eq(buf_str(&b), base64_cases[i].plain));
		buf_clear(&b);
	}
	static const char *const bad[] = { "Zg", "Zg=", "Z===", "Zm9v!", "Zm 9v", "=Zg=" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b = { 0 };
		assert_false(base64_decode(&b, str_of(bad[i])));
		buf_clear(&b);
	}
}

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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
