/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "check/secret_shape.h"

static const struct shape_case {
	const char *secret, *notes;
	size_t chars;
} shape_cases[] = {
	{ "correct horse", "inner-blank", 13 },
	{ "secret", "", 6 },
	{ "", "empty", 0 },
	{ " secret", "leading-blank", 7 },
	{ "secret ", "trailing-blank", 7 },
	{ "secret\n", "trailing-blank newline", 7 },
	{ "sec\nret", "newline inner-blank", 7 },
	{ "secret\xc2\xa0", "trailing-blank non-ascii", 7 },
	{ "\xe2\x80\x8bsecret", "leading-blank non-ascii", 7 },
	{ "\"secret\"", "quoted", 8 },
	{ "'", "", 1 },
	{ "gr\xc3\xbc\xc3\x9f", "non-ascii", 4 },
	{ "\xff\xfe", "non-ascii", 2 },
	{ "aaaabbbb-cccc-dddd-eeee-ffff00001111", "guid", 36 },
	{ "aaaabbbb-cccc-dddd-eeee-ffff0000111g", "", 36 },
	{ "abcdefghijklmnop", "app-password", 16 },
	{ "abcd efgh ijkl mnop", "inner-blank app-password", 19 },
	{ "abcd-efgh-ijkl-mnop", "app-password", 19 },
	{ "abcd-efgh ijkl-mnop", "inner-blank", 19 },
	{ "abcdefghijklmno1", "", 16 },
	{ "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws-secret", 40 },
	{ "BMq3labLABlabLABlabLABlabLABlabLABlabLABlab1", "ses-password", 44 },
	{ "SG.abc.def", "sendgrid-key", 10 },
	{ "eyJhbGciOiJub25lIn0.e30.", "jwt", 24 },
};

static void test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shape_cases); i++) {
		const struct shape_case *c = &shape_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct strlist notes = { 0 };
		secret_notes(c->secret, a, &notes);
		if (strcmp(strlist_join(&notes, a, " "), c->notes) != 0)
			fail_msg("\"%s\" is said to be: %s", c->secret, strlist_join(&notes, a, " "));
		assert_int_equal(secret_chars(c->secret), c->chars);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shapes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
