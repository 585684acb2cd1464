/* SPDX-License-Identifier: Apache-2.0 */
/* store/suppressed.h - addresses that get no mail: a table in memory over a file of its own.
 *
 * The file is a log that outlives segments and index: each entry checked by itself, the last of an
 * address counts, an entry whose time is over at once lifts.  It is written anew when most of it is
 * past, and after a write that failed.  Finding may go on in any thread while one other writes. */
#ifndef STORE_SUPPRESSED_H
#define STORE_SUPPRESSED_H

#include "base/buf.h"
#include "store/store.h"

struct suppressed;

/* dir is borrowed.  *skipped: bytes between entries that were none. */
bool suppressed_open(int dir, bool own, struct suppressed **out, uint64_t *skipped, struct err *e) MUST_USE;
void suppressed_free(struct suppressed **l);

void suppressed_pack(struct buf *out, const struct store_suppressed *v);

/* Makes entries (each as packed) durable, and then so.  False: *e, and none of them counts. */
bool suppressed_write(struct suppressed *l, const struct str *packed, size_t n, struct err *e) MUST_USE;

/* The address itself, or its domain.  Strings of *out are the arena's. */
bool suppressed_find(struct suppressed *l, struct str address, int64_t now_ms, struct arena *a,
		     struct store_suppressed *out);
void suppressed_each(struct suppressed *l, bool (*fn)(void *user, const struct store_suppressed *v),
		     void *user);
size_t suppressed_count(struct suppressed *l);
/* Forgets those whose time was over before; looks once an hour.  The file follows when it is written anew. */
void suppressed_forget(struct suppressed *l, int64_t before_ms);

#endif
