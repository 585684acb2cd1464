/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/crlf.h - the lines of a message that need no second look.
 *
 * Lines end with CRLF and nothing else does: a bare CR or LF is what SMTP smuggling is made of, and a dot at
 * the start of a line is SMTP's own (RFC 5321, 4.5.2).  Nearly all lines have neither: such are found here,
 * many bytes at once.  Whatever is special is left to who called. */
#ifndef SMTP_CRLF_H
#define SMTP_CRLF_H

#include <stdbool.h>

#include "base/str.h"

enum { CRLF_LINE_BYTES_MAX = 1000 }; /* RFC 5321, 4.5.3.1.6, with CRLF */

struct crlf_run {
	size_t n; /* bytes of whole lines: each ends with CRLF, has no other CR or LF, begins with no dot */
	bool has_long; /* one of them is longer than CRLF_LINE_BYTES_MAX */
};

/* s begins at the start of a line. */
struct crlf_run crlf_run(struct str s);

#endif
