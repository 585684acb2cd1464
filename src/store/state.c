/* SPDX-License-Identifier: Apache-2.0 */
#include "store/state.h"

static const char *const state_names[STORE_STATES] = {
	[STORE_NO_STATE] = "",
	[STORE_QUEUED] = "queued",
	[STORE_HELD] = "held",
	[STORE_SENDING] = "sending",
	[STORE_IN_DOUBT] = "in-doubt",
	[STORE_DELAYED] = "delayed",
	[STORE_HANDED_OVER] = "handed-over",
	[STORE_REFUSED] = "refused",
	[STORE_EXPIRED] = "expired",
	[STORE_SUPPRESSED] = "suppressed",
	[STORE_CANCELLED] = "cancelled",
	[STORE_BOUNCED] = "bounced",
	[STORE_CONFIRMED] = "confirmed",
};

const char *store_state_name(enum store_state s)
{
	return s < STORE_STATES ? state_names[s] : "";
}

enum store_state store_state_of(struct str name)
{
	for (unsigned s = STORE_QUEUED; s < STORE_STATES; s++)
		if (str_eq(name, state_names[s]))
			return (enum store_state)s;
	return STORE_NO_STATE;
}

bool store_state_live(enum store_state s)
{
	return s >= STORE_QUEUED && s <= STORE_DELAYED;
}

bool store_state_protects(enum store_state s)
{
	static const unsigned in_vain = 1u << STORE_REFUSED | 1u << STORE_EXPIRED | 1u << STORE_SUPPRESSED |
					1u << STORE_CANCELLED | 1u << STORE_BOUNCED;
	return !(in_vain >> s & 1);
}

bool store_state_may_follow(enum store_state from, enum store_state to)
{
	if (to <= STORE_NO_STATE || to >= STORE_STATES)
		return false;
	if (to == STORE_BOUNCED || to == STORE_CONFIRMED)
		return from == STORE_HANDED_OVER || from == STORE_BOUNCED || from == STORE_CONFIRMED;
	if (from == STORE_HANDED_OVER && to == STORE_HANDED_OVER) /* told more, and nothing changes */
		return true;
	return store_state_live(from);
}
