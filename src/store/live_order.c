/* SPDX-License-Identifier: Apache-2.0 */
/* Who goes before whom: what of a lane is due, in the order in which accounts take turns. */
#include "store/live_inner.h"

/* The loop waits meanwhile, and who shows all lanes asks for each. */
enum { LOOK_FOR_ONE = 100000, LOOK_FOR_NOBODY = 1000 };

struct order {
	struct live_row *row; /* whose place it is; NULL nobody's */
	int64_t now_ms;
	size_t *left;       /* rows that may still be looked at */
	size_t due, before; /* of one share */
};

/* Recipients of one message that are due together go together: its first one stands for all. */
static bool counts(const struct live_row *row, int64_t now_ms)
{
	return !row->n || row[-1].share != row->share || row[-1].next_ms > now_ms;
}

static bool goes_before(struct live_row *a, struct live_row *b)
{
	if (row_message(a) == row_message(b))
		return false;
	if (a->next_ms != b->next_ms)
		return a->next_ms < b->next_ms;
	return row_message(a)->id.seq < row_message(b)->id.seq;
}

/* Only the part of the heap that is due. */
static void walk(const struct share *s, size_t i, struct order *o)
{
	if (i >= s->n || s->heap[i]->next_ms > o->now_ms || !*o->left)
		return;
	--*o->left;
	struct live_row *row = s->heap[i];
	if (counts(row, o->now_ms)) {
		o->due++;
		o->before += o->row && o->row->share == s && goes_before(row, o->row);
	}
	walk(s, 2 * i + 1, o);
	walk(s, 2 * i + 2, o);
}

/* How many places behind the one whose turn it is. */
static size_t turn_of(const struct lane *lane, const struct share *s)
{
	return (s->place + lane->nshares - lane->turn % lane->nshares) % lane->nshares;
}

/* In each round an account has one turn. */
static size_t before_in(const struct lane *lane, const struct share *s, const struct share *own, size_t due,
			size_t rounds)
{
	size_t turns = rounds + (turn_of(lane, s) < turn_of(lane, own));
	return due < turns ? due : turns;
}

uint32_t live_account_next(struct live *l, struct str name, int64_t now_ms)
{
	const struct lane *lane = (const struct lane *)names_find(&l->lanes, name);
	size_t place;
	struct live_row *row = lane ? lane_peek(lane, now_ms, &place) : NULL;
	const struct named *account = row ? row_message(row)->account : NULL;
	return account ? account->hash : 0;
}

void live_order(struct live *l, struct str name, struct store_id id, uint32_t rcpt, int64_t now_ms,
		struct store_turn *out)
{
	const struct lane *lane = (const struct lane *)names_find(&l->lanes, name);
	struct live_row *row = live_row_at(l, id, rcpt);
	*out = (struct store_turn){ .claimed = row && row->claim };
	if (!lane)
		return;
	const struct share *own = row && row->lane == lane && row->next_ms <= now_ms ? row->share : NULL;
	size_t left = own ? LOOK_FOR_ONE : LOOK_FOR_NOBODY;
	struct order mine = { .row = own ? row : NULL, .now_ms = now_ms, .left = &left };
	if (own)
		walk(own, 0, &mine);
	out->due = mine.due;
	out->ahead = mine.before;
	for (size_t i = 0; i < lane->nshares; i++) {
		const struct share *s = lane->shares[i];
		struct order o = { .now_ms = now_ms, .left = &left };
		if (s == own)
			continue;
		walk(s, 0, &o);
		out->due += o.due;
		out->ahead += own ? before_in(lane, s, own, o.due, mine.before) : 0;
	}
	out->more = !left;
}
