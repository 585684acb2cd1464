/* SPDX-License-Identifier: Apache-2.0 */
/* mail/report: what is written is read back the same by mail/dsn, and is sound MIME. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/text.h"
#include "mail/dsn.h"
#include "mail/header_write.h"
#include "mail/mime.h"
#include "mail/quoted.h"
#include "mail/report.h"
#include "tests/unit/report_cases.h"

static void write_case(const struct report_case *c, struct buf *out)
{
	struct report r = {
		.host = "relay.example.net",
		.to = c->to ? c->to : "me@example.org",
		.subject = "Not delivered: Rechnung f\xc3\xbcr November",
		.message_id = "1.2@relay.example.net",
		.answers = "<7@example.org>",
		.date_s = 1795000100,
		.words = "Your message could not be delivered.\n\nyou@example.com\n  - the mailbox "
			 "does not exist (gr\xc3\xbc\xc3\x9f)\n",
		.envelope_id = "QQ314159",
		.arrival_s = 1794990000,
		.v = c->v,
		.n = c->n,
		.original = str_of(c->original),
		.part = c->part,
		.utf8 = c->utf8
	};
	struct report_needs needs;
	struct err e = { 0 };
	assert_true(report_write(&r, out, &needs, &e));
	assert_int_equal(needs.eightbit, c->eightbit);
	assert_int_equal(needs.smtputf8, c->smtputf8);
}

static void check_recipient(const struct report_recipient *v, const struct dsn_recipient *d)
{
	assert_string_equal(d->address, v->final);
	if (*v->original)
		assert_string_equal(d->original, v->original);
	assert_true(d->action_given);
	assert_int_equal(d->action, v->action);
	assert_string_equal(d->status, v->status);
	assert_string_equal(d->remote, v->remote);
	assert_string_equal(d->remote_ip, v->remote_ip);
	assert_string_equal(d->reply_type, v->reply_type);
	assert_memory_equal(d->reply, v->reply, strcspn(v->reply, "\r\n\x80\xc3\xff"));
	assert_int_equal(*d->last_attempt != 0, v->last_attempt_s != 0);
	assert_int_equal(*d->will_retry_until != 0, v->retry_until_s != 0);
}

static void check_shape(struct str message, const struct report_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime m;
	mime_read(a, message, &m);
	for (size_t i = 0; i < m.problems.n; i++)
		if (strcmp(m.problems.v[i], "undeclared-8bit") != 0 || !c->smtputf8)
			fail_msg("%s: %s", c->name, m.problems.v[i]);
	assert_true(m.n >= 4);
	assert_string_equal(m.v[0].type, "multipart/report");
	assert_string_equal(m.v[1].type, "text/plain");
	assert_string_equal(m.v[2].type,
			    c->smtputf8 ? "message/global-delivery-status" : "message/delivery-status");
	assert_string_equal(m.v[3].type, c->type);
	assert_true(c->eightbit || text_is_ascii(message));
	struct str words;
	assert_true(mime_decode(a, &m.v[1], &words));
	assert_true(str_ifind(words, "gr\xc3\xbc\xc3\x9f") < words.len);
	for (size_t i = 0; i < message.len; i++) {
		assert_true(message.p[i] != '\n' || (i && message.p[i - 1] == '\r'));
		assert_true(message.p[i] != '\r' || (i + 1 < message.len && message.p[i + 1] == '\n'));
	}
}

static void test_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct report_case *c = &cases[i];
		struct dsn d;
		write_case(c, &out);
		check_shape(buf_str(&out), c);
		dsn_read(a, buf_str(&out), &d);
		assert_int_equal(d.kind, DSN_REPORT);
		assert_string_equal(d.dialect, "rfc3464");
		assert_string_equal(d.reporter, "relay.example.net");
		assert_string_equal(d.envelope_id, "QQ314159");
		assert_true(*d.arrival);
		assert_int_equal(d.n, c->n);
		for (size_t k = 0; k < c->n; k++)
			check_recipient(&c->v[k], &d.v[k]);
		assert_string_equal(d.original.message_id, "<7@example.org>");
	}
}

/* A report must be told apart from what answers are sent to (RFC 3834), and threads with the original. */
static void test_header_fields(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf out = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	bool coded;
	write_case(&cases[0], &out);
	header_read(a, buf_str(&out), &h);
	assert_true(str_eq(header_get(a, &h, "Auto-Submitted"), "auto-replied"));
	assert_true(str_eq(header_get(a, &h, "In-Reply-To"), "<7@example.org>"));
	assert_true(str_eq(header_get(a, &h, "To"), "<me@example.org>"));
	assert_true(str_eq(header_get(a, &h, "Message-ID"), "<1.2@relay.example.net>"));
	assert_string_equal(mime_words(a, header_get(a, &h, "Subject").p, &coded),
			    "Not delivered: Rechnung f\xc3\xbcr November");
}

/* What the original holds cannot end its part. */
static void test_boundary(void **state)
{
	(void)state;
	struct report_case c = cases[1];
	c.original =
		"Message-ID: <7@example.org>\r\n\r\n--=_report.6afd8724.0\r\n\r\n--=_report.6afd8724.1--\r\n";
	CLEANUP(buf_clear) struct buf out = { 0 };
	write_case(&c, &out);
	assert_non_null(strstr(c.original, "6afd8724"));
	assert_true(str_ifind(buf_str(&out), "boundary=\"=_report.6afd8724.2\"") < buf_waiting(&out));
	check_shape(buf_str(&out), &c);
}

static void test_limit(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf out = { .max = 500 };
	struct report r = { .host = "h",
			    .to = "a@b",
			    .subject = "",
			    .message_id = "m",
			    .answers = "",
			    .words = "words",
			    .envelope_id = "",
			    .original = STR_LIT(ORIGINAL) };
	struct report_needs needs;
	struct err e = { 0 };
	assert_false(report_write(&r, &out, &needs, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(buf_waiting(&out), 0);
}

static const struct field_case {
	const char *value;
	enum header_form form;
	const char *line;
} field_cases[] = {
	{ "one", HEADER_ASCII, "X: one\r\n" },
	{ "", HEADER_ASCII, "X:\r\n" },
	{ "a\r\nBcc: x", HEADER_ASCII, "X: a Bcc: x\r\n" },
	{ "a\xc3\xbc", HEADER_ASCII, "X: a\\xC3\\xBC\r\n" },
	{ "a\xc3\xbc", HEADER_UTF8, "X: a\xc3\xbc\r\n" },
	{ "a\xff", HEADER_UTF8, "X: a\\xFF\r\n" },
	{ "a\xc3\xbc", HEADER_WORDS, "X: =?UTF-8?B?YcO8?=\r\n" },
	{ "=?x?q?y?=", HEADER_WORDS, "X: =?UTF-8?B?PT94P3E/eT89?=\r\n" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccc", HEADER_ASCII,
	  "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n cccc\r\n" },
};

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(field_cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		header_write(&b, "X", str_of(field_cases[i].value), field_cases[i].form);
		buf_add(&b, "", 1);
		assert_string_equal(b.data, field_cases[i].line);
	}
}

static const struct quoted_case {
	const char *in, *out;
} quoted_cases[] = {
	{ "plain\n", "plain\r\n" },
	{ "a=b\r\n", "a=3Db\r\n" },
	{ "blank \nnext", "blank=20\r\nnext" },
	{ ".\nFrom me\n", "=2E\r\n=46rom me\r\n" },
	{ "\xc3\xbc\rx", "=C3=BC=0Dx" },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789012345",
	  "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n5" },
};

static void test_quoted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(quoted_cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		quoted_write(&b, str_of(quoted_cases[i].in));
		buf_add(&b, "", 1);
		assert_string_equal(b.data, quoted_cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back), cmocka_unit_test(test_header_fields),
		cmocka_unit_test(test_boundary),  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_fields),    cmocka_unit_test(test_quoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
