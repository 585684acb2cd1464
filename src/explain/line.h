/* SPDX-License-Identifier: Apache-2.0 */
/* explain/line.h - one line of a paste: without log prefix and direction marks, and what it is. */
#ifndef EXPLAIN_LINE_H
#define EXPLAIN_LINE_H

#include "catalog/finding.h"
#include "base/str.h"

enum line_kind {
	LINE_BLANK,
	LINE_REPLY,   /* begins with a reply code */
	LINE_COMMAND, /* begins with a command of SMTP */
	LINE_FRAME,   /* of a stack trace: where, not what */
	LINE_CAUSE,   /* "Caused by: ...": s is what follows */
	LINE_NOTE     /* anything else */
};

struct line {
	enum line_kind kind;
	struct str s;   /* without prefix and marks */
	enum step step; /* of a command; STEP_COUNT: one whose failure matters little */
	unsigned code;  /* of a reply */
	bool more;      /* "550-": another line of the reply follows */
	bool marked;    /* a direction mark stood before it */
};

struct line line_read(struct str raw);

/* The line without date, host, program and level of a log. */
struct str line_unlogged(struct str s);

#endif
