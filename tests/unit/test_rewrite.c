/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter's changes make of a header. */
#include "tests/unit/unit.h"

#include "relay/filter/rewrite.h"

#define HEADER "Received: by relay\r\nSubject: one\r\n two\r\nX-Spam: no\r\nX-Spam: maybe\r\n"

static const struct {
	const char *what;
	enum milter_change_kind kind;
	unsigned index;
	const char *name, *value, *want;
} cases[] = {
	{ "add", MILTER_ADD_FIELD, 0, "X-A", "b", HEADER "X-A: b\r\n" },
	{ "insert at the top", MILTER_INSERT_FIELD, 0, "X-A", "b", "X-A: b\r\n" HEADER },
	{ "insert below our Received", MILTER_INSERT_FIELD, 1, "DKIM-Signature", "v=1;\n\tb=x",
	  "Received: by relay\r\nDKIM-Signature: v=1;\r\n\tb=x\r\n"
	  "Subject: one\r\n two\r\nX-Spam: no\r\nX-Spam: maybe\r\n" },
	{ "insert far behind the end", MILTER_INSERT_FIELD, 99, "X-A", "b", HEADER "X-A: b\r\n" },
	{ "change the second", MILTER_CHANGE_FIELD, 2, "x-spam", "YES",
	  "Received: by relay\r\nSubject: one\r\n two\r\nX-Spam: no\r\nx-spam: YES\r\n" },
	{ "delete the first", MILTER_CHANGE_FIELD, 1, "X-Spam", "",
	  "Received: by relay\r\nSubject: one\r\n two\r\nX-Spam: maybe\r\n" },
	{ "delete what is not there", MILTER_CHANGE_FIELD, 3, "X-Spam", "", HEADER },
	{ "change what is not there", MILTER_CHANGE_FIELD, 1, "X-New", "1", HEADER "X-New: 1\r\n" },
	{ "a value that brings its blank", MILTER_ADD_FIELD, 0, "X-A", " b", HEADER "X-A: b\r\n" },
	{ "an envelope's change", MILTER_ADD_RCPT, 0, "", "a@b", HEADER },
};

static void test_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		const struct milter_change c = { cases[i].kind, cases[i].index, str_of(cases[i].name),
						 str_of(cases[i].value) };
		rewrite_header(STR_LIT(HEADER), &c, 1, &out);
		if (!str_eq(buf_str(&out), cases[i].want))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_str(&out)));
	}
}

static void test_line_ends(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	rewrite_line_ends(STR_LIT("a\nb\r\nc\rd\r\r\n.\n"), &out);
	assert_true(str_eq(buf_str(&out), "a\r\nb\r\nc\r\nd\r\n\r\n.\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_header), cmocka_unit_test(test_line_ends) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
