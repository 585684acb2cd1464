/* SPDX-License-Identifier: Apache-2.0 */
/* mail/compose.h - a message built from parts (RFC 5322, 2045, 2047, 2231), by GMime. */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct compose_attachment {
	const char *name; /* file name as shown to the recipient */
	const char *type; /* "application/pdf" */
	struct str bytes;
};

struct compose {
	const char *from, *subject; /* UTF-8 */
	const char *text;           /* UTF-8; lines may end in LF or CRLF */
	const char *html;           /* the same message as a page (RFC 2046, 5.1.4); NULL none */
	const char *from_name;      /* shown beside the address; NULL or "" none */
	struct strlist to, cc;      /* nobody else is named: who gets a blind copy stands in the envelope */
	const char *reply_to;       /* NULL none */
	long long date_s;           /* Date:, unix time */
	const char *message_id;     /* without <> */
	const struct compose_attachment *attachments;
	size_t nattachments;
};

/* Appends the message with CRLF line ends, 7-bit clean.  False with *e (ERR_SYNTAX)
 * for a value that would break a header (a line break in it) or an address that
 * cannot stand there. */
bool compose_message(const struct compose *c, struct buf *out, struct err *e) MUST_USE;

#endif
