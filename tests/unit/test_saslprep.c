/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "smtp/saslprep.h"

static const struct {
	const char *in, *out; /* NULL: refused */
} prepared_cases[] = {
	/* RFC 4013, 3, and what pasted passwords bring */
	{ "I\xc2\xadX", "IX" },
	{ "user", "user" },
	{ "USER", "USER" },
	{ "\xc2\xaa", NULL },     /* would become "a" */
	{ "\xe2\x85\xa8", NULL }, /* would become "IX" */
	{ "\x07", NULL },
	{ "\xd8\xa7\x31", NULL }, /* right-to-left */
	{ "a\xc2\xa0"
	  "b",
	  "a b" },
	{ "\xe2\x80\x8d"
	  "a\xef\xbb\xbf",
	  "a" },
	{ "M\xc3\xbcller\xc3\x9f", "M\xc3\xbcller\xc3\x9f" },
	{ "\xd0\xbf\xd0\xb0\xd1\x80", "\xd0\xbf\xd0\xb0\xd1\x80" },
	{ "\xe5\xaf\x86\xe7\xa0\x81", "\xe5\xaf\x86\xe7\xa0\x81" },
	{ "\xf0\x9f\x98\x80", NULL },
	{ "\xef\xbc\xa1", NULL }, /* full-width A */
	{ "\xc2\xad", NULL },     /* nothing left */
	{ "a\xe2\x80\x8b", NULL },
	{ "", NULL },
	{ "\xff", NULL },
};

static void test_saslprep(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prepared_cases); i++) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		struct err e = { 0 };
		bool ok = saslprep(str_of(prepared_cases[i].in), &out, &e);
		assert_int_equal(ok, prepared_cases[i].out != NULL);
		if (ok)
			assert_true(str_eq(buf_str(&out), prepared_cases[i].out));
		else
			assert_int_equal(e.kind, ERR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_saslprep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
