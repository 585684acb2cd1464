/* SPDX-License-Identifier: Apache-2.0 */
/* explain/kind.h - what a file or a stream holds, by its first bytes: mails, a log, or text to explain. */
#ifndef EXPLAIN_KIND_H
#define EXPLAIN_KIND_H

#include "base/str.h"

enum explain_kind {
	EXPLAIN_BLANK, /* nothing, or blanks */
	EXPLAIN_TEXT,
	EXPLAIN_MAIL,
	EXPLAIN_MBOX, /* one mail or more, each behind a "From " line */
	EXPLAIN_LOG,
};

enum { EXPLAIN_KIND_BYTES = 16 * 1024 /* are enough to tell */ };

/* head: the first bytes, unpacked; whole: there are no more. */
enum explain_kind explain_kind(struct str head, bool whole);

#endif
