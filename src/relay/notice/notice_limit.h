/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_limit.h - how many notices one address gets in an hour, so that nobody can use us for
 * backscatter.
 *
 * Bounded memory: of more addresses than there is room for, the one that was quiet longest is
 * forgotten.  Addresses are known by a keyed hash. */
#ifndef RELAY_NOTICE_LIMIT_H
#define RELAY_NOTICE_LIMIT_H

#include <stdint.h>

#include "base/str.h"

enum { NOTICE_LIMIT_SETS = 1024, NOTICE_LIMIT_WAYS = 8, NOTICE_LIMIT_SPAN_MS = 3600 * 1000 };

struct notice_limit_seat {
	uint64_t address; /* 0: free */
	int64_t since_ms, last_ms;
	unsigned n;
};

struct notice_limit {
	uint64_t key[2];
	struct notice_limit_seat seat[NOTICE_LIMIT_SETS][NOTICE_LIMIT_WAYS];
};

/* Counts one to address; false: it has had `most` within the hour, and this one is not counted. */
bool notice_limit_take(struct notice_limit *l, struct str address, unsigned most, int64_t now_ms) MUST_USE;

#endif
