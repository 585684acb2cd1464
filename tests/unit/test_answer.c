/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about texts and mails: what leads, what is told once, what is no bounce; and their forms. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "explain/render.h"

#define HEAD                                                                                                 \
	"From: MAILER-DAEMON@mx.example\nTo: a@a.example\nSubject: report\nMIME-Version: 1.0\n"              \
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"    \
	"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"
#define ONE(who, action, status, said)                                                                       \
	"\nFinal-Recipient: rfc822; " who "\nAction: " action "\nStatus: " status                            \
	"\nDiagnostic-Code: smtp; " said "\n"
#define TAIL                                                                                                 \
	"\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@a.example>\nSubject: Invoice\n"          \
	"From: a@a.example\n\n--b--\n"
#define UNKNOWN(who) ONE(who, "failed", "5.1.1", "550 5.1.1 User unknown")
#define FULL(who)    ONE(who, "delayed", "4.2.2", "452 4.2.2 Mailbox full")
#define WELL(who)    ONE(who, "delivered", "2.0.0", "250 Ok")

static const struct mail_case {
	const char *name, *mail;
	size_t items, who; /* causes; recipients of the first */
	const char *class; /* of the first */
	bool failure;
} mails[] = {
	{ "one failed", HEAD UNKNOWN("x@b.example") TAIL, 1, 1, "mailbox-unknown", true },
	{ "two with one cause", HEAD UNKNOWN("x@b.example") UNKNOWN("y@b.example") TAIL, 1, 2,
	  "mailbox-unknown", true },
	{ "what failed leads", HEAD FULL("x@b.example") UNKNOWN("y@b.example") TAIL, 2, 1, "mailbox-unknown",
	  true },
	{ "delayed alone", HEAD FULL("x@b.example") TAIL, 1, 1, "mailbox-full", true },
	{ "one of two taken", HEAD WELL("x@b.example") UNKNOWN("y@b.example") TAIL, 1, 1, "mailbox-unknown",
	  true },
	{ "all taken", HEAD WELL("x@b.example") WELL("y@b.example") TAIL, 1, 0, "not-a-bounce", false },
	{ "an ordinary mail", "From: a@b.example\nTo: c@d.example\nSubject: Lunch\n\nAt noon?\n", 1, 0,
	  "not-a-bounce", false },
};

static void test_mails(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		const struct mail_case *c = &mails[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct answer x;
		answer_mail(a, "bounce.eml", str_of(c->mail), NULL, &x);
		if (x.n != c->items || x.items[0].nwho != c->who || answer_is_failure(&x) != c->failure ||
		    strcmp(x.items[0].x.class->id, c->class) != 0)
			fail_msg("%s: %zu causes, %zu recipients, %s", c->name, x.n, x.items[0].nwho,
				 x.items[0].x.class->id);
		for (size_t r = 0; x.item_of && r < x.mail->n; r++)
			assert_true(x.item_of[r] <= x.n);
	}
}

#define LOG_GMAIL                                                                                            \
	"Nov 22 10:00:01 mx1 postfix/smtp[12]: 4Xy: to=<a@gmail.com>, relay=gmail-smtp-in.l.google.com"      \
	"[192.0.2.27]:25, delay=1, dsn=5.1.1, status=bounced (host gmail-smtp-in.l.google.com[192.0.2.27] "  \
	"said: 550 5.1.1 no such user (in reply to RCPT TO command))\n"

/* Whose server a piece of a text is about, where it says so itself and where not. */
static const struct server_case {
	const char *text, *class, *host, *provider; /* class: of the piece that is looked at */
} servers[] = {
	{ LOG_GMAIL
	  "Nov 22 10:00:02 mx1 postfix/smtp[12]: 4Xz: to=<b@example.com>, relay=mx.example.net"
	  "[192.0.2.9]:25, delay=1, dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.9] said: 552 "
	  "5.2.2 Mailbox full (in reply to RCPT TO command))\n",
	  "mailbox-full", "mx.example.net", "" },
	{ LOG_GMAIL
	  "Nov 22 10:00:03 mx1 postfix/smtpd[13]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 552 5.2.2 "
	  "Mailbox full\n",
	  "mailbox-full", "", "" },
	{ "connecting to smtp.gmail.com\n\n550 5.1.1 no such user\n\n452 4.2.2 Mailbox full\n",
	  "mailbox-full", "smtp.gmail.com", "google" },
};

static void test_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		const struct server_case *c = &servers[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct answer x;
		answer_text(a, "", str_of(c->text), NULL, &x);
		size_t k = 0;
		while (k < x.n && strcmp(x.items[k].x.class->id, c->class) != 0)
			k++;
		assert_true(k < x.n);
		assert_string_equal(x.items[k].x.host, c->host);
		assert_string_equal(x.items[k].x.provider, c->provider);
	}
}

/* A report of more causes than are told keeps every recipient under one of them. */
static void test_every_recipient_has_its_cause(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct buf mail = { 0 };
	buf_adds(&mail, HEAD);
	for (unsigned i = 0; i < 300; i++)
		buf_addf(&mail,
			 "\nFinal-Recipient: rfc822; u%u@b.example\nAction: failed\nStatus: 5.%u.%u\n"
			 "Diagnostic-Code: smtp; 5%u%u 5.%u.%u refused\n",
			 i, i % 8, i % 20, 5, i % 5, i % 8, i % 20);
	buf_adds(&mail, TAIL);
	struct answer x;
	answer_mail(a, "", buf_str(&mail), NULL, &x);
	size_t told = 0;
	for (size_t i = 0; i < x.n; i++)
		told += x.items[i].nwho;
	assert_true(x.n <= ANSWER_ITEMS_MAX);
	assert_int_equal(x.mail->n, 300);
	assert_int_equal(told, 300);
	buf_clear(&mail);
}

static const struct text_case {
	const char *text, *class, *also;
} texts[] = {
	{ "550 5.1.1 User unknown", "mailbox-unknown", NULL },
	{ "250 2.0.0 Ok: queued", "not-a-bounce", NULL },
	{ "220 mx.example ESMTP\n250 mx.example\n235 2.7.0 Ok\n452 4.2.2 Mailbox full\n", "mailbox-full",
	  NULL },
	{ "452 4.2.2 <a@b.example> Mailbox full\n550 5.1.1 <c@d.example> User unknown in virtual mailbox "
	  "table\n",
	  "mailbox-unknown", "mailbox-full" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct answer x;
		answer_text(a, "", str_of(texts[i].text), NULL, &x);
		const char *also = x.n > 1 ? x.items[1].x.class->id : "";
		bool either = texts[i].also && !strcmp(x.items[0].x.class->id, texts[i].also) &&
			      !strcmp(also, texts[i].class); /* equally sure: the order of the text */
		if (!either && (strcmp(x.items[0].x.class->id, texts[i].class) != 0 ||
				strcmp(also, texts[i].also ? texts[i].also : "") != 0))
			fail_msg("%s: %s, also %s", texts[i].text, x.items[0].x.class->id, also);
	}
}

static char *rendered(enum render_format format, const struct answer *x)
{
	static char text[1 << 17];
	struct explain_show show = { .width = 80 };
	struct err e = { 0 };
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct explain_renderer *r = explain_renderer_new(format, &show, out);
	explain_render_answer(r, x);
	assert_true(explain_renderer_end(&r, &e));
	fclose(out);
	return text;
}

/* Each form holds what a person needs, and nothing that a peer could steer with. */
static void test_forms(void **state)
{
	(void)state;
	static const char *const parts[RENDER_FORMATS][4] = {
		[RENDER_TEXT] = { "was not delivered", "Invoice", "x@b.example", "What to do" },
		[RENDER_JSON] = { "\"recipients\"", "\"Invoice\"", "\"mailbox-unknown\"", "\"fixes\"" },
		[RENDER_HTML] = { "<!doctype html>", "Invoice", "x@b.example", "What to do</h2>" },
		[RENDER_MARKDOWN] = { "# FAILED: ", "` Invoice `", "x\\@b.example", "## What to do" },
	};
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	answer_mail(a, "",
		    str_of(HEAD ONE("x@b.example", "failed", "5.1.1", "550 5.1.1 User unknown \033[2J <b>")
				   TAIL),
		    NULL, &x);
	for (unsigned f = 0; f < RENDER_FORMATS; f++) {
		const char *text = rendered((enum render_format)f, &x);
		for (size_t i = 0; i < ARRAY_LEN(parts[f]); i++)
			if (!strstr(text, parts[f][i]))
				fail_msg("%s lacks %s:\n%s", render_format_name((enum render_format)f),
					 parts[f][i], text);
		assert_null(strchr(text, '\033'));
		assert_null(f == RENDER_HTML ? strstr(text, "<b>&") : NULL);
	}
}

#define FORWARD                                                                                              \
	"From: clerk@a.example\nTo: help@a.example\nSubject: FW: Undeliverable: Invoice\n\nWhy?\n\n"         \
	"From: postmaster@mx.example\nSent: Monday\nTo: Clerk\nSubject: Undeliverable: Invoice\n\n"          \
	"Your message to <you@b.example> could not be delivered.\n\n<you@b.example>: 550 5.1.1 User "        \
	"unknown\n"

/* A mail that quotes a bounce stays no failure, and each form tells the quoted one too. */
static void test_quoted(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	answer_mail(a, "", str_of(FORWARD), NULL, &x);
	assert_string_equal(x.items[0].cause.entry->id, "report-quotes-bounce");
	assert_false(answer_is_failure(&x));
	assert_true(x.mail->kind == DSN_NONE && x.mail->n == 0 && x.quoted);
	assert_string_equal(x.quoted->items[0].cause.entry->id, "rcpt-user-unknown");
	assert_string_equal(x.quoted->mail->v[0].address, "you@b.example");
	for (unsigned f = 0; f < RENDER_FORMATS; f++) {
		const char *text = rendered((enum render_format)f, &x);
		if (!strstr(text, "no bounce itself") || !strstr(text, "Check the address letter by letter"))
			fail_msg("%s:\n%s", render_format_name((enum render_format)f), text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mails),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_every_recipient_has_its_cause),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_quoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
