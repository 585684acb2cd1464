/* SPDX-License-Identifier: Apache-2.0 */
/* mail/base64_lines.h - base64 as it stands in a message (RFC 2045, 6.8): lines of 76 characters. */
#ifndef MAIL_BASE64_LINES_H
#define MAIL_BASE64_LINES_H

#include <stdint.h>

#include "base/buf.h"

enum { BASE64_LINE_BYTES = 57 /* of content in one line */ };

/* Appends content coded, each line with its CRLF.  Pieces of a larger content are multiples of
 * BASE64_LINE_BYTES but for the last. */
void base64_lines(struct buf *out, struct str content);

/* How many bytes that will be. */
uint64_t base64_lines_size(uint64_t content);

#endif
