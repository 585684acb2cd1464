/* SPDX-License-Identifier: Apache-2.0 */
/* store/fresh.h - bodies that went to the disk a moment ago, for the delivery that wants them next.
 *
 * A message that is sent at once need not be read again: its few kilobytes stay in memory until they are
 * taken, once.  Deliveries begin with the oldest, so what is full keeps the old ones and leaves new ones to
 * the disk; who was not asked for in FRESH_STALE_MS makes room.  Only what is on disk is put here: this is
 * nobody's only copy.  No lock: the owner guards it. */
#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "base/buf.h"
#include "store/store.h"

enum {
	FRESH_KEPT = 256,            /* messages, */
	FRESH_BYTES_MAX = 20 * 1024, /* each with so much at most, spare room and all */
	FRESH_STALE_MS = 2000
};

struct fresh_body {
	struct buf meta, head, tail; /* the packed envelope; what stands before the tail */
};

struct fresh {
	uint64_t seqs[FRESH_KEPT]; /* 0: nothing there */
	struct store_id ids[FRESH_KEPT];
	struct fresh_body v[FRESH_KEPT];
	size_t next; /* place that is looked at first */
};

/* Takes head and tail where it keeps them; then they are empty. */
void fresh_put(struct fresh *f, struct store_id id, struct str meta, struct buf *head, struct buf *tail);
/* True: *out is the caller's, and here no more. */
bool fresh_take(struct fresh *f, struct store_id id, struct fresh_body *out);
void fresh_body_clear(struct fresh_body *b);
void fresh_clear(struct fresh *f);

#endif
