/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/base64.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_base64) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
