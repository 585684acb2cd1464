/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "web/metrics_label.h"

static const struct {
	const char *value, *written;
} rows[] = {
	{ "shop", "shop" },
	{ "", "" },
	{ "back\\slash", "back\\\\slash" },
	{ "an \"odd\" name", "an \\\"odd\\\" name" },
	{ "two\nlines", "two\\nlines" },
	{ "\\n", "\\\\n" },
	{ "M\xc3\xbcller", "M\xc3\xbcller" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		metrics_label(&b, rows[i].value);
		buf_add(&b, "", 1);
		assert_string_equal(buf_str(&b).p, rows[i].written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
