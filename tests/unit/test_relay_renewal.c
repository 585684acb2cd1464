/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/renewal.h"

static bool judge(struct renewal *n, const char *file, const char *detail, char *said, size_t size)
{
	struct err e = { 0 };
	if (file) {
		ERR_FILL(&e, ERR_USAGE, 0, "read", "%s", file);
		err_detail(&e, "%s", detail);
	}
	bool news = renewal_judge(n, &e, 1796083200);
	err_text(&e, said, size);
	return news;
}

static void test_told_once(void **state)
{
	(void)state;
	struct renewal n = { 0 };
	char said[500];
	assert_false(judge(&n, NULL, "", said, sizeof(said)));
	assert_true(judge(&n, "a.pem", "gone", said, sizeof(said)));
	assert_string_equal(
		said,
		"cannot read a.pem: gone; the certificate before it goes on, until 2026-12-01T00:00:00Z");
	assert_string_equal(n.why, "cannot read a.pem: gone");
	assert_false(judge(&n, "a.pem", "gone", said, sizeof(said)));
	assert_true(judge(&n, "a.pem", "no pair", said, sizeof(said)));
	assert_false(judge(&n, NULL, "", said, sizeof(said)));
	assert_string_equal(n.why, "");
	assert_true(judge(&n, "a.pem", "no pair", said, sizeof(said)));
}

/* The longest words are cut, and still told once. */
static void test_long(void **state)
{
	(void)state;
	struct renewal n = { 0 };
	char long_name[400], said[900];
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	assert_true(judge(&n, long_name, long_name, said, sizeof(said)));
	assert_false(judge(&n, long_name, long_name, said, sizeof(said)));
	assert_true(strlen(n.why) < RENEWAL_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_told_once), cmocka_unit_test(test_long) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
