/* SPDX-License-Identifier: Apache-2.0 */
/* A relay for tests of relay/lane/held_plan: what it holds and what it may send is said in held_place, and
 * what is asked of store and lanes is counted in held_seen.  The linker puts this in their place (--wrap). */
#ifndef TESTS_UNIT_HELD_PLACE_H
#define TESTS_UNIT_HELD_PLACE_H

#include "tests/unit/unit.h"

#include "relay/lane/lanes_inner.h"

#define HELD_LIMIT "the configuration allows 2 recipients a day (route box)"
#define HOUR       INT64_C(3600000)

extern struct held_place {
	size_t messages;
	uint32_t rcpts;         /* of each */
	enum store_state state; /* as they are counted; held for the limit */
	enum store_state now;   /* when their turn comes; 0: the same */
	unsigned tries;
	const char *event;      /* what the trail says last; NULL: the limit */
	const char *today;      /* lane; NULL: the same */
	int64_t own_ms, all_ms; /* from now on, as the plans of the account and of all accounts have it */
	bool reload;            /* while the first one is written */
	bool leap;              /* of the clock, then */
	bool fails;             /* to be written */
	bool part;              /* not all of a message go together */
	size_t late;            /* messages whose outcome comes with the loop's next turns */
} held_place;

extern struct held_seen {
	size_t walks, fetches, trails, calls, marks, turns, paces, tells;
	size_t most;            /* marks in one call */
	size_t room;            /* that the greatest one took */
	struct store_mark mark; /* the last */
	char lane[64], planned[64];
} held_seen;

extern struct relay held_relay;
extern struct lanes held_lanes;

void held_begin(const struct held_place *at); /* plans, in the loop's next turns */
bool held_is_over(void *ctx);
void held_end(void);                         /* turns the loop until it is over */
void held_plan(const struct held_place *at); /* both */
void held_wake(void);                        /* the loop has another turn */
size_t held_late_most(void);                 /* outcomes that were owed at once */

#endif
