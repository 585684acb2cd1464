/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/steering.h"

#include <string.h>

#include "base/text_time.h"
#include "relay/lane/route_caps.h"
#include "relay/mark.h"

struct steering;

struct item {
	struct steering *all;
	struct store_message message;
	struct str lane;
};

/* Changes on their way through the store. */
struct steering {
	struct relay *relay;
	struct arena *arena;
	enum steer what;
	struct item *items;
	struct steering_no *no;
	size_t nno, done, waiting;
	bool handing; /* items are still being handed in: it cannot be over */
	void (*told)(void *ctx, const struct steering_outcome *x);
	void *ctx;
};

static void not_done(struct item *x, const char *why)
{
	struct steering *s = x->all;
	s->no[s->nno++] = (struct steering_no){ (size_t)(x - s->items), arena_strdup(s->arena, why) };
}

static void end_if_over(struct steering *s)
{
	if (s->waiting || s->handing)
		return;
	const struct steering_outcome x = { s->done, s->no, s->nno };
	struct arena *a = s->arena; /* s is in it */
	s->told(s->ctx, &x);
	arena_free(&a);
}

static void on_marked(void *ctx, const struct store_done *d)
{
	struct item *x = ctx;
	struct steering *s = x->all;
	char text[400];
	if (d->verdict == STORE_DONE)
		s->done++;
	else if (d->verdict == STORE_LOST)
		not_done(x, "it is going out right now, or has just come to an end");
	else
		not_done(x, err_text(&d->err, text, sizeof(text)));
	if (d->verdict == STORE_DONE && s->what == STEER_RETRY)
		lanes_retry(s->relay->lanes, x->lane);
	else if (d->verdict == STORE_DONE)
		lanes_wake(s->relay->lanes, x->lane);
	s->waiting--;
	end_if_over(s);
}

/* Let go before its limit has room it would be held again, and for longer: behind all that wait by now. */
static const char *limit_forbids(struct item *x, const struct store_rcpt *c, struct str finding)
{
	struct steering *s = x->all;
	struct lanes *l = s->relay->lanes;
	int64_t at_ms;
	char when[TEXT_TIME_BYTES];
	if (s->what != STEER_RELEASE || c->state != STORE_HELD || c->next_ms == STORE_NEVER)
		return NULL;
	const char *rule = lanes_hold_reason(l, x->lane, x->message.account, s->arena, &at_ms);
	if (!*rule || !lanes_held_by_limit(l, x->message.id, (uint32_t)(c - x->message.rcpts)))
		return NULL;
	return arena_printf(
		s->arena, "its limit is used up, and has no room before %s: %s. It %s",
		text_time(at_ms / 1000, when), rule,
		str_eq(finding, CAPS_OUTLAST_FINDING)
			? "is given up before that, unless the limit is raised and the relay reloads"
			: "goes on by itself");
}

static void steer_one(struct item *x, const struct steering_item *asked, const struct steer_order *o)
{
	struct steering *s = x->all;
	struct relay *r = s->relay;
	struct err e = { 0 };
	struct store_mark mark;
	struct steer_known known = { .finding = str_of(asked->finding) };
	const char *no = "";
	if (!store_fetch(r->store, asked->id, s->arena, &x->message, &e)) {
		not_done(x, "it has come to an end already, or was never here");
		return;
	}
	const struct store_rcpt *c = asked->rcpt < x->message.nrcpts ? &x->message.rcpts[asked->rcpt] : NULL;
	if (c)
		x->lane = str_of(
			lane_steered(r->settings, c->lane, o->what == STEER_RELEASE,
				     (struct relay_sender){ x->message.reverse_path, x->message.account },
				     c->address, s->arena));
	known.lane = x->lane;
	if (!steer_mark(o, &x->message, asked->rcpt, &known, s->arena, &mark, &no)) {
		not_done(x, no);
		return;
	}
	no = limit_forbids(x, c, known.finding);
	if (no) {
		not_done(x, no);
		return;
	}
	s->waiting++;
	relay_mark(r, &x->message, &mark, 1, on_marked, x);
}

void steering_start(struct relay *r, const struct steer_order *o, const struct steering_item *items, size_t n,
		    void (*done)(void *ctx, const struct steering_outcome *x), void *ctx)
{
	struct arena *a = arena_new();
	struct steering *s = arena_alloc(a, sizeof(*s));
	struct steer_order own = *o;
	*s = (struct steering){
		.relay = r, .arena = a, .what = o->what, .handing = true, .told = done, .ctx = ctx
	};
	s->items = arena_alloc(a, (n + 1) * sizeof(*s->items));
	s->no = arena_alloc(a, (n + 1) * sizeof(*s->no));
	own.by = arena_str(a, o->by);
	own.reason = arena_str(a, o->reason);
	for (size_t i = 0; i < n; i++) {
		s->items[i].all = s;
		steer_one(&s->items[i], &items[i], &own);
	}
	s->handing = false;
	end_if_over(s);
}
