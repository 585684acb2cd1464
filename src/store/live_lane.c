/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/live_inner.h"

struct live_message *row_message(struct live_row *row)
{
	return (struct live_message *)((char *)(row - row->n) - offsetof(struct live_message, rows));
}

enum store_state row_shown(const struct live_row *row)
{
	return row->claim ? STORE_SENDING : (enum store_state)row->state;
}

/* Earliest first; of those the oldest message. */
static bool before(struct live_row *a, struct live_row *b)
{
	if (a->next_ms != b->next_ms)
		return a->next_ms < b->next_ms;
	return row_message(a)->id.seq < row_message(b)->id.seq;
}

static void put(struct share *s, size_t i, struct live_row *row)
{
	s->heap[i] = row;
	row->heap = (uint32_t)i;
}

static void sift_up(struct share *s, size_t i)
{
	struct live_row *row = s->heap[i];
	for (; i && before(row, s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(s, i, s->heap[(i - 1) / 2]);
	put(s, i, row);
}

static void sift_down(struct share *s, size_t i)
{
	struct live_row *row = s->heap[i];
	for (size_t child; (child = 2 * i + 1) < s->n; i = child) {
		if (child + 1 < s->n && before(s->heap[child + 1], s->heap[child]))
			child++;
		if (!before(s->heap[child], row))
			break;
		put(s, i, s->heap[child]);
	}
	put(s, i, row);
}

static struct share *share_of(struct lane *lane, struct named *account)
{
	for (size_t i = 0; i < lane->nshares; i++)
		if (lane->shares[i]->account == account)
			return lane->shares[i];
	if (lane->nshares == lane->shares_room) {
		lane->shares_room = lane->shares_room ? lane->shares_room * 2 : 2;
		lane->shares = mem_grow(lane->shares, lane->shares_room, sizeof(struct share *));
	}
	struct share *s = mem_alloc(sizeof(*s));
	*s = (struct share){ .account = account, .place = lane->nshares };
	lane->shares[lane->nshares++] = s;
	return s;
}

static void share_free(struct lane *lane, struct share *s)
{
	struct share *last = lane->shares[--lane->nshares];
	lane->shares[s->place] = last;
	last->place = s->place;
	if (lane->turn == s->place + 1) /* who stands there now has not had its turn */
		lane->turn = s->place;
	free(s->heap);
	free(s);
}

void lane_clear(struct lane *lane)
{
	while (lane->nshares)
		share_free(lane, lane->shares[0]);
	free(lane->shares);
}

void lane_offer(struct live_row *row)
{
	struct lane *lane = row->lane;
	if (row->share || row->claim || row->pending || row->flags & ROW_ENDING ||
	    row->next_ms == STORE_NEVER)
		return;
	struct share *s = row->share = share_of(lane, row_message(row)->account);
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 4;
		s->heap = mem_grow(s->heap, s->room, sizeof(struct live_row *));
	}
	put(s, s->n, row);
	sift_up(s, s->n++);
	lane->n++;
}

void lane_withdraw(struct live_row *row)
{
	struct share *s = row->share;
	if (!s)
		return;
	struct live_row *last = s->heap[--s->n];
	row->lane->n--;
	row->share = NULL;
	if (last != row) {
		put(s, row->heap, last);
		sift_up(s, last->heap);
		sift_down(s, last->heap);
	}
	if (!s->n)
		share_free(row->lane, s);
}

struct live_row *lane_peek(const struct lane *lane, int64_t now_ms, size_t *place)
{
	for (size_t i = 0; i < lane->nshares; i++) {
		*place = (lane->turn + i) % lane->nshares;
		struct live_row *row = lane->shares[*place]->heap[0];
		if (row->next_ms <= now_ms)
			return row;
	}
	return NULL;
}

struct live_row *lane_turn(struct lane *lane, int64_t now_ms)
{
	size_t place;
	struct live_row *row = lane_peek(lane, now_ms, &place);
	if (row)
		lane->turn = place + 1;
	return row;
}

void lane_count(struct live_row *row, int by)
{
	row->lane->count[row_shown(row)] += (size_t)by;
	if (row->flags & ROW_UNREADABLE)
		row->lane->unreadable += (size_t)by;
}

void lane_enter(struct live *l, struct live_row *row, struct str lane)
{
	row->lane = names_use(&l->lanes, lane, sizeof(struct lane));
	l->rcpts++;
	lane_count(row, 1);
	lane_offer(row);
}

void lane_leave(struct live *l, struct live_row *row)
{
	struct lane *lane = row->lane;
	lane_withdraw(row);
	lane_count(row, -1);
	row->lane = NULL;
	l->rcpts--;
	if (names_leave(&l->lanes, &lane->named)) {
		lane_clear(lane);
		names_free(&lane->named);
	}
}

void live_lane_reply(struct live *l, struct str name, uint64_t seq, int64_t event)
{
	struct lane *lane = (struct lane *)names_find(&l->lanes, name);
	if (lane && event > lane->reply_event) {
		lane->reply_seq = seq;
		lane->reply_event = event;
	}
}

/* A heap's first is its next due; what is claimed or being written is in none. */
static int64_t lane_next(const struct lane *lane)
{
	int64_t next = STORE_NEVER;
	for (size_t i = 0; i < lane->nshares; i++)
		if (lane->shares[i]->heap[0]->next_ms < next)
			next = lane->shares[i]->heap[0]->next_ms;
	return next;
}

int64_t live_lane_next(struct live *l, struct str name, size_t *n)
{
	struct lane *lane = (struct lane *)names_find(&l->lanes, name);
	if (n)
		*n = lane ? lane->n : 0;
	return lane ? lane_next(lane) : STORE_NEVER;
}

static int by_size(const void *a, const void *b)
{
	const struct live_lane_view *x = a, *y = b;
	size_t nx = 0, ny = 0;
	for (int s = 0; s < STORE_STATES; s++) {
		nx += x->row.count[s];
		ny += y->row.count[s];
	}
	return nx != ny ? (nx > ny ? -1 : 1) : strcmp(x->row.lane, y->row.lane);
}

/* The oldest arrival of each lane, in one walk over all. */
static void age_all(struct live *l)
{
	for (size_t i = 0; i < l->lanes.room; i++)
		if (l->lanes.v[i])
			((struct lane *)l->lanes.v[i])->oldest_ms = STORE_NEVER;
	for (size_t i = 0; i < l->room; i++)
		for (uint32_t k = 0; l->v[i] && k < l->v[i]->nrcpts; k++) {
			struct lane *lane = l->v[i]->rows[k].lane;
			if (lane && l->v[i]->arrived_ms < lane->oldest_ms)
				lane->oldest_ms = l->v[i]->arrived_ms;
		}
}

size_t live_lanes(struct live *l, struct arena *a, struct live_lane_view **out)
{
	struct live_lane_view *v = arena_alloc(a, (l->lanes.n + 1) * sizeof(*v));
	size_t n = 0;
	age_all(l);
	for (size_t i = 0; i < l->lanes.room; i++) {
		const struct lane *lane = (const struct lane *)l->lanes.v[i];
		if (!lane)
			continue;
		v[n] = (struct live_lane_view){ .seq = lane->reply_seq, .event = lane->reply_event };
		v[n].row.lane = arena_dup(a, lane->named.name, lane->named.len);
		memcpy(v[n].row.count, lane->count, sizeof(lane->count));
		v[n].row.unreadable = lane->unreadable;
		v[n].row.next_ms = lane_next(lane);
		v[n].row.oldest_ms = lane->oldest_ms;
		n++;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_size);
	*out = v;
	return n;
}
