/* SPDX-License-Identifier: Apache-2.0 */
#include "store/live_inner.h"

/* What a clock that jumps does to claims and to times of the next try.
 *
 * The owner tells the time often while it has claims.  So a step of many minutes is the clock's (or the
 * machine was stopped), not time in which a session could have ended: leases move with it.  Put back, it
 * takes the next tries along: they were meant to wait so long, and not a day more.  And a next try further
 * away than any schedule waits was written by a clock that was ahead: it is due now. */

enum { JUMP_MS = 10 * 60 * 1000 };

static bool waits_by_schedule(const struct live_row *row)
{
	return row->lane && !row->claim && row->next_ms != STORE_NEVER &&
	       (row->state == STORE_QUEUED || row->state == STORE_DELAYED || row->state == STORE_IN_DOUBT);
}

static void put_off(struct live_row *row, int64_t next_ms)
{
	lane_withdraw(row);
	row->next_ms = next_ms;
	lane_offer(row);
}

static void put_back(struct live *l, int64_t step, int64_t now_ms, int64_t wait_max_ms)
{
	for (size_t i = 0; i < l->room; i++)
		for (uint32_t k = 0; l->v[i] && k < l->v[i]->nrcpts; k++) {
			struct live_row *row = &l->v[i]->rows[k];
			if (!waits_by_schedule(row) || row->next_ms <= now_ms)
				continue;
			int64_t next = row->next_ms + step;
			put_off(row, next > now_ms && next - now_ms <= wait_max_ms ? next : now_ms);
		}
}

void live_clock_mend(struct live *l, int64_t now_ms, int64_t wait_max_ms)
{
	put_back(l, 0, now_ms, wait_max_ms);
	l->now_ms = now_ms;
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
		put_back(l, step, now_ms, LIVE_WAIT_MAX_MS);
}

bool live_clock_is_past(const struct live *l, int64_t ms)
{
	return ms < l->now_ms;
}
