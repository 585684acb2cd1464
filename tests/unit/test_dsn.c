/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn: reports of many programs, and the mails that only look like reports. */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "mail/dsn.h"

#define HEAD(subject)                                                                                        \
	"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: me@example.org\nSubject: " subject "\n"
#define REPORT                                                                                               \
	"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"     \
	"--b\n\nThis is the mail system at host mx.example.net.\n"
#define STATUS "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
#define ORIGINAL                                                                                             \
	"\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@example.org>\nFrom: me@example.org\n"         \
	"To: you@example.com\nSubject: Invoice 7\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n\nHello\n--b--\n"

static const struct dsn_case {
	const char *name, *mail;
	enum dsn_kind kind;
	const char *dialect;
	size_t n;
	const char *address;
	enum dsn_action action;
	const char *status, *reply, *step, *remote, *message_id;
} cases[] = {
	{ "a report",
	  HEAD("Undelivered Mail") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; "
	  "mx.example.com\n"
	  "Diagnostic-Code: smtp; 550 5.1.1 No such\n    user here\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_FAILED, "5.1.1", "550 5.1.1 No such user here", "",
	  "mx.example.com", "<1@example.org>" },
	{ "a delay",
	  HEAD("Delayed Mail") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: delayed\nStatus: 4.4.1\n"
	  "Diagnostic-Code: X-Postfix; connect to mx.example.com[192.0.2.1]:25: Connection "
	  "refused\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_DELAYED, "4.4.1",
	  "connect to mx.example.com[192.0.2.1]:25: Connection refused", "connect", "", "<1@example.org>" },
	{ "a success",
	  HEAD("Delivered") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: relayed\nStatus: 2.0.0\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_RELAYED, "2.0.0", "", "", "", "<1@example.org>" },
	{ "Action stands first, in the group of the mail",
	  HEAD("Undelivered") REPORT "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
				     "mx.example.net\nAction: failed\n\n"
				     "Final-Recipient: rfc822; you@example.com\nDiagnostic-Code: X-Notice; "
				     "Sender not approved\nStatus: 4.7.0\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_FAILED, "4.7.0", "Sender not approved", "", "",
	  "<1@example.org>" },
	{ "no empty line between two recipients",
	  HEAD("Undelivered") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; "
	  "550 5.2.2 full\n"
	  "Final-Recipient: rfc822; other@example.com\nAction: failed\nStatus: 5.1.1\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 2, "you@example.com", DSN_FAILED, "5.2.2", "550 5.2.2 full", "", "",
	  "<1@example.org>" },
	{ "the words say more than the fields",
	  HEAD("Undelivered") "MIME-Version: 1.0\nContent-Type: multipart/report; "
			      "report-type=delivery-status; boundary=b\n\n--b\n\n"
			      "<you@example.com>: host mx.example.com[192.0.2.1] said: 550 5.2.1 Mailbox "
			      "disabled\n"
			      "    for good (in reply to RCPT TO command)\n" STATUS
			      "Final-Recipient: rfc822; you@example.com\nAction: failed\nStatus: "
			      "5.0.0\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_FAILED, "5.2.1",
	  "550 5.2.1 Mailbox disabled for good (in reply to RCPT TO command)", "rcpt", "mx.example.com",
	  "<1@example.org>" },
	{ "qmail",
	  HEAD("failure notice") "\nHi. This is the qmail-send program at mx.example.net.\n"
				 "I'm afraid I wasn't able to deliver your message to the following "
				 "addresses.\n"
				 "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
				 "<you@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: "
				 "550 5.1.1 unknown user\n"
				 "Giving up on 192.0.2.1.\n\n--- Below this line is a copy of the "
				 "message.\n\n"
				 "Return-Path: <me@example.org>\nMessage-ID: <2@example.org>\nFrom: "
				 "me@example.org\nSubject: x\n\nHi\n",
	  DSN_REPORT, "qmail", 1, "you@example.com", DSN_FAILED, "5.1.1", "550 5.1.1 unknown user", "rcpt",
	  "", "<2@example.org>" },
	{ "exim",
	  "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: me@example.org\nReturn-path: <>\n"
	  "X-Failed-Recipients: you@example.com\nAuto-Submitted: auto-replied\nSubject: Mail delivery "
	  "failed\n\n"
	  "This message was created automatically by mail delivery software.\n\n"
	  "A message that you sent could not be delivered to one or more of its\n"
	  "recipients. This is a permanent error. The following address(es) failed:\n\n"
	  "  you@example.com\n    host mx.example.com [192.0.2.1]\n"
	  "    SMTP error from remote mail server after RCPT TO:<you@example.com>:\n    550 5.7.1 "
	  "rejected\n\n"
	  "------ This is a copy of the message, including all the headers. ------\n\n"
	  "Message-ID: <3@example.org>\nFrom: me@example.org\nTo: you@example.com\nSubject: x\n\nHi\n",
	  DSN_REPORT, "exim", 1, "you@example.com", DSN_FAILED, "5.7.1", "550 5.7.1 rejected", "rcpt",
	  "mx.example.com", "<3@example.org>" },
	{ "a program nobody knows",
	  HEAD("Delivery failure") "\nSorry, your message was not delivered.\n\nto you@example.com\n\nThe "
				   "other side answered\n550 5.2.2 quota exceeded\n",
	  DSN_REPORT, "general", 1, "you@example.com", DSN_FAILED, "5.2.2", "550 5.2.2 quota exceeded", "",
	  "", "" },
	{ "a complaint",
	  "From: fbl@example.com\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
	  "--b\n\nabuse\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
	  "Original-Rcpt-To: <you@example.com>\n" ORIGINAL,
	  DSN_FEEDBACK, "", 1, "you@example.com", DSN_ACTION_UNKNOWN, "", "", "", "", "<1@example.org>" },
	{ "a receipt",
	  "From: you@example.com\nContent-Type: multipart/report; report-type=disposition-notification; "
	  "boundary=b\n\n"
	  "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: "
	  "rfc822;you@example.com\n"
	  "Original-Message-ID: <4@example.org>\nDisposition: manual-action/MDN-sent-manually; "
	  "displayed\n--b--\n",
	  DSN_RECEIPT, "", 1, "you@example.com", DSN_ACTION_UNKNOWN, "", "", "", "", "<4@example.org>" },
	{ "out of office",
	  "From: you@example.com\nTo: me@example.org\nSubject: Automatic reply: Invoice 7\n"
	  "Auto-Submitted: auto-replied\n\nI am away until Monday. Write to help@example.com.\n",
	  DSN_REPLY, "vacation", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "out of office, in German",
	  "From: you@example.com\nTo: me@example.org\n"
	  "Subject: =?utf-8?Q?Abwesenheitsnotiz:_Rechnung?=\n\nBin nicht da.\n",
	  DSN_REPLY, "vacation", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "a challenge",
	  "From: you@example.com\nTo: me@example.org\nSubject: Please confirm your message\n"
	  "X-Delivery-Agent: TMDA/1.0\n\nReply to this message to release it.\n",
	  DSN_CHALLENGE, "challenge", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "a status that needs no reply, words that give none",
	  HEAD("Undelivered") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: failed\nStatus: 5.1.1\n" ORIGINAL,
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_FAILED, "5.1.1", "", "", "", "<1@example.org>" },
	{ "a name without a domain",
	  HEAD("Mail Delivery Problem") "\nYour mail to the following recipients could not be delivered "
					"because they take no attachments:\n\nuser12\n",
	  DSN_REPORT, "general", 1, "user12", DSN_FAILED, "",
	  "Your mail to the following recipients could not be delivered because they take no attachments: "
	  "user12",
	  "", "", "" },
	{ "the reason beside a frame that has none",
	  HEAD("Delivery failure") "\nThe mailbox is full.\n\nThe following recipients did not receive your "
				   "message:\n\n<you@example.com>\n",
	  DSN_REPORT, "general", 1, "you@example.com", DSN_FAILED, "", "The mailbox is full.", "", "", "" },
	{ "a cover around another's report",
	  HEAD("Delivery Status Notification (Failure)") "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
							 "Content-Type: message/rfc822\n\n" HEAD(
								 "Undelivered") REPORT STATUS
	  "Final-Recipient: rfc822; you@example.com\nAction: failed\nStatus: 5.1.1\n" ORIGINAL "\n--x--\n",
	  DSN_REPORT, "rfc3464", 1, "you@example.com", DSN_FAILED, "5.1.1", "", "", "", "<1@example.org>" },
	{ "an answer that quotes a report",
	  "From: you@example.com\nTo: me@example.org\nSubject: Re: Undelivered Mail Returned to Sender\n\n"
	  "A typing error.\n\n> This is the Postfix program at host mx.example.net.\n>\n"
	  "> <yuo@example.com>: 550 5.1.1 User unknown\n",
	  DSN_NONE, "", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "a server's mark alone",
	  "From: anna@gmx.example\nTo: me@example.org\nSubject: Monday\nX-UI-Out-Filterresults: notjunk:1\n\n"
	  "He moved:\nbernd@example.net\n",
	  DSN_NONE, "", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "an ordinary mail",
	  "From: you@example.com\nTo: me@example.org\nSubject: Invoice\n\n"
	  "Your mail to me@example.org was rejected with 550 5.1.1, they say.\n",
	  DSN_NONE, "", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
	{ "nothing", "", DSN_NONE, "", 0, "", DSN_ACTION_UNKNOWN, "", "", "", "", "" },
};

static void check_case(const struct dsn_case *c, const char *mail)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	dsn_read(a, str_of(mail), &d);
	if (d.kind != c->kind || d.n != c->n)
		fail_msg("%s: %s with %zu recipients", c->name, dsn_kind_name(d.kind), d.n);
	assert_string_equal(d.dialect, c->dialect);
	assert_string_equal(d.original.message_id, c->message_id);
	if (!c->n)
		return;
	assert_string_equal(d.v[0].address, c->address);
	assert_int_equal(d.v[0].action, c->action);
	assert_string_equal(d.v[0].status, c->status);
	assert_string_equal(d.v[0].reply, c->reply);
	assert_string_equal(d.v[0].step, c->step);
	assert_string_equal(d.v[0].remote, c->remote);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i], cases[i].mail);
}

/* The same with CRLF, and behind an mbox divider. */
static void test_wrapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = { 0 };
		if (*cases[i].mail)
			buf_adds(&b, "From MAILER-DAEMON Sat Nov 21 10:00:00 2026\r\n");
		for (const char *p = cases[i].mail; *p; p++)
			buf_add(&b, *p == '\n' ? "\r\n" : p, *p == '\n' ? 2 : 1);
		buf_add(&b, "", 1);
		check_case(&cases[i], buf_str(&b).p);
		buf_clear(&b);
	}
}

static void add_many(struct buf *b, size_t n)
{
	buf_adds(b, HEAD("Undelivered") REPORT STATUS);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "Final-Recipient: rfc822; user%zu@example.com\nAction: failed\nStatus: 5.1.1\n\n",
			 i);
	buf_adds(b, ORIGINAL);
}

static void test_many_recipients(void **state)
{
	(void)state;
	for (size_t n = DSN_RECIPIENTS_MAX; n <= DSN_RECIPIENTS_MAX + 500; n += 500) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct buf b = { 0 };
		struct dsn d;
		add_many(&b, n);
		dsn_read(a, buf_str(&b), &d);
		assert_int_equal(d.n, DSN_RECIPIENTS_MAX);
		assert_int_equal(d.more, n > DSN_RECIPIENTS_MAX);
		assert_string_equal(d.v[DSN_RECIPIENTS_MAX - 1].address, "user999@example.com");
		buf_clear(&b);
	}
}

/* Of a bounce of a bounce the outer one is told; a forwarded bounce is read. */
static void test_nested(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *inner =
		"MIME-Version: 1.0\nSubject: inner\nMessage-ID: <in@x>\n"
		"Content-Type: multipart/report; boundary=c\n\n--c\n\nwords\n--c\n"
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\n"
		"Final-Recipient: rfc822; inner@example.com\nAction: failed\nStatus: 5.1.1\n--c--\n";
	const char *outer = HEAD("Undelivered") REPORT STATUS
		"Final-Recipient: rfc822; outer@example.com\nAction: failed\nStatus: 5.4.4\n";
	struct dsn d;
	dsn_read(a,
		 str_of(arena_printf(a, "%s\n--b\nContent-Type: message/rfc822\n\n%s\n--b--\n", outer,
				     inner)),
		 &d);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].address, "outer@example.com");
	assert_string_equal(d.original.message_id, "<in@x>");
	dsn_read(a,
		 str_of(arena_printf(
			 a,
			 "From: me@example.org\nSubject: Fwd: help\nContent-Type: multipart/mixed; "
			 "boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n%s\n--b--\n",
			 inner)),
		 &d);
	assert_int_equal(d.kind, DSN_REPORT);
	assert_string_equal(d.v[0].address, "inner@example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_nested),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
