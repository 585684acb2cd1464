/* SPDX-License-Identifier: Apache-2.0 */
/* mail/report.h - a delivery status notification, written (RFC 6522, 3464; 6533 where addresses need it).
 *
 * Three parts: words for people, the same as fields for programs, and what came back of the
 * original.  All bytes of the wire are made harmless: no value can end its field, no
 * original its part.  mail/dsn reads every report back. */
#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "mail/dsn.h"

struct report_recipient {                     /* texts "" and times 0: not known, the field is left away */
	const char *original_type, *original; /* ORCPT, decoded: "rfc822", "you@example.com" */
	const char *final;
	enum dsn_action action;
	const char *status; /* "5.1.1" */
	const char *remote, *remote_ip;
	const char *reply_type, *reply; /* "smtp", "550 5.1.1 No such user" */
	long long last_attempt_s, retry_until_s;
};

enum report_part { REPORT_HEADER, REPORT_MESSAGE };

struct report {
	const char *host;       /* who reports */
	const char *to;         /* whom: the original's sender */
	const char *subject;    /* UTF-8 */
	const char *message_id; /* of this report, without <> */
	const char *answers;    /* the original's Message-ID with <>; "" none */
	long long date_s;
	const char *words; /* the first part: UTF-8, lines ending in LF */
	const char *envelope_id;
	long long arrival_s;
	const struct report_recipient *v;
	size_t n;
	struct str original;   /* its beginning at least up to the end of its header; CRLF */
	enum report_part part; /* what of it goes back */
	bool utf8;             /* it came with SMTPUTF8: so may the report */
};

struct report_needs { /* of the transport */
	bool eightbit, smtputf8;
};

/* Appends the message, CRLF.  False with *e: out's limit. */
bool report_write(const struct report *r, struct buf *out, struct report_needs *needs,
		  struct err *e) MUST_USE;

#endif
