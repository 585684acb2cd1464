/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/seats.h - how many of the relay's sessions go to destinations that have not shown yet that they
 * answer.  Pure.
 *
 * A host that takes the connection and says nothing keeps its session for minutes.  However many of these
 * there are, new destinations and silent ones have parts of their own, and the rest is left to those that
 * have taken mail before; and no single one gets many before its first answer.  A seat is kept from the
 * beginning of a session until its destination has answered.
 */
#ifndef RELAY_SEATS_H
#define RELAY_SEATS_H

#include <stdbool.h>

enum seat {
	SEAT_PROVEN, /* it has taken mail, or somebody has set up its server: a seat that nobody counts */
	SEAT_NEW,    /* nothing is known of it */
	SEAT_SILENT, /* last time it said nothing, or no way led there */
	SEATS
};

struct seats {
	unsigned all; /* sessions that there may be */
	unsigned taken[SEATS];
};

unsigned seats_most(const struct seats *s, enum seat kind);
bool seats_have_room(const struct seats *s, enum seat kind);
void seats_take(struct seats *s, enum seat kind);
void seats_give(struct seats *s, enum seat kind);

#endif
