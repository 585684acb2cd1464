/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_limit.h - when one address gets its next notice: so many in an hour, so that nobody can
 * use us for backscatter.  What is too much for this hour has its turn in one of the next.
 *
 * Bounded memory: of more addresses than there is room for, the one that was quiet longest is
 * forgotten.  Addresses are known by a keyed hash. */
#ifndef RELAY_NOTICE_LIMIT_H
#define RELAY_NOTICE_LIMIT_H

#include <stdint.h>

#include "base/str.h"

enum {
	NOTICE_LIMIT_SETS = 1024,
	NOTICE_LIMIT_WAYS = 8,
	NOTICE_LIMIT_SPAN_MS = 3600 * 1000,
	NOTICE_LIMIT_SPANS = 72 /* so far ahead a notice gets its turn */
};

struct notice_limit_seat {
	uint64_t address; /* 0: free */
	int64_t since_ms, last_ms;
	unsigned n; /* that had their turn since then, or wait for it */
};

struct notice_limit {
	uint64_t key[2];
	struct notice_limit_seat seat[NOTICE_LIMIT_SETS][NOTICE_LIMIT_WAYS];
};

/* Counts one to address, of `most` an hour, and returns when it may go: now_ms, or in a later hour.  -1: all
 * turns of the time ahead are taken, and this one is not counted. */
int64_t notice_limit_take(struct notice_limit *l, struct str address, unsigned most, int64_t now_ms) MUST_USE;

#endif
