/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/reply.h - one SMTP reply exactly as received (RFC 5321, 4.2).
 *
 * A reply is evidence: nothing is repaired or guessed here.  What it means is
 * catalog's business; what to do about it is relay's. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
	SMTP_REPLY_BYTES_MAX = 64 * 1024, /* whole reply; the RFC promises 512 per line */
	SMTP_REPLY_LINES_MAX = 512
};

/* Oddities that are tolerated but recorded. */
enum smtp_reply_odd {
	SMTP_REPLY_BARE_LF = 1,      /* a line ended with LF alone */
	SMTP_REPLY_CODE_CHANGED = 2, /* lines of one reply had different codes: the last one counts */
	SMTP_REPLY_NO_TEXT = 4,      /* "250\r\n" */
	SMTP_REPLY_LONG_LINE = 8,    /* over 512 octets (RFC 5321, 4.5.3.1.5) */
	SMTP_REPLY_ODD_CODE = 16,    /* not 200..599, such as 403 is fine but 999 or 100 is odd */
	SMTP_REPLY_CONTROL = 32,     /* NUL or other control bytes in the text */
};

struct smtp_reply {
	unsigned code;           /* 100..999 as sent */
	uint16_t enh[3];         /* RFC 3463 class.subject.detail; enh[0] == 0: none sent */
	unsigned odd;            /* enum smtp_reply_odd, or-ed */
	size_t nlines;           /* >= 1 */
	const struct str *lines; /* text after code and separator, without CRLF; not NUL-terminated */
};

struct smtp_reply_parser;

struct smtp_reply_parser *smtp_reply_parser_new(void) MUST_USE;
void smtp_reply_parser_free(struct smtp_reply_parser **p); /* sets *p to NULL; NULL is fine */

/* Takes up to len bytes of data (borrowed for the call only) and sets *used to
 * how many it took: never a byte beyond the end of one reply.
 * Returns 1 with *reply (owned by the parser, valid until the next call),
 * 0 when it took everything and needs more, -1 with *e when this cannot be a
 * reply; then smtp_reply_parser_raw() gives the bytes of the offending reply. */
int smtp_reply_parser_feed(struct smtp_reply_parser *p, const void *data, size_t len, size_t *used,
			   const struct smtp_reply **reply, struct err *e) MUST_USE;

/* An enhanced status code at the beginning of s (RFC 3463, 2): its length, 0 and enh untouched
 * when there is none. */
size_t smtp_enhanced_read(struct str s, uint16_t enh[3]);

/* Bytes of the reply in hand (complete or not), at most SMTP_REPLY_BYTES_MAX. */
struct str smtp_reply_parser_raw(const struct smtp_reply_parser *p);

#endif
