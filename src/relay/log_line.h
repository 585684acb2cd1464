/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_line.h - what becomes of a recipient, as a line of queue.log, handed-over.log and failed.log, and
 * of whoever is told of changes (contract.md). */
#ifndef RELAY_LOG_LINE_H
#define RELAY_LOG_LINE_H

#include "base/buf.h"
#include "store/store.h"

/* Cut at RELAY_LOG_TEXT_MAX. */
struct str log_line_bounded(struct str s);
/* With their end. */
void log_line_taken(struct buf *b, const struct store_message *m, struct store_id id, size_t rcpt);
void log_line_mark(struct buf *b, const struct store_message *m, const struct store_mark *k);

/* {"time":...,"id":...,"rcpt":...,"state":"...": what a line, with the state's end, is known by.  Empty: it is
 * none of these lines. */
struct str log_line_head(struct str line);
/* "id":...,"rcpt":... of such a head. */
struct str log_line_whom(struct str head);
/* The head of a change whose line is not made. */
void log_line_head_of(struct buf *b, int64_t at_ms, struct store_id id, size_t rcpt, enum store_state state);

#endif
