/* SPDX-License-Identifier: Apache-2.0 */
/* store/pack.h - numbers and length-prefixed strings in a row of bytes.
 *
 * Numbers take 1 to 10 bytes, 7 bits each, low first; signed ones are folded.
 * Nothing here is a line: any byte may stand in a string. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stdint.h>

#include "base/buf.h"

void pack_u(struct buf *b, uint64_t v);
void pack_i(struct buf *b, int64_t v);
void pack_s(struct buf *b, struct str s);

/* What is left to read.  Past the end, or at nonsense, bad becomes true and
 * every read gives 0 or "". */
struct unpack {
	struct str left;
	bool bad;
};

uint64_t unpack_u(struct unpack *u);
int64_t unpack_i(struct unpack *u);
struct str unpack_s(struct unpack *u);                 /* points into what is read */
uint64_t unpack_most(struct unpack *u, uint64_t most); /* bad when greater */

#endif
