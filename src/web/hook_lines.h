/* SPDX-License-Identifier: Apache-2.0 */
/* web/hook_lines.h - lines of a spool as the document that a webhook posts. */
#ifndef WEB_HOOK_LINES_H
#define WEB_HOOK_LINES_H

#include "base/buf.h"

/* Appends {"schema":1,"events":[LINE, ...]} of those lines that are JSON objects; returns how many.  The
 * others, which a receiver would refuse for ever together with all behind them, are left out: *broken says
 * how many. */
size_t hook_lines_document(struct str lines, struct buf *out, size_t *broken);

#endif
