/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/leap.h - by how much a clock that may be set was set, and how old mail is under it.
 *
 * A leap moves what was meant as so long from then.  It has aged nothing: what waits must not expire at once,
 * least of all when the clock was set wrong and will be set back; nor has a machine that slept, which could
 * try nothing.  Both are taken over only as waking time goes by, an hour an hour.  Pure: the clocks are the
 * caller's. */
#ifndef RELAY_LEAP_H
#define RELAY_LEAP_H

#include <stdint.h>

enum { LEAP_LEAST_MS = 10 * 60 * 1000 /* less is a clock that is being trimmed */ };

struct clocks {
	int64_t wall_ms;   /* Unix time: may be set */
	uint64_t boot_ms;  /* cannot be set, and goes on while the machine sleeps */
	uint64_t awake_ms; /* stands still then */
};

struct leap {
	struct clocks last; /* when last looked; wall_ms 0: not yet */
	int64_t ahead_ms;   /* by how much the wall clock is ahead of what mail has aged */
	int64_t since_ms;   /* when that was seen to begin, by the wall clock */
};

/* By how much it was set since the last look; 0: it went on as it should. */
int64_t leap_look(struct leap *l, struct clocks now);
/* Of ahead_ms, what counts for mail that arrived then: no more than had it come just before the leap, and
 * nothing for what came after it. */
int64_t leap_ahead(const struct leap *l, int64_t arrived_ms);
/* The same as it was at a time since then, when something happened; before the leap nothing. */
int64_t leap_ahead_at(const struct leap *l, int64_t arrived_ms, int64_t at_ms);
/* A time to come, moved by a leap; 0 none.  It stays where that would make it wait longer than it ever does:
 * it was noted after the clock was set, and before that was seen. */
int64_t leap_moved(int64_t at_ms, int64_t leap_ms, int64_t now_ms, int64_t most_ms);

#endif
