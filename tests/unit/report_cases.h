/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/report_cases.h - reports to senders, and the form that each has to get. */
#ifndef TESTS_UNIT_REPORT_CASES_H
#define TESTS_UNIT_REPORT_CASES_H

#include "mail/report.h"

#define ORIGINAL                                                                                             \
	"Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nTo: you@example.com\r\n"                     \
	"Subject: Invoice 7\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n"

#define FAILED(address, status_, reply_)                                                                     \
	{                                                                                                    \
		.final = (address), .original_type = "", .original = "", .action = DSN_FAILED,               \
		.status = (status_), .remote = "mx.example.com", .remote_ip = "192.0.2.7",                   \
		.reply_type = "smtp", .reply = (reply_)                                                      \
	}

static const struct report_case {
	const char *name;
	struct report_recipient v[3];
	size_t n;
	const char *original;
	enum report_part part;
	bool utf8;
	/* what comes of it */
	const char *type; /* of the returned part */
	bool eightbit, smtputf8;
	const char *to; /* NULL: one in ASCII */
} cases[] = {
	{ "a failure, header only",
	  { FAILED("you@example.com", "5.1.1", "550 5.1.1 No such user") },
	  1,
	  ORIGINAL,
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "two failures and the whole message",
	  { FAILED("you@example.com", "5.1.1", "550 5.1.1 No such user"),
	    FAILED("\"odd name\"@example.com", "5.7.1", "554 5.7.1 Refused") },
	  2,
	  ORIGINAL,
	  REPORT_MESSAGE,
	  false,
	  "message/rfc822",
	  false,
	  false,
	  NULL },
	{ "a delay with its times",
	  { { .final = "you@example.com",
	      .original_type = "rfc822",
	      .original = "alias@example.com",
	      .action = DSN_DELAYED,
	      .status = "4.4.1",
	      .remote = "",
	      .remote_ip = "",
	      .reply_type = "x-postrider",
	      .reply = "connect to mx.example.com: Connection refused",
	      .last_attempt_s = 1795000000,
	      .retry_until_s = 1795400000 } },
	  1,
	  ORIGINAL,
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "handed over to a server without DSN",
	  { { .final = "you@example.com",
	      .original_type = "",
	      .original = "",
	      .action = DSN_RELAYED,
	      .status = "2.0.0",
	      .remote = "mx.example.com",
	      .remote_ip = "2001:db8::7",
	      .reply_type = "smtp",
	      .reply = "250 2.0.0 queued as 4F2" } },
	  1,
	  ORIGINAL,
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "a long reply with odd bytes",
	  { FAILED("you@example.com", "5.7.1",
		   "554 5.7.1 Refused\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; x@example.com "
		   "https://support.example.com/answers/"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
		   "gr\xc3\xbc\xc3\x9f \xff") },
	  1,
	  ORIGINAL,
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "raw bytes in the header: coded",
	  { FAILED("you@example.com", "5.1.1", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nSubject: Gr\xfc\xdf"
	  "e\r\nFrom: me@example.org\r\n\r\nbody\r\n",
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "8-bit text goes back as it came",
	  { FAILED("you@example.com", "5.1.1", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nMIME-Version: 1.0\r\n"
	  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc"
	  "n\r\n",
	  REPORT_MESSAGE,
	  false,
	  "message/rfc822",
	  true,
	  false,
	  NULL },
	{ "a bare line feed: only its header goes back",
	  { FAILED("you@example.com", "5.1.1", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\n\r\none\n.\ntwo\r\n",
	  REPORT_MESSAGE,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "no body at all",
	  { FAILED("you@example.com", "5.1.1", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\n",
	  REPORT_HEADER,
	  false,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "an international address",
	  { FAILED("j\xc3\xbcrgen@b\xc3\xbc"
		   "cher.example",
		   "5.1.1", "550 5.1.1 kein Postfach f\xc3\xbcr j\xc3\xbcrgen") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nTo: j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example\r\n\r\nbody\r\n",
	  REPORT_HEADER,
	  true,
	  "message/global-headers",
	  true,
	  true,
	  "b\xc3\xbcro@example.org" },
	{ "an international message as a whole",
	  { FAILED("j\xc3\xbcrgen@b\xc3\xbc"
		   "cher.example",
		   "5.1.1", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nTo: j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example\r\n\r\nbody\r\n",
	  REPORT_MESSAGE,
	  true,
	  "message/global",
	  true,
	  true,
	  "b\xc3\xbcro@example.org" },
	{ "an international address, told to one in ASCII",
	  { FAILED("j\xc3\xbcrgen@b\xc3\xbc"
		   "cher.example",
		   "5.6.7", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nSubject: \xc3\xbc\r\n\r\nbody\r\n",
	  REPORT_HEADER,
	  true,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
	{ "an international message as a whole, told to one in ASCII",
	  { FAILED("you@example.com", "5.6.7", "550 no") },
	  1,
	  "Message-ID: <7@example.org>\r\nFrom: me@example.org\r\nSubject: \xc3\xbc\r\n\r\nbody\r\n",
	  REPORT_MESSAGE,
	  true,
	  "message/global",
	  true,
	  false,
	  NULL },
	{ "SMTPUTF8 asked for and not needed",
	  { FAILED("you@example.com", "5.1.1", "550 no") },
	  1,
	  ORIGINAL,
	  REPORT_HEADER,
	  true,
	  "text/rfc822-headers",
	  false,
	  false,
	  NULL },
};

#endif
