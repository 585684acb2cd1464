/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/schedule.h - when a recipient is tried again.  Pure: no clock, no dice of its own. */
#ifndef RELAY_SCHEDULE_H
#define RELAY_SCHEDULE_H

#include "relay/settings.h"

enum { SCHEDULE_HINT_MOST_S = 86400 /* of what a server asks for */ };

struct schedule_case {
	long long now_s, arrived_s;
	long long due_s; /* this try was, of one that had been held; later than its time allows: so long */
	unsigned tries;  /* that have failed, this one included: >= 1 */
	long hint_s;     /* what the server asked for ("try again in 300 seconds"); 0 nothing */
	double dice;     /* 0 .. 1, fresh each time: pauses differ, so that retries do not come in herds */
};

/* When to try again; -1: its time is over (expire).  What was held until then without a single try gets a
 * second one, for the servers that take nothing at the first. */
long long schedule_next(const struct relay_retry *r, const struct schedule_case *c);

/* Whether a try after so many begins with the destination's second host: every other one, and not before the
 * first host was asked again, which is all that greylisting wants. */
bool schedule_begins_elsewhere(unsigned tries);

/* Seconds a reply asks to wait; 0 when it does not say.  "try again in 5 minutes",
 * "greylisted for 300 seconds", "retry after 00:05:00", "wait half an hour", "blocked for 1 hour 30 minutes",
 * "retry-after: 600"; bounded to a day. */
long schedule_hint_s(struct str reply);

#endif
