/* SPDX-License-Identifier: Apache-2.0 */
/* web/hook_lines.h - lines of queue.log: those that a webhook wants, and the document that it posts. */
#ifndef WEB_HOOK_LINES_H
#define WEB_HOOK_LINES_H

#include "base/buf.h"
#include "batch/seen.h"

/* Whether the line is of one of those states: a bit each, 0 all. */
bool hook_line_wanted(struct str line, unsigned states);

/* Which change the line tells of: the same when it is told again from the store, where what became of the
 * message since (its lane) is known, too. */
struct seen_mark hook_line_mark(struct str line);

/* Appends {"schema":1,"events":[LINE, ...]} of those lines that are JSON objects; returns how many.  The
 * others, which a receiver would refuse for ever together with all behind them, are left out: *broken says
 * how many. */
size_t hook_lines_document(struct str lines, struct buf *out, size_t *broken);

#endif
