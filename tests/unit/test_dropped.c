/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dropped: what programs drop into folders, in both forms. */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/dropped.h"

static const struct drop_case {
	const char *name, *raw;
	bool eml;
	const char *said;  /* "text|message sender rcpts / attachments"; or the beginning of what is wrong */
	const char *holds; /* in the text or message */
	const char *lacks; /* not in it */
} cases[] = {
	{ "a message", "From: A <a@x.example>\r\nTo: b@y.example\r\nSubject: s\r\n\r\nHello\r\n", true,
	  "message a@x.example b@y.example /", "Subject: s\r\n\r\nHello\r\n", "X-" },
	{ "its lines end in LF", "From: a@x.example\nTo: b@y.example\nBcc: c@y.example\n\nHello\n", true,
	  "message a@x.example b@y.example,c@y.example /", "\r\n\r\nHello\r\n", "Bcc" },
	{ "an envelope in front",
	  "x-sender: <bounce@x.example>\r\nx-receiver: <one@y.example>\r\nx-receiver: two@y.example\r\n"
	  "From: a@x.example\r\nTo: list@y.example\r\n\r\nHello\r\n",
	  true, "message bounce@x.example one@y.example,two@y.example /", "To: list@y.example", "eceiver" },
	{ "the older form",
	  "To: b@y.example; c@y.example\nSubject: Rechnung 17\nAttachment: r17.pdf\n\nGuten Tag\n", false,
	  "text app@x.example b@y.example,c@y.example / r17.pdf", "Guten Tag", "" },
	{ "several attachments",
	  "From: \"Shop\" <shop@x.example>\nTo: b@y.example\nAttachment: a.pdf\nAttach: \"b "
	  "c.pdf\";d.pdf\n\nx\n",
	  true, "text shop@x.example b@y.example / a.pdf,b c.pdf,d.pdf", "x", "" },
	{ "Windows' own letters",
	  "To: b@y.example\nSubject: \xdc"
	  "berweisung\n\nGr\xfc\xdf"
	  "e \x80 5\n",
	  false, "text app@x.example b@y.example /",
	  "Gr\xc3\xbc\xc3\x9f"
	  "e \xe2\x82\xac 5",
	  "" },
	{ "a byte order mark", "\xef\xbb\xbfTo: b@y.example\nSubject: s\n\nx\n", false,
	  "text app@x.example b@y.example /", "x", "" },
	{ "MIME in a .txt",
	  "MIME-Version: 1.0\nFrom: a@x.example\nTo: b@y.example\nContent-Type: text/html\n\n<b>x</b>\n",
	  false, "message a@x.example b@y.example /", "<b>x</b>", "" },
	{ "nobody to send it to", "From: a@x.example\nSubject: s\n\nx\n", false, "cannot read the recipients",
	  NULL, NULL },
	{ "an address that is none", "To: b at y.example\n\nx\n", false, "cannot read the addresses", NULL,
	  NULL },
	{ "a name alone", "To: boss\n\nx\n", false, "cannot read the addresses", NULL, NULL },
	{ "a sender that is none", "From: somebody\nTo: b@y.example\n\nx\n", true, "cannot read From", NULL,
	  NULL },
	{ "no mail at all", "%PDF-1.7\nbinary", false, "cannot read the file", NULL, NULL },
	{ "nothing", "", true, "cannot read the file", NULL, NULL },
};

static const char *said(struct arena *a, const struct dropped *d)
{
	return arena_printf(a, "%s %s %s /%s%s", d->is_text ? "text" : "message", d->sender,
			    strlist_join(&d->rcpts, a, ","), d->attachments.n ? " " : "",
			    strlist_join(&d->attachments, a, ","));
}

static void check(const struct drop_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dropped_options o = { .eml = c->eml, .home = "", .sender = "app@x.example" };
	struct dropped d;
	struct err e = { 0 };
	char words[400] = "";
	bool ok = dropped_read(a, str_of(c->raw), &o, &d, &e);
	const char *got = ok ? said(a, &d) : err_text(&e, words, sizeof(words));
	if (ok != (c->holds != NULL) || strncmp(got, c->said, strlen(c->said)) != 0 ||
	    (ok && strcmp(got, c->said) != 0))
		fail_msg("%s: %s", c->name, got);
	const char *text = !ok ? "" : d.is_text ? d.text : arena_str(a, buf_str(&d.message)).p;
	if (ok && c->holds && (!strstr(text, c->holds) || (*c->lacks && strstr(text, c->lacks))))
		fail_msg("%s: %s", c->name, text);
	buf_clear(&d.message);
}

static const char *plain(struct arena *a, const char *address, const char **why)
{
	const char *at = strchr(address, '@');
	*why = "";
	return !strcmp(at, "@m\xc3\xbcller.example")
		       ? arena_printf(a, "%.*s@xn--mller-kva.example", (int)(at - address), address)
		       : address;
}

/* Where the domain alone is not ASCII, every server can have the mail: in header and envelope. */
static void test_plain(void **state)
{
	(void)state;
	static const struct {
		const char *name, *raw, *said;
	} rows[] = {
		{ "a message", "From: a@m\xc3\xbcller.example\nTo: b@m\xc3\xbcller.example\n\nx\n",
		  "message a@xn--mller-kva.example b@xn--mller-kva.example /" },
		{ "an envelope",
		  "X-Sender: a@m\xc3\xbcller.example\nX-Receiver: b@m\xc3\xbcller.example\n"
		  "From: a@x.example\nTo: c@m\xc3\xbcller.example\n\nx\n",
		  "message a@xn--mller-kva.example b@xn--mller-kva.example /" },
		{ "a text",
		  "To: b@m\xc3\xbcller.example; b@xn--mller-kva.example\n"
		  "Cc: c@m\xc3\xbcller.example\nAttachment: x.pdf\n\nx\n",
		  "text app@x.example b@xn--mller-kva.example,c@xn--mller-kva.example / x.pdf" },
	};
	const struct dropped_options o = {
		.eml = true, .home = "", .sender = "app@x.example", .plain = plain
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dropped d;
		struct err e = { 0 };
		assert_true(dropped_read(a, str_of(rows[i].raw), &o, &d, &e));
		assert_string_equal(said(a, &d), rows[i].said);
		if (d.message.len && memmem(d.message.data, d.message.len, "m\xc3\xbcller", 8))
			fail_msg("%s: not in the header", rows[i].name);
		buf_clear(&d.message);
	}
}

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* A file to n, in fields of ten; message: as a .eml, with X-Receiver or To. */
static bool read_many(const char *field, bool eml, size_t n, size_t *got, char words[400])
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf raw = { 0 };
	const struct dropped_options o = { .eml = eml, .home = "", .sender = "app@x.example" };
	struct dropped d;
	struct err e = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&raw, "%s%s%sr%zu@y.example",
			 i % 10 ? ", "
			 : i    ? "\n"
				: "",
			 i % 10 ? "" : field, i % 10 ? "" : ": ", i);
	buf_adds(&raw, "\nSubject: s\n\nx\n");
	bool ok = dropped_read(a, buf_str(&raw), &o, &d, &e);
	*got = d.rcpts.n;
	if (!ok)
		(void)!err_text(&e, words, 400);
	buf_clear(&d.message);
	return ok;
}

/* Nobody is left out in silence. */
static void test_too_many(void **state)
{
	(void)state;
	static const struct {
		const char *field;
		bool eml;
	} forms[] = { { "To", true }, { "X-Receiver", true }, { "To", false } };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t got;
		char words[400] = "";
		if (!read_many(forms[i].field, forms[i].eml, DROPPED_RCPTS_MAX, &got, words) ||
		    got != DROPPED_RCPTS_MAX)
			fail_msg("%s: %zu %s", forms[i].field, got, words);
		if (read_many(forms[i].field, forms[i].eml, DROPPED_RCPTS_MAX + 1, &got, words) ||
		    !strstr(words, "1000") || !strstr(words, "write several"))
			fail_msg("%s: %zu %s", forms[i].field, got, words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
