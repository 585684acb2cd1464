/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/leap.h - by how much a clock that may be set was set.  Pure: both clocks are the caller's. */
#ifndef RELAY_LEAP_H
#define RELAY_LEAP_H

#include <stdint.h>

enum { LEAP_LEAST_MS = 10 * 60 * 1000 /* less is a clock that is being trimmed */ };

struct leap {
	int64_t wall_ms;    /* Unix time when last looked; 0: not yet */
	uint64_t steady_ms; /* and what cannot be set */
};

/* Since the last look; 0: it went on as it should. */
int64_t leap_ms(struct leap *l, int64_t wall_ms, uint64_t steady_ms);
/* A time to come, moved by a leap; 0 none.  It stays where that would make it wait longer than it ever does:
 * it was noted after the clock was set, and before that was seen. */
int64_t leap_moved(int64_t at_ms, int64_t leap_ms, int64_t now_ms, int64_t most_ms);

#endif
