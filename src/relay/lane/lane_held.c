/* SPDX-License-Identifier: Apache-2.0 */
/* What is held for a limit: by which, whether letting it go would help, and when it goes by the settings that
 * are now. */
#include <stdlib.h>

#include "relay/lane/lanes_inner.h"
#include "relay/mark.h"

bool lanes_held_by_limit(struct lanes *l, struct store_id id, uint32_t rcpt)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	bool here = store_trail(l->relay->store, id, a, &t, &e) == 1;
	for (size_t i = here ? t.nevents : 0; i; i--)
		if (t.events[i - 1].rcpt == rcpt)
			return t.events[i - 1].state == STORE_HELD && caps_wrote(t.events[i - 1].why);
	return false;
}

const char *lanes_hold_reason(struct lanes *l, struct str lane, struct str account, struct arena *a,
			      int64_t *at_ms)
{
	struct lane_caps c;
	int64_t now = relay_now_ms();
	lane_caps_of_mail(l, lane, account, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	*at_ms = w.at_ms;
	return w.at_ms > now + LANE_HOLD_MS ? lane_caps_reason(&c, &w, a) : "";
}

/* ---- planned again ---- */

struct held {
	struct store_id id;
	uint32_t rcpt;
	unsigned tries;
	int64_t next_ms, at_ms; /* as it stands; as it is planned now */
	struct str lane, account;
	const char *rule; /* that it waits for now */
};

struct holding {
	struct arena *arena;
	struct held *v;
	size_t n, room;
};

static bool add(void *user, const struct store_live *row)
{
	struct holding *h = user;
	if (row->state != STORE_HELD || row->next_ms == STORE_NEVER)
		return true;
	if (h->n == h->room) {
		h->room = h->room ? h->room * 2 : 64;
		h->v = mem_grow(h->v, h->room, sizeof(*h->v));
	}
	h->v[h->n++] = (struct held){ .id = row->id,
				      .rcpt = row->rcpt,
				      .tries = row->tries,
				      .next_ms = row->next_ms,
				      .at_ms = row->next_ms,
				      .lane = arena_str(h->arena, str_of(row->lane)),
				      .account = arena_str(h->arena, str_of(row->account)) };
	return true;
}

/* In the turn that they had. */
static int by_turn(const void *p, const void *q)
{
	const struct held *a = p, *b = q;
	if (a->next_ms != b->next_ms)
		return a->next_ms < b->next_ms ? -1 : 1;
	if (a->id.seq != b->id.seq)
		return a->id.seq < b->id.seq ? -1 : 1;
	return a->rcpt < b->rcpt ? -1 : a->rcpt > b->rcpt;
}

static size_t together(const struct holding *h, size_t i)
{
	size_t n = 1;
	while (i + n < h->n && store_id_same(h->v[i].id, h->v[i + n].id) &&
	       h->v[i].next_ms == h->v[i + n].next_ms && str_equal(h->v[i].lane, h->v[i + n].lane))
		n++;
	return n;
}

struct moved {
	struct arena *arena;
	struct relay *relay; /* whose lanes may have ended meanwhile */
	struct store_message message;
	struct str lane;
};

static void on_moved(void *ctx, const struct store_done *d)
{
	struct moved *m = ctx;
	if (d->verdict == STORE_DONE)
		lanes_wake(m->relay->lanes, m->lane);
	arena_free(&m->arena); /* m is in it */
}

/* It goes earlier than it was told. */
static void move(struct lanes *l, const struct held *x, int64_t now)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct moved *m = arena_alloc(a, sizeof(*m));
	bool goes = x->at_ms <= now;
	*m = (struct moved){ .arena = a, .relay = l->relay, .lane = arena_str(a, x->lane) };
	if (!store_fetch(l->relay->store, x->id, a, &m->message, &e)) {
		arena_free(&a);
		return;
	}
	const struct store_mark mark = {
		.id = x->id,
		.rcpt = x->rcpt,
		.state = !goes      ? STORE_HELD
			 : x->tries ? STORE_DELAYED
				    : STORE_QUEUED,
		.next_ms = goes ? now : x->at_ms,
		.tries = x->tries,
		.why = goes ? STR_LIT("the limit that held it leaves room for it now")
			    : arena_str(a, str_of(x->rule)),
	};
	relay_mark(l->relay, &m->message, &mark, 1, on_moved, m);
}

static void plan(struct lanes *l, struct holding *h, size_t i, size_t n, int64_t now)
{
	struct held *x = &h->v[i];
	struct lane_caps c;
	lane_caps_of_mail(l, x->lane, x->account, &c);
	if (!c.route) /* its lane finds another one at its time */
		return;
	const struct lane_wait w = lane_caps_turn(l, &c, x->account, (unsigned)n, now);
	const char *rule = w.at_ms < x->next_ms ? lane_caps_reason(&c, &w, h->arena) : "";
	for (size_t k = 0; k < n; k++) {
		x[k].at_ms = w.at_ms;
		x[k].rule = rule;
	}
}

void lanes_plan_held(struct lanes *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct holding h = { .arena = a };
	int64_t now = relay_now_ms();
	store_each_live(l->relay->store, add, &h);
	if (h.n)
		qsort(h.v, h.n, sizeof(*h.v), by_turn);
	for (size_t i = 0, n; i < h.n; i += n)
		plan(l, &h, i, n = together(&h, i), now);
	for (size_t i = 0; i < h.n; i++)
		if (h.v[i].at_ms < h.v[i].next_ms - LANE_HOLD_MS &&
		    lanes_held_by_limit(l, h.v[i].id, h.v[i].rcpt))
			move(l, &h.v[i], now);
	free(h.v);
}
