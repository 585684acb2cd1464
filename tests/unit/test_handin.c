/* SPDX-License-Identifier: Apache-2.0 */
/* mail/handin: what local programs write becomes what SMTP may carry. */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/handin.h"

static const struct handin_case {
	const char *name, *raw;
	bool dot_ends, recipients;
	const char *out;
	const char *to; /* joined by blanks; NULL: refused */
} cases[] = {
	{ "as cron writes it", "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> df\n\nfull\n",
	  false, false,
	  "From: \"Cron Daemon\" <root@box.example>\r\nTo: root@box.example\r\nSubject: Cron <root@box> df"
	  "\r\n\r\nfull\r\n",
	  "" },
	{ "recipients of the header, blind copies out",
	  "From: me@example.org\nTo: Ann <ann@example.com>, root\nBcc: secret@example.com,\n "
	  "other@example.com\n"
	  "Cc: ann@example.com\n\nhi\n",
	  false, true,
	  "From: me@example.org\r\nTo: \"Ann\" <ann@example.com>, root@box.example\r\nCc: "
	  "ann@example.com\r\n\r\nhi\r\n",
	  "ann@example.com root@box.example secret@example.com other@example.com" },
	{ "a comment is no second address", "From: root (=?x <a@evil.example>,)\n\nhi\n", false, false,
	  "From: \"=?x <a@evil.example>,\" <root@box.example>\r\n\r\nhi\r\n", "" },
	{ "a name in a comment stays",
	  "From: me@b.example (Me)\nTo: bob (Bob \"B\"), ann (a \\(b\\)), eve (\xfc)\n\nhi\n", false, false,
	  "From: me@b.example (Me)\r\nTo: \"Bob \\\"B\\\"\" <bob@box.example>, \"a (b)\" "
	  "<ann@box.example>,\r\n eve@box.example\r\n\r\nhi\r\n",
	  "" },
	{ "blind copies go without -t too", "From: a@b.example\nBCC: secret@example.com\n\nhi\n", false,
	  false, "From: a@b.example\r\n\r\nhi\r\n", "" },
	{ "resent: only those recipients",
	  "Resent-To: new@example.com\nFrom: a@b.example\nTo: old@example.com\n\nhi\n", false, true,
	  "Resent-To: new@example.com\r\nFrom: a@b.example\r\nTo: old@example.com\r\n\r\nhi\r\n",
	  "new@example.com" },
	{ "a group", "From: a@b.example\nTo: team: one@example.com, two@example.com;\n\n", false, true,
	  "From: a@b.example\r\nTo: team: one@example.com, two@example.com;\r\n\r\n",
	  "one@example.com two@example.com" },
	{ "the dot ends", "From: a@b.example\n\none\n.\ntwo\n", true, false,
	  "From: a@b.example\r\n\r\none\r\n", "" },
	{ "the dot is text", "From: a@b.example\n\none\n.\ntwo\n", false, false,
	  "From: a@b.example\r\n\r\none\r\n.\r\ntwo\r\n", "" },
	{ "the dot in the header", "From: a@b.example\n.\nTo: x@example.com\n\n", true, true,
	  "From: a@b.example\r\n\r\n", "" },
	{ "no header at all", "just text\nmore: text\n", false, false,
	  "From: \"My Name\" <me@box.example>\r\n\r\njust text\r\nmore: text\r\n", "" },
	{ "nothing at all", "", false, false, "From: \"My Name\" <me@box.example>\r\n\r\n", "" },
	{ "a line that is none of the header", "From: a@b.example\nno colon here\nbody\n", false, false,
	  "From: a@b.example\r\n\r\nno colon here\r\nbody\r\n", "" },
	{ "line ends of all kinds", "From: a@b.example\r\nSubject: x\r\r\n\r\none\rtwo\nthree\r\n", false,
	  false, "From: a@b.example\r\nSubject: x\r\n\r\none two\r\nthree\r\n", "" },
	{ "odd lines among sound ones",
	  "From: a@b.example\r\nSubject: x\r\n\r\none\r\ntwo\nthree\r\nf\rour\r\n\r\nfive\r\r\nsix\r\n\n",
	  false, false,
	  "From: a@b.example\r\nSubject: x\r\n\r\none\r\ntwo\r\nthree\r\nf our\r\n\r\nfive\r\nsix\r\n\r\n",
	  "" },
	{ "no last line end, and a bare CR before it", "From: a@b.example\r\n\r\nok\r\nlast\rX", false, false,
	  "From: a@b.example\r\n\r\nok\r\nlast X\r\n", "" },
	{ "a bare CR before the last byte of the header", "From: a@b.example\r\nX-A: v\rB", false, false,
	  "From: a@b.example\r\nX-A: v B\r\n\r\n", "" },
	{ "no last line end", "From: a@b.example\n\nend", false, false, "From: a@b.example\r\n\r\nend\r\n",
	  "" },
	{ "blanks before a colon", "From : a@b.example\nTo\t: c@d.example\n\nhi\n", false, false,
	  "From: a@b.example\r\nTo: c@d.example\r\n\r\nhi\r\n", "" },
	{ "an mbox's divider", "From me Sat Nov 21 10:00:00 2026\nFrom: a@b.example\n\nhi\n", false, false,
	  "From: a@b.example\r\n\r\nhi\r\n", "" },
	{ "raw UTF-8 in the subject",
	  "From: a@b.example\nSubject: Gr\xc3\xbc\xc3\x9f"
	  "e\n\n",
	  false, false, "From: a@b.example\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n\r\n", "" },
	{ "raw UTF-8 in a name", "From: B\xc3\xbcro <a@b.example>\n\n", false, false,
	  "From: =?UTF-8?B?QsO8cm8=?= <a@b.example>\r\n\r\n", "" },
	{ "Return-Path and Content-Length go",
	  "Return-Path: <x@y.example>\nContent-Length: 5\nFrom: a@b.example\n\n", false, false,
	  "From: a@b.example\r\n\r\n", "" },
	{ "a recipient that cannot be read", "From: a@b.example\nTo: ann example <\n\n", false, true, "",
	  NULL },
	{ "folded fields stay folded", "From: a@b.example\nX-Long: one\n\ttwo\n\n", false, false,
	  "From: a@b.example\r\nX-Long: one\r\n\ttwo\r\n\r\n", "" },
};

static void check(const struct handin_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf out = { 0 };
	const struct handin_options o = { .dot_ends = c->dot_ends,
					  .recipients = c->recipients,
					  .home = "box.example",
					  .sender = "me@box.example",
					  .name = "My Name" };
	struct strlist to = { 0 };
	struct err e = { 0 };
	bool ok = handin_read(a, str_of(c->raw), &o, &out, &to, &e);
	if (ok != (c->to != NULL))
		fail_msg("%s: %d", c->name, ok);
	if (!ok)
		return;
	buf_add(&out, "", 1);
	if (strcmp(out.data, c->out) != 0)
		fail_msg("%s:\n%s", c->name, out.data);
	assert_string_equal(strlist_join(&to, a, " "), c->to);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* NUL bytes may not stand in a mail. */
static void test_nul(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf out = { 0 };
	const struct handin_options o = { .home = "box.example", .sender = "me@box.example", .name = "" };
	struct strlist to = { 0 };
	struct err e = { 0 };
	static const char raw[] = "From: a@b.example\n\none\0two\n";
	assert_true(handin_read(a, (struct str){ raw, sizeof(raw) - 1 }, &o, &out, &to, &e));
	assert_true(str_iends(buf_str(&out), "\r\n\r\none two\r\n"));
}

/* A message to n, each named twice; what is read of it. */
static bool read_many(size_t n, size_t most, size_t *got, char words[200])
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf raw = { 0 }, out = { 0 };
	const struct handin_options o = { .recipients = true,
					  .home = "box.example",
					  .sender = "me@box.example",
					  .name = "",
					  .rcpts_max = most };
	struct strlist to = { 0 };
	struct err e = { 0 };
	strlist_add(&to, a, "typed@example.com");
	for (size_t i = 0; i < n; i++)
		buf_addf(&raw, "To: r%zu@example.com\nCc: R%zu@example.com, typed@example.com\n", i, i);
	buf_adds(&raw, "\nhi\n");
	bool ok = handin_read(a, buf_str(&raw), &o, &out, &to, &e);
	*got = to.n;
	if (!ok)
		(void)!err_text(&e, words, 200);
	return ok;
}

static void test_limit(void **state)
{
	(void)state;
	size_t got;
	char words[200] = "";
	assert_true(read_many(9, 10, &got, words));
	assert_int_equal(got, 10);
	assert_false(read_many(10, 10, &got, words));
	assert_non_null(strstr(words, "at most 10 in one message"));
	assert_true(read_many(900, 0, &got, words));
	assert_int_equal(got, 901);
}

static void test_address(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(handin_address(a, "root", "box.example"), "root@box.example");
	assert_string_equal(handin_address(a, "ann@example.com", "box.example"), "ann@example.com");
	assert_string_equal(handin_address(a, "Ann <ann@example.com>", "box.example"), "ann@example.com");
	assert_string_equal(handin_address(a, "<ann@example.com>", "box.example"), "ann@example.com");
	assert_null(handin_address(a, "", "box.example"));
	assert_null(handin_address(a, "two words", "box.example"));
	assert_null(handin_address(a, "a@example.com, b@example.com", "box.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
