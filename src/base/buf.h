/* SPDX-License-Identifier: Apache-2.0 */
/* base/buf.h - bytes that grow, up to a limit the owner names. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

/* Bytes [start, len) of data wait to be read.  Zero-initialise, or set max. */
struct buf {
	char *data;
	size_t start, len, room;
	size_t max; /* most bytes that may wait; 0: no limit */
};

void buf_clear(struct buf *b); /* frees; keeps max */
void buf_wipe(struct buf *b);  /* the same for secrets: overwritten first */

/* False when max would be passed; then nothing was added. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_adds(struct buf *b, const char *z);
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Where n bytes may be written behind what waits, and then added; NULL when max would be passed. */
char *buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n); /* of what was reserved */

struct str buf_str(const struct buf *b); /* what waits; valid until the next change */
void buf_take(struct buf *b, size_t n);  /* drops n bytes at the front; n <= waiting */
size_t buf_waiting(const struct buf *b);

#endif
