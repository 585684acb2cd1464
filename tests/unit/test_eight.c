/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/eight.h"
#include "base/mem.h"

static const struct range_case {
	const char *name;
	unsigned char from, to;
} range_cases[] = {
	{ "digits", '0', '9' }, { "capitals", 'A', 'Z' }, { "blank", ' ', ' ' },
	{ "plain", ' ', '~' },  { "all", 0, 0x7f },       { "none but the last", 0x7f, 0x7f },
};

/* Every byte at every place, beside bytes that would carry into it. */
static void check_range(const struct range_case *c, unsigned char beside)
{
	for (unsigned byte = 0; byte < 256; byte++)
		for (unsigned at = 0; at < 8; at++) {
			char text[8];
			memset(text, (char)beside, sizeof(text));
			text[at] = (char)byte;
			uint64_t got = eight_between(eight_at(text), c->from, c->to) >> at * 8 & 0xff;
			if (got != (byte >= c->from && byte <= c->to ? 0x80 : 0))
				fail_msg("%s: byte %u at %u beside %u", c->name, byte, at, beside);
		}
}

static void test_between(void **state)
{
	(void)state;
	static const unsigned char besides[] = { 0, ' ', '0', 'z', 0x7f, 0x80, 0xff };
	for (size_t i = 0; i < ARRAY_LEN(range_cases); i++)
		for (size_t k = 0; k < ARRAY_LEN(besides); k++)
			check_range(&range_cases[i], besides[k]);
}

static void test_first(void **state)
{
	(void)state;
	for (unsigned at = 0; at < 8; at++)
		assert_int_equal(eight_first((UINT64_MAX << at * 8) & EIGHT_TOPS), at);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_between), cmocka_unit_test(test_first) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
