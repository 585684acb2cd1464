/* SPDX-License-Identifier: Apache-2.0 */
/* store/state.h - the one state a recipient of a message is in (doc: contract, "States"). */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdbool.h>

#include "base/str.h"

enum store_state {
	STORE_NO_STATE,
	/* live: the relay still has work with it */
	STORE_QUEUED,
	STORE_HELD,
	STORE_SENDING,
	STORE_IN_DOUBT,
	STORE_DELAYED,
	/* ended */
	STORE_HANDED_OVER,
	STORE_REFUSED,
	STORE_EXPIRED,
	STORE_SUPPRESSED,
	STORE_CANCELLED,
	STORE_BOUNCED,   /* only after handed-over */
	STORE_CONFIRMED, /* only after handed-over */
	STORE_STATES
};

/* As bits 1u << state. */
#define STORE_LIVE_STATES                                                                                    \
	(1u << STORE_QUEUED | 1u << STORE_HELD | 1u << STORE_SENDING | 1u << STORE_IN_DOUBT |                \
	 1u << STORE_DELAYED)

const char *store_state_name(enum store_state s); /* "handed-over"; "" for STORE_NO_STATE */
enum store_state store_state_of(struct str name); /* STORE_NO_STATE when there is none of that name */
bool store_state_live(enum store_state s);
/* The rule of what came twice: a key keeps a mail from going out twice.  Whoever it is still on its way to,
 * or who may have it, is protected; refused, expired, suppressed, cancelled or bounced it did not arrive, and
 * who sends it once more means it.  What is not known protects.  By the state alone: a copy that was never
 * answered protects as well, however it ended (store/copies.h). */
bool store_state_protects(enum store_state s);
/* True when a recipient may go from one state to the other.  A live state may
 * become any live or ended one but bounced and confirmed; those two follow
 * handed-over only, and each other (a late report corrects an early one).  Handed-over may be said
 * again: a report that tells something and decides nothing. */
bool store_state_may_follow(enum store_state from, enum store_state to);

#endif
