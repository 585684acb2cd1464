/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/ramp.h"

#include <limits.h>

#include "relay/lane/caps.h"

bool ramp_failed(struct ramp *r, bool blocked)
{
	bool changed = r->stage != RAMP_ONE || r->handed || (blocked && r->days);
	r->stage = RAMP_ONE;
	r->handed = 0;
	if (blocked)
		r->days = 0;
	return changed;
}

static bool count_day(struct ramp *r, int64_t now_ms)
{
	int64_t day = now_ms / CAPS_DAY_MS;
	if (r->days >= RAMP_PROVEN_DAYS || (r->days && r->day == day))
		return false;
	r->days++;
	r->day = day;
	return true;
}

bool ramp_handed_over(struct ramp *r, int64_t now_ms)
{
	bool changed = count_day(r, now_ms);
	if (r->stage == RAMP_NORMAL)
		return changed;
	r->handed++;
	if (r->stage == RAMP_ONE || r->handed >= RAMP_TEN_MAILS) {
		r->stage = r->stage == RAMP_ONE ? RAMP_TEN : RAMP_NORMAL;
		r->handed = 0;
	}
	return true;
}

unsigned ramp_room(const struct ramp *r, unsigned open)
{
	unsigned most = r->stage == RAMP_ONE ? 1 : RAMP_TEN_MAILS - r->handed;
	if (r->stage == RAMP_NORMAL)
		return UINT_MAX;
	return open < most ? most - open : 0;
}

bool ramp_is_proven(const struct ramp *r)
{
	return r->days >= RAMP_PROVEN_DAYS;
}

const char *ramp_text(const struct ramp *r)
{
	return r->stage == RAMP_ONE
		       ? "after a failure of the account one mail goes first, until it is handed over"
	       : r->stage == RAMP_TEN
		       ? "after a failure of the account ten mails go first, until they are handed over"
		       : "";
}
