/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/let_go.h"

#include "relay/lane/lanes.h"
#include "relay/mark.h"

struct letting {
	struct arena *arena;
	struct relay *relay;
	struct store_message message;
	struct str lane;
};

static void on_let_go(void *ctx, const struct store_done *d)
{
	struct letting *x = ctx;
	if (d->verdict == STORE_DONE)
		lanes_wake(x->relay->lanes, x->lane);
	arena_free(&x->arena); /* x is in it */
}

static bool still_fits(const struct store_trail *t, uint32_t rcpt, let_go_fn *fits)
{
	for (size_t i = t->nevents; i; i--)
		if (t->events[i - 1].rcpt == rcpt)
			return fits(&t->events[i - 1]);
	return false;
}

void let_go(struct relay *r, struct store_id id, uint32_t rcpt, let_go_fn *fits, const char *why)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct letting *x = arena_alloc(a, sizeof(*x));
	*x = (struct letting){ .arena = a, .relay = r };
	struct store_trail t;
	bool here = store_trail(r->store, id, a, &t, &e) == 1 && rcpt < t.message.nrcpts;
	if (!here || !still_fits(&t, rcpt, fits)) {
		arena_free(&a);
		return;
	}
	x->message = t.message;
	const struct store_rcpt *c = &x->message.rcpts[rcpt];
	x->lane = c->lane;
	const struct store_mark m = { .id = id,
				      .rcpt = rcpt,
				      .state = c->state == STORE_IN_DOUBT ? c->state
					       : c->tries                 ? STORE_DELAYED
									  : STORE_QUEUED,
				      .next_ms = relay_now_ms(),
				      .tries = c->tries,
				      .why = str_of(why) };
	relay_mark(r, &x->message, &m, 1, on_let_go, x);
}
