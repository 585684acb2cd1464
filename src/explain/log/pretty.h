/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/pretty.h - journalctl -o json-pretty: an object over many lines, as one line.
 *
 * Its members stand in no order, so that time, program and words are known only at its end. */
#ifndef EXPLAIN_LOG_PRETTY_H
#define EXPLAIN_LOG_PRETTY_H

#include "base/buf.h"

struct log_pretty {
	struct buf object; /* its lines so far, at most the buffer's max */
	bool opened;       /* the line before was "{" alone */
	bool within;       /* a member of the journal's has come */
};

/* True: the line belongs to an object that goes on.  False: *line is to be read, a line as it was or a whole
 * object, valid until the next call. */
bool log_pretty_holds(struct log_pretty *p, struct str *line) MUST_USE;
/* The input ends: what was begun is forgotten. */
void log_pretty_end(struct log_pretty *p);

#endif
