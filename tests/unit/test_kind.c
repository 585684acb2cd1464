/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "explain/kind.h"

static const struct kind_case {
	const char *name, *head;
	bool cut; /* there is more behind it */
	enum explain_kind want;
} cases[] = {
	{ "nothing", "", false, EXPLAIN_BLANK },
	{ "blanks", " \n\t\r\n", false, EXPLAIN_BLANK },
	{ "a reply", "550 5.1.1 User unknown\n", false, EXPLAIN_TEXT },
	{ "a reply of two lines", "550-5.1.1 User\n550 5.1.1 unknown\n", false, EXPLAIN_TEXT },
	{ "one line of a log",
	  "Nov 21 08:49:38 mx postfix/smtp[1]: 4A: to=<a@b.example>, status=bounced (said: 550 no)\n", false,
	  EXPLAIN_TEXT },
	{ "a log",
	  "Nov  1 08:49:38 mx postfix/smtpd[1]: connect\nNov  1 08:49:39 mx postfix/smtpd[1]: a\n"
	  "Nov  1 08:49:40 mx postfix/smtpd[1]: b\n",
	  false, EXPLAIN_LOG },
	{ "syslog with a priority",
	  "<22>Nov 11 08:49:38 mx a: b\n<22>Nov 11 08:49:38 mx a: b\n<22>Nov 11 08:49:38 mx a: b\n", false,
	  EXPLAIN_LOG },
	{ "RFC 3339 times",
	  "2026-11-21T08:49:38.1+01:00 mx a: b\n2026-11-21T08:49:38.1+01:00 mx a: b\n"
	  "2026-11-21T08:49:38.1+01:00 mx a: b\n",
	  false, EXPLAIN_LOG },
	{ "Exim's", "2026-11-21 08:49:38 1a ** b\n2026-11-21 08:49:38 1a Completed\n2026-11-21 08:49:38 x\n",
	  false, EXPLAIN_LOG },
	{ "behind containers' names",
	  "mail-1  | Nov 21 08:49:38 mx a: b\nmail-1  | Nov 21 08:49:38 mx a: b\nmail-1  | Nov 21 08:49:38 "
	  "mx "
	  "a: b\n",
	  false, EXPLAIN_LOG },
	{ "grep's",
	  "/var/log/mail.log:7:Nov 21 08:49:38 mx a: b\n/var/log/mail.log:8:Nov 21 08:49:38 mx a: b\n"
	  "/var/log/mail.log:9:Nov 21 08:49:38 mx a: b\n",
	  false, EXPLAIN_LOG },
	{ "Exchange's", "#Software: Microsoft Exchange Server\r\n#Version: 15.0\r\n", true, EXPLAIN_LOG },
	{ "JSON lines", "{\"time\":\"2026-11-21T08:49:38Z\"}\n{\"time\":\"2026\"}\n{\"time\":\"2026\"}\n",
	  false, EXPLAIN_LOG },
	{ "a log whose lines a CR ends",
	  "Nov 21 08:49:38 mx a: b\rNov 21 08:49:39 mx a: c\rNov 21 08:49:40 mx a: d\r", false, EXPLAIN_LOG },
	{ "journalctl -o json-pretty",
	  "{\n\t\"MESSAGE\" : \"a\",\n\t\"PRIORITY\" : \"6\",\n\t\"__REALTIME_TIMESTAMP\" : "
	  "\"1795248000000000\"\n}\n",
	  true, EXPLAIN_LOG },
	{ "an object that a program wrote", "{\n\t\"message\": \"550 no\",\n\t\"time\": \"2026\"\n}\n", false,
	  EXPLAIN_TEXT },
	{ "PHPMailer's dialogue",
	  "2026-11-21 08:49:38 SERVER -> CLIENT: 220 a\n2026-11-21 08:49:38 CLIENT -> SERVER: EHLO b\n"
	  "2026-11-21 08:49:38 SERVER -> CLIENT: 535 no\n",
	  false, EXPLAIN_TEXT },
	{ "a mail", "Return-Path: <>\r\nReceived: from a\r\n\tby b\r\nSubject: x\r\n\r\nbody\r\n", false,
	  EXPLAIN_MAIL },
	{ "a mail behind a line of blanks",
	  "     \t\r\n\nDelivered-To: a@b.example\r\nSubject: x\r\n\r\nbody", true, EXPLAIN_MAIL },
	{ "lines of blanks", "  \n\t\n", true, EXPLAIN_BLANK },
	{ "a mail behind a byte order mark",
	  "\xef\xbb\xbf"
	  "From: a\nTo: b\n\nbody\n",
	  false, EXPLAIN_MAIL },
	{ "a header that goes on", "From: a@b.example\nTo: b@c.example\nSubject: an unfin", true,
	  EXPLAIN_MAIL },
	{ "an mbox", "From MAILER-DAEMON Sat Nov 21 08:49:38 2026\nFrom: a\nTo: b\n\nx\n", false,
	  EXPLAIN_MBOX },
	{ "no mbox", "From the server: 550 no\nTo: be done\n", false, EXPLAIN_TEXT },
	{ "a part of a report", "Final-Recipient: rfc822; a@b.example\nAction: failed\n", false,
	  EXPLAIN_TEXT },
	{ "a help desk's text", "Error: 550\nSubject: mail bounced\nHello,\n\nthis came\n", false,
	  EXPLAIN_TEXT },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum explain_kind got = explain_kind(str_of(cases[i].head), !cases[i].cut);
		if (got != cases[i].want)
			fail_msg("%s: %d, not %d", cases[i].name, (int)got, (int)cases[i].want);
	}
}

/* Any cut of any head gives an answer and reads no byte behind it. */
static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t n = 0; n <= strlen(cases[i].head); n++) {
			CLEANUP(mem_free) char *copy = mem_dup(cases[i].head, n);
			enum explain_kind k = explain_kind((struct str){ copy, n }, false);
			assert_true(k <= EXPLAIN_LOG);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
