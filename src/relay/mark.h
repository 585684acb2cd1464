/* SPDX-License-Identifier: Apache-2.0 */
/* relay/mark.h - every change of a recipient's state goes through here: stored, then logged,
 * then reported to whom it concerns (relay/notice). */
#ifndef RELAY_MARK_H
#define RELAY_MARK_H

#include "relay/relay_inner.h"

/* All marks are of message m (borrowed until done was called).  config and at_ms are filled in
 * where they are empty.  done is called once, from the loop; with STORE_FAILED or
 * STORE_LOST nothing was written.  It may be called before this returns (wrong use). */
void relay_mark(struct relay *r, const struct store_message *m, const struct store_mark *marks, size_t n,
		void (*done)(void *ctx, const struct store_done *d), void *ctx);

/* The same in a fiber: waits for the outcome. */
enum store_verdict relay_mark_wait(struct relay *r, const struct store_message *m,
				   const struct store_mark *marks, size_t n, struct err *e);

#endif
