/* SPDX-License-Identifier: Apache-2.0 */
/* What is held for a limit goes when the settings of now let it, where that is sooner: in a fiber, a message
 * at a time, as there may be very many. */
#include <stdlib.h>

#include "relay/lane/lanes_inner.h"
#include "relay/mark.h"

enum {
	MOVING_MAX = 256, /* messages of it whose marks the store has not answered; each is in memory */
	REST_MS = 60000,  /* after marks that it could not store */
};

/* ---- what is held ---- */

struct held {
	struct store_id id;
	uint32_t rcpt;
	enum store_state state;
	int64_t next_ms;
	struct str lane;
};

struct holding {
	struct arena *arena;
	struct held *v;
	size_t n, room;
	const char *lane; /* as the store has that of the last one */
};

/* A doubt that its limit puts off keeps its state. */
static bool may_be_held(const struct store_live *row)
{
	return (row->state == STORE_HELD || row->state == STORE_IN_DOUBT) && row->next_ms != STORE_NEVER;
}

static bool add(void *user, const struct store_live *row)
{
	struct holding *h = user;
	if (!may_be_held(row))
		return true;
	if (h->n == h->room) {
		h->room = h->room ? h->room * 2 : 64;
		h->v = mem_grow(h->v, h->room, sizeof(*h->v));
	}
	struct str lane =
		h->n && h->lane == row->lane ? h->v[h->n - 1].lane : arena_str(h->arena, str_of(row->lane));
	h->lane = row->lane;
	h->v[h->n++] = (struct held){ row->id, row->rcpt, row->state, row->next_ms, lane };
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

static bool together(const struct held *a, const struct held *b)
{
	return store_id_same(a->id, b->id) && a->next_ms == b->next_ms && a->state == b->state &&
	       str_equal(a->lane, b->lane);
}

/* ---- those of one message that go together ---- */

struct batch {
	struct arena *arena;
	struct relay *relay; /* whose lanes may have ended when its marks are written */
	struct store_message message;
	const struct held *first;
	struct str lane; /* by the routes of now */
	struct store_mark *marks;
	size_t n;
	int64_t at_ms;    /* as it is planned now */
	const char *rule; /* that it waits for then */
};

static struct str lane_now(const struct batch *b, const struct held *x)
{
	const struct store_message *m = &b->message;
	return str_of(lane_today(b->relay->settings, x->lane,
				 (struct relay_sender){ m->reverse_path, m->account },
				 m->rcpts[x->rcpt].address, b->arena));
}

/* The fiber has waited since they were counted. */
static bool is_as_it_was(const struct batch *b, const struct held *x)
{
	const struct store_rcpt *r = &b->message.rcpts[x->rcpt];
	return r->state == x->state && r->next_ms == x->next_ms && str_equal(r->lane, x->lane);
}

/* How many of the n may be marked in one call. */
static size_t alike(const struct batch *b, const struct held *v, size_t n)
{
	size_t i = 0;
	while (i < n && i < STORE_MARKS_MAX && together(v, &v[i]) && v[i].rcpt < b->message.nrcpts)
		i++;
	return i;
}

struct changing {
	uint32_t first, n; /* recipients asked about */
	bool *v;
};

static bool note_changing(void *user, uint32_t rcpt)
{
	struct changing *c = user;
	if (rcpt >= c->first && rcpt - c->first < c->n)
		c->v[rcpt - c->first] = true;
	return false;
}

/* Those of first..last with a change on its way to the disk, a person's hold perhaps: until it is there the
 * store has them as they were, and ours would come behind it, and undo it. */
static const bool *find_changing(const struct batch *b, uint32_t first, uint32_t last)
{
	struct changing c = { .first = first, .n = last - first + 1 };
	c.v = arena_alloc(b->arena, c.n * sizeof(*c.v));
	(void)pending_any(b->relay->pending, b->first->id, note_changing, &c);
	return c.v;
}

/* Returns how many of the n belong to it; those that still wait are in marks. */
static size_t gather(struct batch *b, const struct held *v, size_t n)
{
	size_t i = 0, most = alike(b, v, n);
	b->first = v;
	if (!most)
		return 1;
	const bool *changing = find_changing(b, v->rcpt, v[most - 1].rcpt);
	b->marks = arena_alloc(b->arena, most * sizeof(*b->marks));
	for (; i < most; i++) {
		struct str lane = lane_now(b, &v[i]);
		b->lane = i ? b->lane : lane;
		if (!str_equal(lane, b->lane))
			break;
		if (!changing[v[i].rcpt - v->rcpt] && is_as_it_was(b, &v[i]))
			b->marks[b->n++].rcpt = v[i].rcpt;
	}
	return i;
}

/* The last event of each of first..last: a message to very many has very many. */
static const struct store_event **last_events(const struct store_trail *t, uint32_t first, uint32_t last,
					      struct arena *a)
{
	const struct store_event **v = arena_alloc(a, ((size_t)last - first + 1) * sizeof(*v));
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt >= first && t->events[i].rcpt <= last)
			v[t->events[i].rcpt - first] = &t->events[i];
	return v;
}

/* Leaves those that wait for something else: a person's time, their next try. */
static void keep_limited(struct batch *b)
{
	struct store_trail t;
	struct err e = { 0 };
	size_t n = b->n;
	b->n = 0;
	if (!n || store_trail(b->relay->store, b->first->id, b->arena, &t, &e) != 1)
		return;
	const uint32_t first = b->marks[0].rcpt;
	const struct store_event **v = last_events(&t, first, b->marks[n - 1].rcpt, b->arena);
	for (size_t i = 0; i < n; i++) {
		const struct store_event *last = v[b->marks[i].rcpt - first];
		if (last && lane_limit_wrote(last))
			b->marks[b->n++].rcpt = b->marks[i].rcpt;
	}
}

/* What may go by the plan of its account has its place among that of all accounts, too: the limits of route
 * and profile have no room for each of them. */
static struct lane_wait turn(struct lanes *l, const struct batch *b, int64_t now, struct lane_caps *c)
{
	const struct str everybody = STR_LIT("\n"); /* no account's name */
	unsigned n = (unsigned)b->n;
	lane_caps_of_mail(l, b->lane, b->message.account, c);
	struct lane_wait own = { .at_ms = STORE_NEVER };
	if (c->route)
		own = lane_caps_turn(l, c, b->message.account, n, now);
	if (own.at_ms > now)
		return own;
	lane_caps_of_mail(l, b->lane, str_of(""), c);
	return lane_caps_turn(l, c, everybody, n, now);
}

static void plan(struct lanes *l, struct batch *b, int64_t now)
{
	struct lane_caps c;
	const struct lane_wait w = turn(l, b, now, &c);
	b->at_ms = w.at_ms;
	b->rule = w.at_ms > now && w.at_ms < b->first->next_ms ? lane_caps_reason(&c, &w, b->arena) : "";
}

/* ---- on its way earlier than it was told ---- */

static void on_moved(void *ctx, const struct store_done *d)
{
	struct batch *b = ctx;
	struct arena *a = b->arena; /* b is in it, too */
	struct lanes *l = b->relay->lanes;
	if (l)
		l->moving--;
	if (d->verdict == STORE_DONE)
		lanes_wake(l, b->lane);
	bool failed = l && d->verdict == STORE_FAILED;
	if (failed && !l->plan_failed) /* a full disk is told once, not for each message */
		relay_tell(l->relay, &d->err);
	if (failed)
		l->plan_failed = true;
	arena_free(&a);
}

static enum store_state state_of(const struct batch *b, unsigned tries, bool goes)
{
	if (!goes || b->first->state == STORE_IN_DOUBT)
		return b->first->state;
	return tries ? STORE_DELAYED : STORE_QUEUED;
}

static void move(struct lanes *l, struct batch *b, int64_t now)
{
	bool goes = b->at_ms <= now;
	for (size_t i = 0; i < b->n; i++) {
		uint32_t rcpt = b->marks[i].rcpt;
		unsigned tries = b->message.rcpts[rcpt].tries;
		b->marks[i] = (struct store_mark){
			.id = b->first->id,
			.rcpt = rcpt,
			.state = state_of(b, tries, goes),
			.next_ms = goes ? now : b->at_ms,
			.tries = tries,
			.lane = str_equal(b->lane, b->first->lane) ? str_of("") : b->lane,
			.why = goes ? STR_LIT("the limit that held it leaves room for it now")
				    : str_of(b->rule),
		};
	}
	l->moving++;
	relay_mark(l->relay, &b->message, b->marks, b->n, on_moved, b);
	l->plan_failed = false; /* what is refused at once is so the next time, too: the others go on */
}

/* Doubts are asked for their reason first: most wait for their next try, and take no room of a limit.  What
 * becomes of those that would go elsewhere is found at their own time (delivery/delivery_leave.c). */
static bool moves(struct lanes *l, struct batch *b, int64_t now)
{
	bool doubt = b->first->state == STORE_IN_DOUBT;
	if (doubt && !str_equal(b->lane, b->first->lane))
		return false;
	if (doubt)
		keep_limited(b);
	if (!b->n)
		return false;
	plan(l, b, now);
	if (b->at_ms >= b->first->next_ms - LANE_HOLD_MS)
		return false;
	if (!doubt)
		keep_limited(b);
	return b->n;
}

/* Returns how many it was about. */
static size_t plan_next(struct lanes *l, const struct held *v, size_t n)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct batch *b = arena_alloc(a, sizeof(*b));
	*b = (struct batch){ .arena = a, .relay = l->relay };
	bool here = store_fetch(l->relay->store, v->id, a, &b->message, &e);
	int64_t now = relay_now_ms();
	size_t done = here ? gather(b, v, n) : 1;
	if (here && moves(l, b, now))
		move(l, b, now);
	else
		arena_free(&a);
	return done;
}

static bool has_room(void *ctx)
{
	return ((const struct lanes *)ctx)->draining || ((const struct lanes *)ctx)->moving < MOVING_MAX;
}

static bool may_go_on(struct lanes *l)
{
	return lanes_pace(l) && net_loop_wait(l->relay->loop, has_room, l, UINT64_MAX) && !l->draining &&
	       !l->plan_again && !l->plan_failed;
}

static void plan_all(struct lanes *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct holding h = { .arena = a };
	l->plan_again = l->plan_failed = false;
	store_each_live(l->relay->store, add, &h);
	if (h.n)
		qsort(h.v, h.n, sizeof(*h.v), by_turn);
	for (size_t i = 0; i < h.n && may_go_on(l);)
		i += plan_next(l, &h.v[i], h.n - i);
	free(h.v);
}

static bool has_moved(void *ctx)
{
	const struct lanes *l = ctx;
	return l->draining || !l->moving;
}

static bool is_wanted(void *ctx)
{
	const struct lanes *l = ctx;
	return l->draining || l->plan_again;
}

/* What it has moved is planned anew only as the disk has it.  Where that failed all is planned again later,
 * as nothing else would do so before the time that it waits for. */
static void settle(struct lanes *l)
{
	struct net_loop *loop = l->relay->loop;
	(void)net_loop_wait(loop, has_moved, l, UINT64_MAX);
	if (!l->plan_failed)
		return;
	(void)net_loop_wait(loop, is_wanted, l, net_loop_now_ms(loop) + REST_MS);
	lane_plans_forget(l);
	l->plan_again = true;
}

static void work(void *ctx)
{
	struct lanes *l = ctx;
	while (l->plan_again && lanes_pace(l)) {
		plan_all(l);
		settle(l);
	}
	l->planning = false;
}

void lanes_plan_held(struct lanes *l)
{
	l->plan_again = true;
	if (!l->planning)
		net_fiber_start(l->relay->loop, work, l);
	l->planning = true;
}
