/* SPDX-License-Identifier: Apache-2.0 */
/* mail/quoted.h - quoted-printable (RFC 2045, 6.7), written. */
#ifndef MAIL_QUOTED_H
#define MAIL_QUOTED_H

#include "base/buf.h"

enum { QUOTED_LINE_MAX = 76 };

/* Appends text coded; its lines may end in CRLF or LF, and end in CRLF afterwards. */
void quoted_write(struct buf *out, struct str text);

/* The same for the next piece of a line: a soft break, and text. */
void quoted_write_on(struct buf *out, struct str text);

#endif
