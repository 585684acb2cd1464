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

void live_add_rcpt(struct live *l, struct live_message *m, uint32_t rcpt, enum store_state state,
		   struct str lane, int64_t next_ms, int64_t expires_ms, unsigned tries, bool dot)
{
	if (!store_state_live(state) || rcpt >= m->nrcpts || m->rows[rcpt].lane)
		return;
	struct live_row *row = &m->rows[rcpt];
	*row = (struct live_row){ .next_ms = next_ms,
				  .expires_ms = expires_ms,
				  .n = rcpt,
				  .tries = tries,
				  .state = (uint8_t)state,
				  .flags = dot ? ROW_DOT : 0 };
	m->left++;
	lane_enter(l, row, lane);
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

struct store_id live_id(const struct live_message *m)
{
	return m->id;
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

static struct live_row *row_of(struct live *l, const struct store_mark *m)
{
	struct live_message *msg = live_find(l, m->id);
	return msg && m->rcpt < msg->nrcpts && msg->rows[m->rcpt].lane ? &msg->rows[m->rcpt] : NULL;
}

bool live_has_ended(struct live *l, const struct store_mark *m)
{
	struct live_message *msg = live_find(l, m->id);
	return !msg || (m->rcpt < msg->nrcpts && !msg->rows[m->rcpt].lane);
}

bool live_check(struct live *l, const struct store_mark *m)
{
	struct live_row *row = row_of(l, m);
	if (!row || row->flags & ROW_ENDING ||
	    !store_state_may_follow((enum store_state)row->state, m->state))
		return false;
	if (m->epoch ? !row->claim || row->claim->epoch != m->epoch || row->flags & ROW_SETTLED
		     : row->claim != NULL)
		return false;
	if (!m->epoch) {
		row->pending++;
		lane_withdraw(row);
	} else if (!m->keep_claim) {
		row->flags |= ROW_SETTLED;
	}
	if (!store_state_live(m->state))
		row->flags |= ROW_ENDING;
	return true;
}

static void settle(struct live_row *row, const struct store_mark *m)
{
	if (!m->epoch && row->pending)
		row->pending--;
	if (!m->keep_claim)
		row->flags &= (uint8_t)~ROW_SETTLED;
	if (!store_state_live(m->state))
		row->flags &= (uint8_t)~ROW_ENDING;
}

void live_undo(struct live *l, const struct store_mark *m)
{
	struct live_row *row = row_of(l, m);
	if (!row)
		return;
	settle(row, m);
	l->next_expiry = 0; /* its claim may have passed its lease meanwhile */
	lane_offer(row);
}

/* Why those that wait there wait; what was said to one that is gone explains nothing. */
static void note_reply(struct live_row *row, const struct store_mark *m, int64_t event)
{
	if (m->code && store_state_live(m->state) && event > row->lane->reply_event) {
		row->lane->reply_seq = m->id.seq;
		row->lane->reply_event = event;
	}
}

/* A report about one who has ended, while others of the message have not. */
static void apply_late(struct live *l, const struct store_mark *m)
{
	struct live_message *msg = live_find(l, m->id);
	if (msg && m->rcpt < msg->nrcpts)
		msg->rows[m->rcpt].state = (uint8_t)m->state;
}

bool live_apply(struct live *l, const struct store_mark *m, int64_t event, struct live_message **ended)
{
	struct live_row *row = row_of(l, m);
	if (!row) {
		apply_late(l, m);
		return false;
	}
	settle(row, m);
	if (m->lane.len && (m->lane.len != row->lane->named.len ||
			    memcmp(m->lane.p, row->lane->named.name, m->lane.len) != 0)) {
		lane_leave(l, row);
		lane_enter(l, row, m->lane);
	}
	lane_withdraw(row);
	if (!m->keep_claim && m->epoch)
		claim_end(l, row);
	lane_count(row, -1);
	row->state = (uint8_t)m->state;
	row->flags = (uint8_t)((row->flags & ~ROW_DOT) | (m->dot ? ROW_DOT : 0));
	row->next_ms = m->next_ms;
	row->tries = m->tries;
	lane_count(row, 1);
	note_reply(row, m, event);
	if (store_state_live(m->state)) {
		lane_offer(row);
		return false;
	}
	lane_leave(l, row);
	struct live_message *msg = row_message(row);
	if (--msg->left)
		return false;
	take_out(l, msg);
	*ended = msg;
	return true;
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

static bool each_row(struct live_message *m, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	for (uint32_t i = 0; i < m->nrcpts; i++) {
		const struct live_row *row = &m->rows[i];
		if (!row->lane)
			continue;
		struct store_live out = { m->id,
					  i,
					  row_shown(row),
					  row->tries,
					  m->arrived_ms,
					  row->next_ms,
					  row->expires_ms,
					  m->size,
					  row->lane->named.name,
					  m->account->name };
		if (!fn(user, &out))
			return false;
	}
	return true;
}

struct by_age {
	uint64_t seq;
	struct live_message *m;
};

static int older(const void *a, const void *b)
{
	const struct by_age *x = a, *y = b;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void live_each(struct live *l, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	CLEANUP(mem_free) struct by_age *all = mem_alloc((l->n + 1) * sizeof(*all));
	size_t n = 0;
	for (size_t i = 0; i < l->room; i++)
		if (l->v[i])
			all[n++] = (struct by_age){ l->v[i]->id.seq, l->v[i] };
	qsort(all, n, sizeof(*all), older);
	for (size_t i = 0; i < n && each_row(all[i].m, fn, user); i++)
		;
}

void live_each_message(struct live *l, void (*fn)(void *user, struct live_message *m), void *user)
{
	for (size_t i = 0; i < l->room; i++)
		if (l->v[i])
			fn(user, l->v[i]);
}

size_t live_open_sessions(struct live *l, struct live_open **out)
{
	size_t n = 0, room = 0;
	*out = NULL;
	for (size_t i = 0; i < l->room; i++)
		for (uint32_t k = 0; l->v[i] && k < l->v[i]->nrcpts; k++) {
			const struct live_row *row = &l->v[i]->rows[k];
			if (!row->lane || row->claim || row->state != STORE_SENDING)
				continue;
			if (n == room)
				*out = mem_grow(*out, room = room ? room * 2 : 16, sizeof(**out));
			(*out)[n++] = (struct live_open){ l->v[i]->id, k, row->tries, row->flags & ROW_DOT };
		}
	return n;
}

static bool touches(const struct live_message *m, uint32_t last)
{
	bool does = m->place.segment <= last;
	for (uint32_t i = 0; i < m->npieces && !does; i++)
		does = m->pieces[i].segment <= last;
	return does;
}

size_t live_touching(struct live *l, uint32_t last, size_t *at, size_t slots, struct store_id *out,
		     size_t max)
{
	size_t n = 0, end = l->room - *at < slots ? l->room : *at + slots;
	for (; *at < end && n < max; ++*at)
		if (l->v[*at] && touches(l->v[*at], last))
			out[n++] = l->v[*at]->id;
	if (*at >= l->room)
		*at = SIZE_MAX;
	return n;
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
