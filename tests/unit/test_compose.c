/* SPDX-License-Identifier: Apache-2.0 */
/* mail/compose and mail/filetype: what is built is sound MIME and reads back the same. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/compose.h"
#include "mail/filetype.h"
#include "mail/mailbox.h"
#include "mail/mime.h"

struct built {
	struct arena *a;
	struct buf bytes;
	struct mime m;
};

static int begin(void **state)
{
	struct built *b = mem_alloc(sizeof(*b));
	b->a = arena_new();
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct built *b = *state;
	buf_clear(&b->bytes);
	arena_free(&b->a);
	free(b);
	return 0;
}

static struct compose plain(struct built *b)
{
	struct compose c = { .from = "me@example.org",
			     .subject = "Invoice 7",
			     .text = "Hello\n",
			     .date_s = 1795000000,
			     .message_id = "1@example.org" };
	strlist_add(&c.to, b->a, "you@example.com");
	return c;
}

static void build(struct built *b, const struct compose *c)
{
	struct err e = { 0 };
	assert_true(compose_message(c, &b->bytes, &e));
	struct str s = buf_str(&b->bytes);
	mime_read(b->a, s, &b->m);
	assert_int_equal(b->m.problems.n, 0);
	assert_true(text_is_ascii(s));
	for (size_t i = 0; i < s.len; i++) {
		assert_true(s.p[i] != '\n' || s.p[i - 1] == '\r');
		assert_true(s.p[i] != '\r' || s.p[i + 1] == '\n');
	}
}

static void has_part(struct built *b, size_t i, const char *type, const char *text)
{
	struct str out;
	assert_true(i < b->m.n);
	assert_string_equal(b->m.v[i].type, type);
	assert_true(mime_decode(b->a, &b->m.v[i], &out));
	if (out.len != strlen(text) || memcmp(out.p, text, out.len) != 0)
		fail_msg("%s: " STR_FMT, type, STR_ARG(out));
}

static void test_plain(void **state)
{
	struct built *b = *state;
	struct compose c = plain(b);
	c.from_name = "B\xc3\xbcro, Example";
	strlist_add(&c.cc, b->a, "copy@example.com");
	c.reply_to = "answers@example.org";
	build(b, &c);
	bool coded;
	struct mailbox_list from = { 0 };
	const struct header *h = &b->m.v[0].header;
	assert_true(mailbox_parse(b->a, header_get(b->a, h, "From"), &from));
	assert_int_equal(from.n, 1);
	assert_string_equal(from.v[0].address, "me@example.org");
	assert_string_equal(mime_words(b->a, from.v[0].name, &coded), "B\xc3\xbcro, Example");
	assert_true(str_eq(header_get(b->a, h, "Cc"), "copy@example.com"));
	assert_true(str_eq(header_get(b->a, h, "Reply-To"), "answers@example.org"));
	assert_int_equal(header_count(h, "Bcc"), 0);
	has_part(b, 0, "text/plain", "Hello\r\n");
}

static void test_page(void **state)
{
	struct built *b = *state;
	struct compose c = plain(b);
	c.text = "Gr\xc3\xbc\xc3\x9f Gott\n";
	c.html = "<p>Gr\xc3\xbc\xc3\x9f Gott</p>\n";
	build(b, &c);
	assert_int_equal(b->m.n, 3);
	assert_string_equal(b->m.v[0].type, "multipart/alternative");
	has_part(b, 1, "text/plain", "Gr\xc3\xbc\xc3\x9f Gott\r\n");
	has_part(b, 2, "text/html", "<p>Gr\xc3\xbc\xc3\x9f Gott</p>\r\n");
}

static void test_attachments(void **state)
{
	struct built *b = *state;
	struct compose c = plain(b);
	static const struct compose_attachment files[] = {
		{ "invoice 7.pdf", "application/pdf", { "%PDF-1.4\n\0\r", 11 } },
		{ "\xc3\x9c"
		  "bersicht f\xc3\xbcr das ganze Jahr und noch viel l\xc3\xa4nger als eine Zeile; \"so\".txt",
		  "text/plain",
		  { "a\nb\rc", 5 } },
	};
	c.html = "<p>Hello</p>";
	c.attachments = files;
	c.nattachments = ARRAY_LEN(files);
	build(b, &c);
	assert_int_equal(b->m.n, 6);
	assert_string_equal(b->m.v[0].type, "multipart/mixed");
	assert_string_equal(b->m.v[1].type, "multipart/alternative");
	for (size_t i = 0; i < 2; i++) {
		const struct mime_part *p = &b->m.v[4 + i];
		struct str out;
		assert_string_equal(p->name, files[i].name);
		assert_string_equal(p->disposition, "attachment");
		assert_int_equal(p->coded_name, i == 1);
		assert_true(mime_decode(b->a, p, &out));
		assert_int_equal(out.len, files[i].bytes.len);
		assert_memory_equal(out.p, files[i].bytes.p, out.len);
	}
	assert_true(str_ifind(buf_str(&b->bytes), "filename*0*=utf-8''") <
		    buf_waiting(&b->bytes)); /* RFC 2231 */
}

/* Lines that SMTP does not carry, or that change on the way, are coded. */
static void test_odd_lines(void **state)
{
	struct built *b = *state;
	struct compose c = plain(b);
	char text[3000];
	memset(text, 'x', sizeof(text));
	memcpy(text, "From me\n.\n\rlone\n", 16);
	text[sizeof(text) - 1] = 0;
	c.text = text;
	build(b, &c);
	struct str out, s = buf_str(&b->bytes);
	size_t column = 0;
	for (size_t i = 0; i < s.len; i++) {
		column = s.p[i] == '\n' ? 0 : column + 1;
		assert_true(column <= 998);
	}
	assert_true(mime_decode(b->a, &b->m.v[0], &out));
	assert_true(str_ifind(out, "From me\r\n.\r\n") == 0);
}

static void test_refused(void **state)
{
	struct built *b = *state;
	struct compose c = plain(b);
	struct err e = { 0 };
	c.subject = "x\r\nBcc: spy@example.net";
	assert_false(compose_message(&c, &b->bytes, &e));
	assert_int_equal(e.kind, ERR_SYNTAX);
	err_clear(&e);
	c = plain(b);
	c.from_name = "x\nBcc: spy@example.net";
	assert_false(compose_message(&c, &b->bytes, &e));
	err_clear(&e);
	c = plain(b);
	strlist_add(&c.cc, b->a, "x\nBcc: spy@example.net");
	assert_false(compose_message(&c, &b->bytes, &e));
	assert_int_equal(buf_waiting(&b->bytes), 0);
}

static const struct type_case {
	const char *name;
	struct str bytes;
	const char *type;
} type_cases[] = {
	{ "a.pdf", { "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", 25 }, "application/pdf" },
	{ "a.bin", { "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", 25 }, "application/pdf" },
	{ "a.txt", { "hello\n", 6 }, "text/plain" },
	{ "a.csv", { "a;b\n1;2\n", 8 }, "text/csv" },
	{ "A.ICS", { "x\n", 2 }, "text/calendar" },
	{ "empty", { "", 0 }, "application/octet-stream" },
	{ "odd", { "\x01\x02\x03\xff\xfe\x00\x99", 7 }, "application/octet-stream" },
	{ "page.html", { "<p>hello</p>\n", 13 }, "text/html" },
	{ "p.png", { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0", 29 }, "image/png" },
};

static void test_types(void **state)
{
	struct built *b = *state;
	for (size_t i = 0; i < ARRAY_LEN(type_cases); i++)
		assert_string_equal(filetype_of(b->a, type_cases[i].name, type_cases[i].bytes),
				    type_cases[i].type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, begin, end),
		cmocka_unit_test_setup_teardown(test_page, begin, end),
		cmocka_unit_test_setup_teardown(test_attachments, begin, end),
		cmocka_unit_test_setup_teardown(test_odd_lines, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_types, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
