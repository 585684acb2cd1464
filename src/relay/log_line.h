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

#endif
