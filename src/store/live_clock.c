/* SPDX-License-Identifier: Apache-2.0 */
#include "store/live_inner.h"

/* What a clock that jumps does to claims and to times of the next try.
 *
 * The owner tells the time often while it has claims.  So a step of many minutes is the clock's (or the
 * machine was stopped), not time in which a session could have ended: leases move with it.  And a next try
 * further away than any schedule waits was written by a clock that was ahead: it is due now. */

enum { JUMP_MS = 10 * 60 * 1000 };
#define WAIT_MAX_MS (INT64_C(48) * 3600 * 1000)

static bool waits_by_schedule(const struct live_row *row)
{
	return row->lane && !row->claim && row->next_ms != STORE_NEVER &&
	       (row->state == STORE_QUEUED || row->state == STORE_DELAYED || row->state == STORE_IN_DOUBT);
}

void live_clock_mend(struct live *l, int64_t now_ms)
{
	for (size_t i = 0; i < l->room; i++)
		for (uint32_t k = 0; l->v[i] && k < l->v[i]->nrcpts; k++) {
			struct live_row *row = &l->v[i]->rows[k];
			if (!waits_by_schedule(row) || row->next_ms - now_ms <= WAIT_MAX_MS)
				continue;
			lane_withdraw(row);
			row->next_ms = now_ms;
			lane_offer(row);
		}
}

void live_clock(struct live *l, int64_t now_ms)
{
	int64_t step = l->now_ms ? now_ms - l->now_ms : 0;
	l->now_ms = now_ms;
	if (step <= JUMP_MS && step >= -JUMP_MS)
		return;
	l->next_expiry = STORE_NEVER;
	for (struct claim *c = l->claims; c; c = c->after) {
		c->until_ms += step;
		if (c->until_ms < l->next_expiry)
			l->next_expiry = c->until_ms;
	}
	if (step < 0)
		live_clock_mend(l, now_ms);
}
