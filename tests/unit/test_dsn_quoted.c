/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn: the bounce that a person quotes, as mail programs write it in many languages. */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/dsn.h"

#define COVER(subject) "From: clerk@acme.example\nTo: help@it.example\nSubject: " subject "\n\n"
#define POSTFIX                                                                                              \
	"This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your "      \
	"message could not\nbe delivered to one or more recipients. It's attached below.\n\n"                \
	"<you@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1\n"                                \
	"    <you@example.com>: User unknown (in reply to RCPT TO command)\n"
#define EXIM                                                                                                 \
	"This message was created automatically by mail delivery software.\n\n"                              \
	"A message that you sent could not be delivered to one or more of its\nrecipients. This is a "       \
	"permanent error. The following address(es) failed:\n\n  you@example.com\n"                          \
	"    SMTP error from remote mail server after RCPT TO:<you@example.com>:\n    550 5.1.1 User "       \
	"unknown\n"
#define EXCHANGE(failed, told)                                                                               \
	failed "\n\nyou@example.com (you@example.com)\n" told "\n\n"                                         \
	       "Diagnostic information for administrators:\n\nGenerating server: mx.example.net\n\n"         \
	       "you@example.com\nRemote Server returned '550 5.1.1 <you@example.com>: User unknown'\n"

static const struct quoted_case {
	const char *name, *mail;
	bool quotes;
} cases[] = {
	{ "Gmail",
	  COVER("Fwd: Undelivered Mail Returned to Sender") "What is this?\n\n---------- Forwarded message "
							    "---------\n"
							    "From: Mail Delivery System "
							    "<MAILER-DAEMON@mx.example.net>\n"
							    "Date: Sat, Nov 21, 2026 at 10:00 AM\nSubject: "
							    "Undelivered Mail Returned to "
							    "Sender\nTo: <clerk@acme.example>\n\n\n" POSTFIX,
	  true },
	{ "below a line of blanks",
	  "  \nFrom: clerk@acme.example\nSubject: Fwd: failed\nContent-Transfer-Encoding: base64\n\n"
	  "RlcKCkZyb206IE1haWwgRGVsaXZlcnkgU3lzdGVtIDxtYWlsZXItZGFlbW9uQG14LmV4YW1wbGUubmV0PgpTdWJqZWN0OiBVbm"
	  "Rl\n"
	  "bGl2ZXJlZCBNYWlsIFJldHVybmVkIHRvIFNlbmRlcgoKVGhpcyBpcyB0aGUgbWFpbCBzeXN0ZW0gYXQgaG9zdCBteC5leGFtcG"
	  "xl\n"
	  "Lm5ldC4KCjx5b3VAZXhhbXBsZS5jb20+"
	  "OiBob3N0IG14LmV4YW1wbGUuY29tWzE5Mi4wLjIuMV0gc2FpZDogNTUwIDUuMS4xIFVz\n"
	  "ZXIgdW5rbm93bgo=\n",
	  true },
	{ "Gmail, with asterisks",
	  COVER("Fwd: failed") "*From:* Mail Delivery System <mailer-daemon@mx.example.net>\n*Date:* Sat\n"
			       "*Subject:* Undelivered Mail Returned to Sender\n*To:* "
			       "clerk@acme.example\n\n" POSTFIX,
	  true },
	{ "Outlook",
	  COVER("FW: Undeliverable: Invoice 7") "Hi,\n\nany idea?\n\n________________________________\n"
						"From: Microsoft Outlook <postmaster@acme.example>\n"
						"Sent: Saturday, November 21, 2026 10:00 AM\nTo: Clerk "
						"<clerk@acme.example>\n"
						"Subject: Undeliverable: Invoice 7\n\n" EXCHANGE(
							"Delivery has failed to these recipients or groups:",
							"The email address you entered couldn't be found."),
	  true },
	{ "Outlook, in German",
	  COVER("WG: Unzustellbar: Rechnung 7") "-----Ursprüngliche Nachricht-----\n"
						"Von: Microsoft Outlook <postmaster@acme.example> \n"
						"Gesendet: Samstag, 21. November 2026 10:00\nAn: Clerk\n"
						"Betreff: Unzustellbar: Rechnung 7\n\n" EXCHANGE(
							"Fehler bei der Nachrichtenzustellung an folgende "
							"Empfänger oder Gruppen:",
							"Die eingegebene E-Mail-Adresse wurde nicht "
							"gefunden."),
	  true },
	{ "Apple Mail, cited",
	  COVER("Fwd: Mail delivery failed") "Begin forwarded message:\n> \n> From: Mail Delivery System "
					     "<Mailer-Daemon@mx.example.net>\n"
					     "> Subject: Mail delivery failed: returning message to sender\n"
					     "> Date: 21 November 2026 at 10:00:00 CET\n> To: "
					     "clerk@acme.example\n> \n"
					     "> This message was created automatically by mail delivery "
					     "software.\n> \n"
					     "> A message that you sent could not be delivered to one or "
					     "more of its\n"
					     "> recipients. This is a permanent error. The following "
					     "address(es) failed:\n> \n"
					     ">   you@example.com\n>     SMTP error from remote mail server "
					     "after RCPT TO:<you@example.com>:\n"
					     ">     550 5.1.1 User unknown\n\nRegards, Clerk\n",
	  true },
	{ "Thunderbird, in French, with a blank before the colon",
	  COVER("Tr: Undelivered Mail") "-------- Message transféré --------\nSujet : \tUndelivered Mail "
					"Returned to Sender\n"
					"Date : \tSat, 21 Nov 2026 10:00:00 +0100\nDe : \tMail Delivery "
					"System "
					"<MAILER-DAEMON@mx.example.net>\nPour : "
					"\tclerk@acme.example\n\n" POSTFIX,
	  true },
	{ "in Japanese, with wide colons",
	  COVER("FW: Undelivered") "差出人： Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
				   "送信日時： 2026年11月21日 10:00\n宛先： clerk@acme.example\n"
				   "件名： Undelivered Mail Returned to Sender\n\n" POSTFIX,
	  true },
	{ "in Russian",
	  COVER("Fwd: failed") "От: Mail Delivery System <Mailer-Daemon@mx.example.net>\nДата: сб, 21 нояб. "
			       "2026\n"
			       "Тема: Mail delivery failed: returning message to sender\nКому: "
			       "clerk@acme.example\n\n" EXIM,
	  true },
	{ "a forward of a forward",
	  COVER("FW: FW: Undelivered") "From: Clerk <clerk@acme.example>\nSent: Monday\nTo: Boss\nSubject: "
				       "FW: Undelivered Mail\n\nsee below\n\n"
				       "From: MAILER-DAEMON@mx.example.net\nSent: Saturday\nTo: Clerk\n"
				       "Subject: Undelivered Mail Returned to Sender\n\n" POSTFIX,
	  true },
	{ "an answer, cited without its header",
	  COVER("Re: Undelivered Mail Returned to Sender") "A typing error?\n\nOn Saturday Mail Delivery "
							   "System\n<MAILER-DAEMON@mx.example.net> wrote:\n"
							   "> This is the mail system at host "
							   "mx.example.net.\n>\n> <you@example.com>: host "
							   "mx.example.com[192.0.2.1] said: 550 5.1.1\n>     "
							   "<you@example.com>: User unknown (in reply to "
							   "RCPT TO command)\n",
	  true },
	{ "a table of HTML: each value on a line of its own",
	  "From: clerk@acme.example\nSubject: Fwd: x\nMIME-Version: 1.0\nContent-Type: text/html; "
	  "charset=utf-8\n\n"
	  "<p>Help!</p><table><tr><th>Subject: </th><td>Undelivered Mail Returned to Sender</td></tr>"
	  "<tr><th>From: </th><td>Mail Delivery System &lt;MAILER-DAEMON@mx.example.net&gt;</td></tr></table>"
	  "<pre>" POSTFIX "</pre>\n",
	  true },
	{ "talk about an error", COVER("Mail to you@example.com") "It says 550 5.1.1 User unknown, why?\n",
	  false },
	{ "a conversation",
	  COVER("Re: Delivery of the chairs") "Fine.\n\nFrom: Anna <anna@example.com>\nSent: Monday\nTo: "
					      "Clerk\n"
					      "Subject: Delivery of the chairs\n\nThe chairs could not be "
					      "delivered, "
					      "nobody was there. Call 550 511.\n",
	  false },
	{ "a cited conversation",
	  COVER("Re: Invoice 7") "Anna wrote:\n> your mail bounced with 550 5.1.1, they told me\n> please "
				 "check\n",
	  false },
	{ "a forward of an answer to a bounce, which is not there",
	  COVER("FW: RE: Undeliverable: Invoice") "From: Help Desk <help@it.example>\nSent: Monday\nTo: "
						  "Clerk\n"
						  "Subject: RE: Undeliverable: Invoice\n\nThe mailbox is "
						  "full, wait.\n",
	  false },
	{ "a header without a text",
	  COVER("Fwd: x") "From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered\n", false },
	{ "nothing", "", false },
};

static void check_case(const struct quoted_case *c, struct str mail)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn cover, d;
	dsn_read(a, mail, &cover);
	if (cover.kind != DSN_NONE || cover.n)
		fail_msg("%s: the cover is a %s", c->name, dsn_kind_name(cover.kind));
	if (dsn_quoted_read(a, mail, &d) != c->quotes)
		fail_msg("%s: %s", c->name, c->quotes ? "no bounce is found" : "a bounce is found");
	if (!c->quotes)
		return;
	if (d.kind != DSN_REPORT || d.n != 1)
		fail_msg("%s: %s of %zu", c->name, dsn_kind_name(d.kind), d.n);
	assert_string_equal(d.v[0].address, "you@example.com");
	assert_string_equal(d.v[0].status, "5.1.1");
	if (!strstr(d.v[0].reply, "550 5.1.1"))
		fail_msg("%s: %s", c->name, d.v[0].reply);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i], str_of(cases[i].mail));
}

/* Any cut of any mail is read without a byte behind it. */
static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t n = 0; n < strlen(cases[i].mail); n += 7) {
			CLEANUP(arena_free) struct arena *a = arena_new();
			CLEANUP(mem_free) char *copy = mem_dup(cases[i].mail, n);
			struct dsn d;
			if (dsn_quoted_read(a, (struct str){ copy, n }, &d))
				assert_int_equal(d.kind, DSN_REPORT);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_cuts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
