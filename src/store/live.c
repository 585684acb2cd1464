/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/live_inner.h"

struct live *live_new(uint64_t epoch)
{
	struct live *l = mem_alloc(sizeof(*l));
	l->epoch = epoch;
	l->next_expiry = STORE_NEVER;
	return l;
}

static void account_leave(struct live *l, struct named *account)
{
	if (names_leave(&l->accounts, account))
		names_free(account);
}

void live_message_free(struct live_message **m)
{
	if (*m)
		free((*m)->pieces);
	free(*m);
	*m = NULL;
}

static void clear_lane(struct named *x)
{
	lane_clear((struct lane *)x);
}

void live_free(struct live **lp)
{
	struct live *l = *lp;
	if (!l)
		return;
	for (size_t i = 0; i < l->room; i++)
		live_message_free(&l->v[i]);
	while (l->claims) {
		struct claim *c = l->claims;
		l->claims = c->after;
		free(c);
	}
	names_drop(&l->lanes, clear_lane);
	names_drop(&l->accounts, NULL);
	free(l->v);
	mem_free(lp);
}

static size_t home_of(const struct live *l, uint64_t seq)
{
	return (size_t)(seq * 0x9e3779b97f4a7c15u >> 20) & (l->room - 1);
}

static size_t slot_of(const struct live *l, uint64_t seq)
{
	size_t i = home_of(l, seq);
	while (l->v[i] && l->v[i]->id.seq != seq)
		i = (i + 1) & (l->room - 1);
	return i;
}

static void grow(struct live *l, size_t room)
{
	struct live_message **old = l->v;
	size_t n = l->room;
	l->room = room;
	l->v = mem_alloc(l->room * sizeof(struct live_message *));
	for (size_t i = 0; i < n; i++)
		if (old[i])
			l->v[slot_of(l, old[i]->id.seq)] = old[i];
	free(old);
}

void live_reserve(struct live *l, size_t messages)
{
	size_t room = l->room ? l->room : 256;
	while (room * 7 < messages * 10)
		room *= 2;
	if (room > l->room)
		grow(l, room);
}

struct live_message *live_add(struct live *l, struct store_id id, uint32_t nrcpts, struct live_place place,
			      int64_t arrived_ms, uint64_t size, struct str account)
{
	if (l->n * 10 >= l->room * 7)
		grow(l, l->room ? l->room * 2 : 256);
	struct live_message *m = mem_alloc(sizeof(*m) + nrcpts * sizeof(m->rows[0]));
	*m = (struct live_message){
		.id = id, .nrcpts = nrcpts, .place = place, .arrived_ms = arrived_ms, .size = size
	};
	m->account = names_use(&l->accounts, account, sizeof(struct named));
	for (uint32_t i = 0; i < nrcpts; i++)
		m->rows[i].n = i;
	l->v[slot_of(l, id.seq)] = m;
	l->n++;
	l->bytes += size;
	return m;
}

uint8_t live_unreadable(struct str finding)
{
	return str_eq(finding, FINDING_OWN_COPY) ? ROW_UNREADABLE : 0;
}

void live_add_rcpt(struct live *l, struct live_message *m, uint32_t rcpt, const struct store_rcpt *r,
		   enum live_dot dot)
{
	if (!store_state_live(r->state) || rcpt >= m->nrcpts || m->rows[rcpt].lane)
		return;
	struct live_row *row = &m->rows[rcpt];
	*row = (struct live_row){ .next_ms = r->next_ms,
				  .expires_ms = r->expires_ms,
				  .n = rcpt,
				  .tries = r->tries,
				  .state = (uint8_t)r->state,
				  .flags = (uint8_t)((dot == LIVE_DOT_SENT ? ROW_DOT : 0) |
						     live_unreadable(r->finding)) };
	m->left++;
	lane_enter(l, row, r->lane);
}

void live_set_pieces(struct live *l, struct live_message *m, const struct body_piece *p, size_t n)
{
	(void)l;
	free(m->pieces);
	m->pieces = NULL;
	m->npieces = (uint32_t)n;
	if (n) {
		m->pieces = mem_grow(NULL, n, sizeof(*p));
		memcpy(m->pieces, p, n * sizeof(*p));
	}
}

struct live_message *live_find(struct live *l, struct store_id id)
{
	struct live_message *m = l->room ? l->v[slot_of(l, id.seq)] : NULL;
	return m && m->id.tail == id.tail ? m : NULL;
}

struct live_row *live_row_at(struct live *l, struct store_id id, uint32_t rcpt)
{
	struct live_message *m = live_find(l, id);
	return m && rcpt < m->nrcpts && m->rows[rcpt].lane ? &m->rows[rcpt] : NULL;
}

struct store_id live_id(const struct live_message *m)
{
	return m->id;
}

struct live_place live_place_of(const struct live_message *m)
{
	return m->place;
}

void live_move(struct live_message *m, struct live_place to)
{
	m->place = to;
}

size_t live_pieces(const struct live_message *m, const struct body_piece **p)
{
	*p = m->pieces;
	return m->npieces;
}

uint32_t live_nrcpts(const struct live_message *m)
{
	return m->nrcpts;
}

bool live_is_whole(const struct live_message *m)
{
	return m->left == m->nrcpts;
}

bool live_rcpt(const struct live_message *m, uint32_t rcpt, struct store_rcpt *out, bool *dot)
{
	if (rcpt >= m->nrcpts || !m->rows[rcpt].lane)
		return false;
	const struct live_row *row = &m->rows[rcpt];
	out->state = row_shown(row);
	out->lane = (struct str){ row->lane->named.name, row->lane->named.len };
	out->next_ms = row->next_ms;
	out->expires_ms = row->expires_ms;
	out->tries = row->tries;
	if (dot)
		*dot = row->flags & ROW_DOT;
	return true;
}

bool live_same(const struct live_message *m, uint32_t rcpt, const struct store_rcpt *r)
{
	const struct live_row *row = rcpt < m->nrcpts ? &m->rows[rcpt] : NULL;
	if (!row || !row->lane)
		return row && !store_state_live(r->state);
	return row->state == r->state && row->state != STORE_SENDING && !row->pending &&
	       row->next_ms == r->next_ms && row->expires_ms == r->expires_ms && row->tries == r->tries &&
	       row->lane->named.len == r->lane.len && !memcmp(row->lane->named.name, r->lane.p, r->lane.len);
}

static void take_out(struct live *l, struct live_message *m)
{
	size_t mask = l->room - 1, i = slot_of(l, m->id.seq);
	for (size_t j = (i + 1) & mask; l->v[j]; j = (j + 1) & mask) {
		size_t home = home_of(l, l->v[j]->id.seq);
		if (((j - home) & mask) >= ((j - i) & mask)) {
			l->v[i] = l->v[j];
			i = j;
		}
	}
	l->v[i] = NULL;
	l->n--;
	l->bytes -= m->size;
	account_leave(l, m->account);
}

struct live_message *live_take_ended(struct live *l, struct live_message *m)
{
	if (m->left)
		return NULL;
	take_out(l, m);
	return m;
}

size_t live_count(const struct live *l)
{
	return l->rcpts;
}

size_t live_messages(const struct live *l)
{
	return l->n;
}

uint64_t live_bytes(const struct live *l)
{
	return l->bytes;
}
