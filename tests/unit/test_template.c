/* SPDX-License-Identifier: Apache-2.0 */
/* batch/template, batch/address, batch/hole: a row and a template make a mail that no cell can break. */
#include "tests/unit/unit.h"

#include <string.h>

#include "batch/template.h"
#include "mail/header.h"
#include "mail/mime.h"

static const char *const columns[] = { "email", "name", "amount", "note" };

struct made {
	struct arena *a;
	struct strlist columns, faults, problems;
	struct template *t;
	struct letter l;
};

static struct made make(const char *eml, const struct str *cells)
{
	struct made m = { .a = arena_new() };
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		strlist_add(&m.columns, m.a, columns[i]);
	const struct template_options o = { .columns = &m.columns, .nonce = "nonce" };
	m.t = template_read(str_of(eml), &o, &m.faults, m.a);
	letter_begin(&m.l, 2);
	m.l.key = "k1";
	m.l.message_id = "id@acme.example";
	if (m.faults.n)
		return m;
	template_address(m.t, cells, &m.l, &m.problems);
	template_missing(m.t, cells, m.l.arena, &m.problems);
	if (!m.problems.n)
		template_write(m.t, cells, &m.l, 1795286869);
	return m;
}

static void drop(struct made *m)
{
	template_free(&m->t);
	letter_clear(&m->l);
	arena_free(&m->a);
}

#define PLAIN                                                                                                \
	"From: Clerk <clerk@acme.example>\nTo: {{name|}} <{{email}}>\nSubject: Bill for {{name|you}}\n\n"

static const struct template_case {
	const char *name, *eml;
	const char *cells[4];        /* email, name, amount, note */
	const char *fault, *problem; /* a part of the first one; NULL none */
	const char *field, *value;   /* of the mail */
	const char *body;            /* a part of the decoded text */
} cases[] = {
	{ "all filled",
	  PLAIN "Pay {{amount}}.\n",
	  { "ann@example.com", "Ann", "5", "" },
	  NULL,
	  NULL,
	  "To",
	  "Ann <ann@example.com>",
	  "Pay 5.\r\n" },
	{ "a default",
	  PLAIN "Pay {{amount|soon}}.\n",
	  { "ann@example.com", "", "", "" },
	  NULL,
	  NULL,
	  "Subject",
	  "Bill for you",
	  "Pay soon.\r\n" },
	{ "an unknown column",
	  PLAIN "Pay {{ammount}}.\n",
	  { "ann@example.com", "", "", "" },
	  "in the text: {{ammount}} names no column of the table; is {{amount}} meant?",
	  NULL,
	  NULL,
	  NULL,
	  NULL },
	{ "an unknown column in a field",
	  "From: a@b.example\nSubject: {{nmae}}\n\n",
	  { "ann@example.com", "", "", "" },
	  "in the field Subject: {{nmae}} names no column of the table; is {{name}} meant?",
	  NULL,
	  NULL,
	  NULL,
	  NULL },
	{ "an empty cell that is needed",
	  PLAIN "Pay {{amount}}.\n",
	  { "ann@example.com", "Ann", "", "" },
	  NULL,
	  "column \"amount\" is empty",
	  NULL,
	  NULL,
	  NULL },
	{ "no address", PLAIN "x\n", { "", "Ann", "1", "" }, NULL, "no address for To", NULL, NULL, NULL },
	{ "a bad address",
	  PLAIN "x\n",
	  { "ann.example.com", "Ann", "1", "" },
	  NULL,
	  "\"ann.example.com\" is no address: it has no @",
	  NULL,
	  NULL,
	  NULL },
	{ "two addresses in a cell",
	  PLAIN "x\n",
	  { "ann@example.com; ben@example.com", "A", "1", "" },
	  NULL,
	  NULL,
	  "To",
	  "ann@example.com,\tben@example.com",
	  NULL },
	{ "a domain in its own letters",
	  "From: a@b.example\nTo: {{email}}\n\nx\n",
	  { "ann@m\xc3\xbcller.example", "", "", "" },
	  NULL,
	  NULL,
	  "To",
	  "ann@xn--mller-kva.example",
	  NULL },
	{ "a name in the address's cell",
	  "From: a@b.example\nTo: {{email}}\n\nx\n",
	  { "Ann Lee <ann@example.com>", "", "", "" },
	  NULL,
	  NULL,
	  "To",
	  "Ann Lee <ann@example.com>",
	  NULL },
	{ "no To: the usual column",
	  "From: a@b.example\nSubject: x\n\nx\n",
	  { "ann@example.com", "", "", "" },
	  NULL,
	  NULL,
	  "To",
	  "ann@example.com",
	  NULL },
	{ "a To left from the mail program",
	  "From: a@b.example\nTo: Test <test@acme.example>\n\nx\n",
	  { "ann@example.com", "", "", "" },
	  NULL,
	  NULL,
	  "To",
	  "ann@example.com",
	  NULL },
	{ "header injection by the subject",
	  PLAIN "x\n",
	  { "ann@example.com", "Ann\r\nBcc: evil@example.com", "1", "" },
	  NULL,
	  NULL,
	  "Subject",
	  "Bill for Ann Bcc: evil@example.com",
	  NULL },
	{ "injection by the address",
	  "From: a@b.example\nTo: {{email}}\n\nx\n",
	  { "ann@example.com>\r\nBcc: <evil@example.com", "", "", "" },
	  NULL,
	  "is no address",
	  NULL,
	  NULL,
	  NULL },
	{ "a name that wants quotes",
	  PLAIN "x\n",
	  { "ann@example.com", "Lee, \"Ann\"", "1", "" },
	  NULL,
	  NULL,
	  "To",
	  "\"Lee, \\\"Ann\\\"\" <ann@example.com>",
	  NULL },
	{ "no sender",
	  "Subject: x\n\nx\n",
	  { "ann@example.com", "", "", "" },
	  "nothing says who sends it",
	  NULL,
	  NULL,
	  NULL,
	  NULL },
	{ "no header", "just text", { "", "", "", "" }, "the template is no mail", NULL, NULL, NULL, NULL },
	{ "braces as text",
	  PLAIN "\\{{name}} stays\n",
	  { "ann@example.com", "Ann", "1", "" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "{{name}} stays\r\n" },
	{ "letters of all kinds",
	  PLAIN "{{note}}\n",
	  { "ann@example.com", "M\xc3\xbcller", "1", "\xe2\x82\xac" },
	  NULL,
	  NULL,
	  "Subject",
	  "=?UTF-8?B?QmlsbCBmb3IgTcO8bGxlcg==?=",
	  "\xe2\x82\xac\r\n" },
	{ "quoted-printable with places",
	  "From: a@b.example\nTo: {{email}}\nContent-Type: text/plain; charset=iso-8859-1\n"
	  "Content-Transfer-Encoding: quoted-printable\n\nF=FCr {{na=\nme}}\n",
	  { "ann@example.com", "Ann", "1", "" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "F\xc3\xbcr Ann\r\n" },
	{ "a page escapes",
	  "From: a@b.example\nTo: {{email}}\nContent-Type: text/html\n\n<p>{{note}}</p>\n",
	  { "ann@example.com", "", "", "<b>\"1\" & 2</b>\nx" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "<p>&lt;b&gt;&quot;1&quot; &amp; 2&lt;/b&gt;<br>\r\nx</p>" },
	{ "its first journey is forgotten",
	  "Received: by x\nMessage-ID: <old@b.example>\nDate: old\nDKIM-Signature: v=1\nX-Kept: yes\n"
	  "From: a@b.example\nTo: {{email}}\n\nx\n",
	  { "ann@example.com", "", "", "" },
	  NULL,
	  NULL,
	  "Message-ID",
	  "<id@acme.example>",
	  "x\r\n" },
	{ "old line ends",
	  "From: a@b.example\rTo: {{email}}\r\rone\rtwo\r",
	  { "ann@example.com", "", "", "" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "one\r\ntwo\r\n" },
	{ "the reply's address",
	  "From: a@b.example\nTo: {{email}}\nReply-To: {{note}}\n\nx\n",
	  { "ann@example.com", "", "", "desk@acme.example" },
	  NULL,
	  NULL,
	  "Reply-To",
	  "desk@acme.example",
	  NULL },
};

/* SMTP carries it, and its structure is sound. */
static void check_sound(const char *name, struct str mail, struct arena *a)
{
	struct mime m;
	for (size_t i = 0, column = 0; i < mail.len; i++) {
		unsigned char c = (unsigned char)mail.p[i];
		column = c == '\n' ? 0 : column + 1;
		if (!c || c >= 0x80 || column > 998 || (c == '\n' && (!i || mail.p[i - 1] != '\r')) ||
		    (c == '\r' && (i + 1 == mail.len || mail.p[i + 1] != '\n')))
			fail_msg("%s: byte %zu cannot be sent", name, i);
	}
	mime_read(a, mail, &m);
	if (m.problems.n)
		fail_msg("%s: %s in\n" STR_FMT, name, m.problems.v[0], STR_ARG(mail));
}

static bool has_text(struct arena *a, struct str mail, const char *want)
{
	struct mime m;
	mime_read(a, mail, &m);
	for (size_t i = 0; i < m.n; i++) {
		struct str text;
		if (m.v[i].leaf && mime_decode(a, &m.v[i], &text) &&
		    memmem(text.p, text.len, want, strlen(want)))
			return true;
	}
	return false;
}

static void check_mail(const struct template_case *x, struct made *m)
{
	struct header h;
	struct str mail = buf_str(&m->l.bytes);
	check_sound(x->name, mail, m->a);
	header_read(m->a, mail, &h);
	if (header_find(&h, "Bcc", 0) || header_count(&h, "Message-ID") != 1 ||
	    header_count(&h, "Date") != 1 || header_find(&h, "Received", 0) ||
	    header_find(&h, "DKIM-Signature", 0))
		fail_msg("%s: header of\n" STR_FMT, x->name, STR_ARG(mail));
	struct str value = x->field ? header_get(m->a, &h, x->field) : STR_LIT("");
	if (x->field && !str_eq(value, x->value))
		fail_msg("%s: %s: " STR_FMT, x->name, x->field, STR_ARG(value));
	if (x->body && !has_text(m->a, mail, x->body))
		fail_msg("%s: body of\n" STR_FMT, x->name, STR_ARG(mail));
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct template_case *x = &cases[i];
		struct str cells[4];
		for (size_t k = 0; k < 4; k++)
			cells[k] = str_of(x->cells[k]);
		struct made m = make(x->eml, cells);
		const char *fault = m.faults.n ? m.faults.v[0] : "",
			   *problem = m.problems.n ? m.problems.v[0] : "";
		if (!strstr(fault, x->fault ? x->fault : "") || (!x->fault && *fault))
			fail_msg("%s: fault \"%s\"", x->name, fault);
		if (!strstr(problem, x->problem ? x->problem : "") || (!x->problem && *problem))
			fail_msg("%s: problem \"%s\"", x->name, problem);
		if (!x->fault && !x->problem)
			check_mail(x, &m);
		drop(&m);
	}
}

static const char parts[] =
	"From: a@b.example\nTo: {{email}}\nSubject: x\nMIME-Version: 1.0\n"
	"Content-Type: multipart/mixed; boundary=\"old\"\n\nhello\n--old\n"
	"Content-Type: multipart/alternative; boundary=in\n\n--in\n\nDear {{name}}\n--in\n"
	"Content-Type: text/html\n\n<p>Dear {{name}}\n--in--\n--old\n"
	"Content-Type: image/png; name=logo.png\nContent-Transfer-Encoding: base64\n"
	"Content-ID: <logo>\n\niVBORw==\n--old--\n";

/* Files go into the mixed part there is, or around what is none; parts of the template stay. */
static void test_files(void **state)
{
	(void)state;
	static const char *const templates[] = { parts, PLAIN "Dear {{name}}\n" };
	const struct str cells[] = { STR_LIT("ann@example.com"), STR_LIT("--old\r\n--=_0_x"), STR_LIT(""),
				     STR_LIT("") };
	for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
		struct made m = make(templates[i], cells);
		assert_int_equal(m.problems.n, 0);
		m.l.files[0] =
			(struct letter_file){ .name = "Rechnung \xc3\xa4.pdf", .type = "application/pdf" };
		m.l.nfiles = 1;
		m.l.bytes.len = m.l.bytes.start = 0;
		template_write(m.t, cells, &m.l, 1795286869);
		struct mime mime;
		check_sound("files", buf_str(&m.l.bytes), m.a);
		mime_read(m.a, buf_str(&m.l.bytes), &mime);
		const struct mime_part *last = &mime.v[mime.n - 1];
		assert_string_equal(mime.v[0].type, "multipart/mixed");
		assert_string_equal(last->type, "application/pdf");
		assert_string_equal(last->name, "Rechnung \xc3\xa4.pdf");
		assert_string_equal(last->disposition, "attachment");
		assert_int_equal(last->depth, 1);
		assert_int_equal(mime.n, i ? 3 : 6);
		assert_true(m.l.files[0].at < buf_waiting(&m.l.bytes));
		assert_true(has_text(m.a, buf_str(&m.l.bytes), "Dear --old\r\n--=_0_x"));
		drop(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_files) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
