/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/reply.h"

static const struct reply_case {
	const char *name;
	struct str input;
	int result; /* of the last feed */
	unsigned code, enh[3], odd;
	size_t nlines, used;
	const char *last_text;
} reply_cases[] = {
	{ "one line", STR_LIT("250 ok\r\n"), 1, 250, { 0 }, 0, 1, 8, "ok" },
	{ "two lines",
	  STR_LIT("550-5.1.1 no\r\n550 5.1.1 such\r\n"),
	  1,
	  550,
	  { 5, 1, 1 },
	  0,
	  2,
	  30,
	  "5.1.1 such" },
	{ "the next reply stays", STR_LIT("250 a\r\n250 b\r\n"), 1, 250, { 0 }, 0, 1, 7, "a" },
	{ "code changes", STR_LIT("250-a\r\n550 b\r\n"), 1, 550, { 0 }, SMTP_REPLY_CODE_CHANGED, 2, 14, "b" },
	{ "cut before the LF", STR_LIT("250 ok\r"), 0, 0, { 0 }, 0, 0, 7, "" },
	{ "bare LF", STR_LIT("220 hi\n"), 1, 220, { 0 }, SMTP_REPLY_BARE_LF, 1, 7, "hi" },
	{ "no text", STR_LIT("250\r\n"), 1, 250, { 0 }, SMTP_REPLY_NO_TEXT, 1, 5, "" },
	{ "blank text", STR_LIT("220 \r\n"), 1, 220, { 0 }, 0, 1, 6, "" },
	{ "empty first line", STR_LIT("220-\r\n220 x\r\n"), 1, 220, { 0 }, 0, 2, 13, "x" },
	{ "odd code", STR_LIT("999 what\r\n"), 1, 999, { 0 }, SMTP_REPLY_ODD_CODE, 1, 10, "what" },
	{ "1xx", STR_LIT("101 x\r\n"), 1, 101, { 0 }, SMTP_REPLY_ODD_CODE, 1, 7, "x" },
	{ "NUL in it", STR_LIT("250 a\0b\r\n"), 1, 250, { 0 }, SMTP_REPLY_CONTROL, 1, 9, NULL },
	{ "CR in it", STR_LIT("250 a\rb\r\n"), 1, 250, { 0 }, SMTP_REPLY_CONTROL, 1, 9, "a\rb" },
	{ "CR CR LF", STR_LIT("250 a\r\r\n"), 1, 250, { 0 }, SMTP_REPLY_CONTROL, 1, 8, "a\r" },
	{ "8-bit", STR_LIT("250 gr\xc3\xbc\xc3\x9f\r\n"), 1, 250, { 0 }, 0, 1, 12, "gr\xc3\xbc\xc3\x9f" },
	{ "enhanced and colon", STR_LIT("554 5.7.1: no\r\n"), 1, 554, { 5, 7, 1 }, 0, 1, 15, "5.7.1: no" },
	{ "three digits", STR_LIT("535 5.7.139 no\r\n"), 1, 535, { 5, 7, 139 }, 0, 1, 16, "5.7.139 no" },
	{ "class differs, kept as sent",
	  STR_LIT("550 4.2.2 x\r\n"),
	  1,
	  550,
	  { 4, 2, 2 },
	  0,
	  1,
	  13,
	  "4.2.2 x" },
	{ "a version is no status", STR_LIT("220 2.0.0.1 x\r\n"), 1, 220, { 0 }, 0, 1, 15, "2.0.0.1 x" },
	{ "a word is no status", STR_LIT("220 2.0.0p1 x\r\n"), 1, 220, { 0 }, 0, 1, 15, "2.0.0p1 x" },
	{ "class 3 is none", STR_LIT("250 3.1.1 x\r\n"), 1, 250, { 0 }, 0, 1, 13, "3.1.1 x" },
	{ "four digits are none", STR_LIT("250 2.1.1000 x\r\n"), 1, 250, { 0 }, 0, 1, 16, "2.1.1000 x" },
	{ "enhanced in the second",
	  STR_LIT("550-sorry\r\n550 5.1.1 x\r\n"),
	  1,
	  550,
	  { 5, 1, 1 },
	  0,
	  2,
	  24,
	  "5.1.1 x" },
	{ "bare code ends it", STR_LIT("250-a\r\n250\r\n"), 1, 250, { 0 }, SMTP_REPLY_NO_TEXT, 2, 12, "" },
	{ "ssh", STR_LIT("SSH-2.0-OpenSSH\r\n"), -1, 0, { 0 }, 0, 0, 17, NULL },
	{ "tls alert", STR_LIT("\x15\x03\x01"), -1, 0, { 0 }, 0, 0, 3, NULL },
	{ "empty line", STR_LIT("\r\n"), -1, 0, { 0 }, 0, 0, 2, NULL },
	{ "short code", STR_LIT("25\r\n"), -1, 0, { 0 }, 0, 0, 4, NULL },
	{ "leading zero", STR_LIT("050 x\r\n"), -1, 0, { 0 }, 0, 0, 7, NULL },
	{ "no separator", STR_LIT("220ESMTP\r\n"), -1, 0, { 0 }, 0, 0, 10, NULL },
	{ "CR as separator", STR_LIT("220\rESMTP\r\n"), -1, 0, { 0 }, 0, 0, 11, NULL },
	{ "bad second line", STR_LIT("250-a\r\nSSH\r\n"), -1, 0, { 0 }, 0, 0, 12, NULL },
};

static void check_reply(const struct reply_case *t, int got, size_t used, const struct smtp_reply *r)
{
	assert_int_equal(got, t->result);
	assert_int_equal(used, t->used);
	if (got != 1)
		return;
	assert_int_equal(r->code, t->code);
	assert_int_equal(r->odd, t->odd);
	assert_int_equal(r->nlines, t->nlines);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(r->enh[i], t->enh[i]);
	if (t->last_text)
		assert_true(str_eq(r->lines[r->nlines - 1], t->last_text));
}

static void check_reply_case(const struct reply_case *t, size_t cut)
{
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	const struct smtp_reply *r = NULL;
	struct err e = { 0 };
	size_t used = 0, more = 0;
	int got = smtp_reply_parser_feed(p, t->input.p, cut, &used, &r, &e);
	if (got == 0) {
		assert_int_equal(used, cut);
		got = smtp_reply_parser_feed(p, t->input.p + cut, t->input.len - cut, &more, &r, &e);
	} else if (got < 0) { /* known by its first bytes: the rest is kept as evidence */
		assert_int_equal(smtp_reply_parser_feed(p, t->input.p + cut, t->input.len - cut, &more, &r,
							&e),
				 -1);
	}
	check_reply(t, got, used + more, r);
	if (got < 0) {
		assert_int_not_equal(e.kind, ERR_NONE);
		assert_int_equal(smtp_reply_parser_raw(p).len, t->input.len);
	}
}

static void test_reply_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reply_cases); i++)
		for (size_t cut = 0; cut <= reply_cases[i].input.len; cut++)
			check_reply_case(&reply_cases[i], cut);
}

static void test_a_parser_serves_many_replies(void **state)
{
	(void)state;
	static const char input[] = "250-a\r\n250 b\r\n550 5.1.1 c\r\n220 d\r\n";
	static const unsigned codes[] = { 250, 550, 220 };
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	size_t at = 0, used;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		const struct smtp_reply *r = NULL;
		assert_int_equal(smtp_reply_parser_feed(p, input + at, strlen(input) - at, &used, &r, NULL),
				 1);
		assert_int_equal(r->code, codes[i]);
		assert_int_equal(r->enh[0], codes[i] == 550 ? 5 : 0);
		at += used;
	}
	assert_int_equal(at, strlen(input));
}

/* Feeds line until the parser stops; how many went in whole. */
static size_t feed_until_refused(const char *line, struct err *e)
{
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	const struct smtp_reply *r;
	size_t used, n = 0;
	while (n < 100000 && smtp_reply_parser_feed(p, line, strlen(line), &used, &r, e) == 0)
		n++;
	assert_true(smtp_reply_parser_raw(p).len <= SMTP_REPLY_BYTES_MAX);
	return n;
}

static void test_limits(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_int_equal(feed_until_refused("250-x\r\n", &e), SMTP_REPLY_LINES_MAX);
	assert_int_equal(e.kind, ERR_LIMIT);
	err_clear(&e);
	assert_int_equal(feed_until_refused("250 0123456789ab", &e), SMTP_REPLY_BYTES_MAX / 16);
	assert_int_equal(e.kind, ERR_LIMIT);
}

static void test_long_line_is_told(void **state)
{
	(void)state;
	char line[600];
	for (size_t n = 512; n <= 513; n++) {
		CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
		const struct smtp_reply *r = NULL;
		size_t used;
		memset(line, 'x', sizeof(line));
		memcpy(line, "250 ", 4);
		memcpy(line + n - 2, "\r\n", 2);
		assert_int_equal(smtp_reply_parser_feed(p, line, n, &used, &r, NULL), 1);
		assert_int_equal(r->odd, n > 512 ? SMTP_REPLY_LONG_LINE : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply_cases),
		cmocka_unit_test(test_a_parser_serves_many_replies),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_line_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
