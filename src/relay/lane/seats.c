/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/seats.h"

/* What both leave is of the proven ones alone.  Neither may use the other's part: a flood of new ones keeps
 * no retry waiting, nor the retries a first try. */
static const struct {
	unsigned parts, of;
} shares[SEATS] = { [SEAT_PROVEN] = { 1, 1 }, [SEAT_NEW] = { 1, 2 }, [SEAT_SILENT] = { 1, 4 } };

unsigned seats_most(const struct seats *s, enum seat kind)
{
	unsigned most = s->all * shares[kind].parts / shares[kind].of;
	return most ? most : 1;
}

bool seats_have_room(const struct seats *s, enum seat kind)
{
	return kind == SEAT_PROVEN || s->taken[kind] < seats_most(s, kind);
}

void seats_take(struct seats *s, enum seat kind)
{
	s->taken[kind]++;
}

void seats_give(struct seats *s, enum seat kind)
{
	s->taken[kind]--;
}
