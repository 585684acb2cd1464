/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/wide.h - UTF-16 with a byte order mark (PowerShell's exports) as UTF-8, any cut.
 *
 * A file without the mark passes through untouched, but for a UTF-8 mark in front. */
#ifndef EXPLAIN_LOG_WIDE_H
#define EXPLAIN_LOG_WIDE_H

#include "base/str.h"

enum { LOG_WIDE_PIECE = 8192, LOG_MARK_MAX = 3 };

struct log_wide {
	enum { LOG_WIDE_START, LOG_WIDE_NO, LOG_WIDE_LITTLE, LOG_WIDE_BIG } mode;
	char mark[LOG_MARK_MAX]; /* first bytes, until they tell */
	size_t nmark;
	int odd;       /* half a unit that waits, -1 none */
	unsigned high; /* first half of a surrogate pair, 0 none */
	char out[LOG_WIDE_PIECE];
};

void log_wide_start(struct log_wide *w); /* a file begins */
/* Takes bytes from *in; true with the next *piece (of in, or of w until the next call). */
bool log_wide_next(struct log_wide *w, struct str *in, struct str *piece);
struct str log_wide_end(struct log_wide *w); /* bytes held back at the end of a file */

#endif
