/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/live_inner.h"

static void list_add(struct live *l, struct claim *c)
{
	c->after = l->claims;
	if (c->after)
		c->after->before = c;
	l->claims = c;
	if (c->until_ms < l->next_expiry)
		l->next_expiry = c->until_ms;
}

void claim_end(struct live *l, struct live_row *row)
{
	struct claim *c = row->claim;
	if (!c)
		return;
	if (row->lane)
		lane_count(row, -1);
	if (c->before)
		c->before->after = c->after;
	else
		l->claims = c->after;
	if (c->after)
		c->after->before = c->before;
	free(c);
	row->claim = NULL;
	if (row->lane)
		lane_count(row, 1);
}

static void describe(struct live_row *row, struct store_claim *out)
{
	const struct live_message *m = row_message(row);
	*out = (struct store_claim){
		m->id,      row->n,       row->claim->epoch, (enum store_state)row->state,
		row->tries, row->next_ms, row->expires_ms,   m->arrived_ms,
		m->size
	};
}

static void take(struct live *l, struct live_row *row, unsigned owner, int64_t until_ms,
		 struct store_claim *out)
{
	struct claim *c = mem_alloc(sizeof(*c));
	lane_withdraw(row);
	lane_count(row, -1);
	*c = (struct claim){ .epoch = ++l->epoch, .until_ms = until_ms, .owner = owner, .row = row };
	row->claim = c;
	lane_count(row, 1);
	list_add(l, c);
	describe(row, out);
}

size_t live_claim(struct live *l, struct str name, unsigned owner, int64_t now_ms, int64_t until_ms,
		  struct store_claim *out, size_t max)
{
	struct lane *lane = (struct lane *)names_find(&l->lanes, name);
	size_t n = 0;
	struct live_row *row;
	while (lane && n < max && (row = lane_turn(lane, now_ms)))
		take(l, row, owner, until_ms, &out[n++]);
	return n;
}

size_t live_claim_message(struct live *l, struct store_id id, struct str name, unsigned owner, int64_t now_ms,
			  int64_t until_ms, struct store_claim *out, size_t max)
{
	struct lane *lane = (struct lane *)names_find(&l->lanes, name);
	struct live_message *m = lane ? live_find(l, id) : NULL;
	size_t n = 0;
	for (uint32_t i = 0; m && i < m->nrcpts && n < max; i++) {
		struct live_row *row = &m->rows[i];
		if (row->lane == lane && row->share && row->next_ms <= now_ms)
			take(l, row, owner, until_ms, &out[n++]);
	}
	return n;
}

bool live_under_way(struct live *l, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user)
{
	struct live_message *m = live_find(l, id);
	for (uint32_t i = 0; m && i < m->nrcpts; i++) {
		const struct live_row *row = &m->rows[i];
		if (row->lane && (row->claim || row->pending || (row->share && row->next_ms <= now_ms)) &&
		    (!of || of(user, i)))
			return true;
	}
	return false;
}

void live_claimed(struct live *l, struct arena *a, struct store_sending *out)
{
	size_t room = 0;
	for (const struct claim *c = l->claims; c && out->n < STORE_SENDING_MAX; c = c->after) {
		out->v = arena_grow(a, out->v, out->n, &room, 64, sizeof(*out->v));
		out->v[out->n++] = (struct store_in_hand){ row_message(c->row)->id, c->row->n };
	}
}

static struct live_row *claimed(struct live *l, const struct store_claim *c)
{
	struct live_row *row = live_row_at(l, c->id, c->rcpt);
	return row && row->claim && row->claim->epoch == c->epoch && !(row->flags & ROW_SETTLED) ? row : NULL;
}

bool live_renew(struct live *l, const struct store_claim *c, int64_t until_ms)
{
	struct live_row *row = claimed(l, c);
	if (!row)
		return false;
	row->claim->until_ms = until_ms;
	if (until_ms < l->next_expiry)
		l->next_expiry = until_ms;
	return true;
}

bool live_release(struct live *l, const struct store_claim *c, int64_t now_ms, bool *dot, bool *written)
{
	struct live_row *row = claimed(l, c);
	if (!row)
		return false;
	claim_end(l, row);
	*dot = row->flags & ROW_DOT;
	*written = row->state == STORE_SENDING;
	if (*written) {
		lane_count(row, -1);
		row->state = *dot ? STORE_IN_DOUBT : row->tries ? STORE_DELAYED : STORE_QUEUED;
		row->next_ms = now_ms;
		lane_count(row, 1);
	}
	lane_offer(row);
	return true;
}

bool live_expired(struct live *l, int64_t now_ms, struct store_claim *out)
{
	if (now_ms < l->next_expiry)
		return false;
	int64_t next = STORE_NEVER;
	for (struct claim *c = l->claims; c; c = c->after) {
		if (c->row->flags & ROW_SETTLED)
			continue;
		if (c->until_ms <= now_ms) {
			describe(c->row, out);
			return true;
		}
		if (c->until_ms < next)
			next = c->until_ms;
	}
	l->next_expiry = next;
	return false;
}
