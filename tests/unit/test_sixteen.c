/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "base/sixteen.h"

static const struct range_case {
	const char *name;
	uint8_t from, to;
} range_cases[] = {
	{ "digits", '0', '9' }, { "blank", ' ', ' ' },      { "visible", '!', '~' },
	{ "all", 0, 0xff },     { "top half", 0x80, 0xff }, { "the last", 0xff, 0xff },
};

/* Every byte at every place. */
static void test_between(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(range_cases); i++)
		for (unsigned byte = 0; byte < 256; byte++)
			for (unsigned at = 0; at < SIXTEEN; at++) {
				const struct range_case *c = &range_cases[i];
				bool beside = !c->from, in = byte >= c->from && byte <= c->to;
				char text[SIXTEEN] = { 0 };
				text[at] = (char)byte;
				unsigned want = (beside ? 0xffffu & ~(1u << at) : 0) | (unsigned)in << at;
				if (sixteen_between(sixteen_at(text), c->from, c->to) != want)
					fail_msg("%s: byte %u at %u", c->name, byte, at);
			}
}

/* What processors without such an instruction do comes to the same. */
static void test_half(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 256; bits++) {
		char text[8];
		for (unsigned i = 0; i < sizeof(text); i++)
			text[i] = (char)(bits >> i & 1 ? 0x80 | bits : 0x7f);
		assert_int_equal(sixteen_half(eight_at(text)), bits);
	}
}

/* One byte differs, by one bit, at every place. */
static void test_same(void **state)
{
	(void)state;
	for (unsigned at = 0; at < SIXTEEN; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			char one[SIXTEEN] = "fifteen of them", other[SIXTEEN];
			memcpy(other, one, SIXTEEN);
			assert_int_equal(sixteen_same(sixteen_at(one), sixteen_at(other)), 0xffff);
			other[at] = (char)(other[at] ^ 1 << bit);
			assert_int_equal(sixteen_same(sixteen_at(one), sixteen_at(other)),
					 0xffff & ~(1u << at));
		}
}

static void test_small(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char text[SIXTEEN], out[SIXTEEN + 2] = "";
		memset(text, (char)byte, sizeof(text));
		sixteen_put(out + 1, sixteen_small(sixteen_at(text)));
		char want = byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : (char)byte;
		assert_int_equal(out[0], 0);
		assert_int_equal(out[SIXTEEN + 1], 0);
		for (unsigned i = 1; i <= SIXTEEN; i++)
			assert_int_equal(out[i], want);
	}
}

static void test_short(void **state)
{
	(void)state;
	for (unsigned n = 0; n < SIXTEEN; n++) {
		char out[SIXTEEN];
		sixteen_put(out, sixteen_of("abcdefghijklmnop", n));
		assert_memory_equal(out, "abcdefghijklmnop", n);
		for (unsigned i = n; i < SIXTEEN; i++)
			assert_int_equal(out[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_between), cmocka_unit_test(test_half),
					    cmocka_unit_test(test_same), cmocka_unit_test(test_small),
					    cmocka_unit_test(test_short) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
