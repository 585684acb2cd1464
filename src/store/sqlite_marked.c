/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_marked.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOTS_LEAST = 1024,
	SLOTS_MOST = 131072 /* kept for the next transaction: a message to very many had more */
};

void marked_free(struct marked *k)
{
	free(k->v);
	free(k->slots);
	*k = (struct marked){ 0 };
}

void marked_drop(struct marked *k)
{
	if (k->nslots > SLOTS_MOST) {
		marked_free(k);
		return;
	}
	if (k->n)
		memset(k->slots, 0, k->nslots * sizeof(*k->slots));
	k->n = 0;
}

static size_t slot_of(const struct marked *k, uint64_t seq, uint32_t n)
{
	uint64_t h = (seq * UINT64_C(0x9e3779b97f4a7c15)) ^ (n * UINT64_C(0xc2b2ae3d27d4eb4f));
	size_t at = (size_t)((h ^ h >> 32) & (k->nslots - 1));
	while (k->slots[at] && (k->v[k->slots[at] - 1].seq != seq || k->v[k->slots[at] - 1].n != n))
		at = (at + 1) & (k->nslots - 1);
	return at;
}

static void more_slots(struct marked *k)
{
	free(k->slots);
	k->nslots = k->nslots ? k->nslots * 2 : SLOTS_LEAST;
	k->slots = mem_alloc(k->nslots * sizeof(*k->slots));
	for (size_t i = 0; i < k->n; i++)
		k->slots[slot_of(k, k->v[i].seq, k->v[i].n)] = (uint32_t)i + 1;
}

/* That recipient's place, made when it is not there: then it has no row and no mark. */
static struct marked_rcpt *rcpt_of(struct marked *k, uint64_t seq, uint32_t n)
{
	if (k->n * 2 >= k->nslots)
		more_slots(k);
	size_t at = slot_of(k, seq, n);
	if (k->slots[at])
		return &k->v[k->slots[at] - 1];
	if (k->n == k->room) {
		k->room = k->room ? k->room * 2 : SLOTS_LEAST / 2;
		k->v = mem_grow(k->v, k->room, sizeof(*k->v));
	}
	struct marked_rcpt *r = &k->v[k->n++];
	*r = (struct marked_rcpt){ .seq = seq, .n = n, .row = MARKED_NO_ROW };
	k->slots[at] = (uint32_t)k->n;
	return r;
}

bool marked_new(struct marked *k, uint64_t seq, uint32_t n, size_t row)
{
	struct marked_rcpt *r = rcpt_of(k, seq, n);
	if (r->row != MARKED_NO_ROW || r->marked)
		return false;
	r->row = row;
	return true;
}

void marked_note(struct marked *k, const struct store_mark *m, int64_t event)
{
	struct marked_rcpt *r = rcpt_of(k, m->id.seq, m->rcpt);
	r->marked = true;
	r->state = m->state;
	r->next_ms = m->next_ms;
	r->tries = m->tries;
	r->finding = m->finding;
	r->changed_ms = m->at_ms;
	r->dot = m->dot;
	if (m->lane.len)
		r->lane = m->lane;
	if (m->code)
		r->reply = event;
}

static enum index_trouble update(struct index *x, const struct marked_rcpt *r, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_MARK);
	if (!st)
		return sql_run(x, st, e);
	bind_seq(st, 1, r->seq);
	bind_i(st, 2, r->n);
	bind_i(st, 3, r->state);
	bind_i(st, 4, r->next_ms);
	bind_i(st, 5, r->tries);
	bind_s(st, 6, r->finding);
	bind_i(st, 7, r->changed_ms);
	bind_i(st, 8, r->dot);
	bind_s(st, 9, r->lane);
	if (r->reply)
		bind_i(st, 10, r->reply);
	else
		sqlite3_bind_null(st, 10);
	return sql_run(x, st, e);
}

enum index_trouble marked_update(struct index *x, const struct marked *k, bool all, struct err *e)
{
	enum index_trouble t = INDEX_FINE;
	for (size_t i = 0; t == INDEX_FINE && i < k->n; i++)
		if (k->v[i].marked && (all || k->v[i].row == MARKED_NO_ROW))
			t = update(x, &k->v[i], e);
	return t;
}
