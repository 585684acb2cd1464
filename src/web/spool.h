/* SPDX-License-Identifier: Apache-2.0 */
/* web/spool.h - lines that wait for a receiver, on disk.
 *
 * DATA/webhooks/NAME.spool holds them, NAME.at says how many bytes of it were delivered and up to which place
 * the store's changes stand in it.  After a crash lines may come twice, none is missing.
 * For one thread. */
#ifndef WEB_SPOOL_H
#define WEB_SPOOL_H

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

enum {
	SPOOL_BYTES_MAX = 256 << 20,    /* of one receiver that does not answer */
	SPOOL_DONE_BYTES_MAX = 16 << 20 /* delivered, and still taking room on the disk */
};

struct spool;

/* *fresh: there was none; then place is nothing yet.  False with *e. */
bool spool_open(const char *folder, const char *name, struct spool **out, bool *fresh,
		struct err *e) MUST_USE;
void spool_close(struct spool **s); /* NULL is fine */

/* Whole lines.  False with *e: none of them is kept (ERR_LIMIT: full). */
bool spool_add(struct spool *s, struct str lines, struct err *e) MUST_USE;
/* Where its lines end, counted from the first it ever had. */
uint64_t spool_end(const struct spool *s);
/* All up to that place is in it: remembered, and on disk.  Lines before `end` are older than the place: once
 * they were delivered they may go. */
bool spool_stand(struct spool *s, struct store_place place, uint64_t end, struct err *e) MUST_USE;
struct store_place spool_place(const struct spool *s);

uint64_t spool_waiting(const struct spool *s); /* bytes */
/* Appends up to so many lines that wait, the oldest first; returns how many. */
size_t spool_read(struct spool *s, size_t lines, struct buf *out);
/* The first so many bytes were delivered.  False with *e: they wait still, and come again. */
bool spool_delivered(struct spool *s, size_t bytes, struct err *e) MUST_USE;
/* Each line that waits, and what was delivered and is younger than the place; some that are older, too. False
 * with *e. */
bool spool_each(struct spool *s, void (*each)(void *ctx, struct str line), void *ctx, struct err *e) MUST_USE;
/* A number for what waits first: grows, and is the same until it was delivered. */
uint64_t spool_number(const struct spool *s);

#endif
