/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_outbox.h"

#include <stdlib.h>

#include "net/watch.h"
#include "relay/notice/notice_untold.h"

struct notice_outbox {
	struct relay *relay;
	struct net_timer *again, *soon;
	struct notice_letter *early;   /* their originals cannot be read yet */
	struct notice_letter *waiting; /* the store could not take them yet */
	size_t nwaiting, posted;       /* posted: an outcome is due */
	bool freed;                    /* lives on for those */
};

static void wait_longer(struct notice_outbox *o, struct notice_letter *l, const struct err *e)
{
	struct relay *r = o->relay;
	if (o->nwaiting == NOTICE_WAITING_MAX) {
		notice_untold(r, l->rcpt.address, l->about, "too many reports wait for the store");
		notice_letter_free(&l);
		return;
	}
	l->next = o->waiting;
	o->waiting = l;
	if (o->nwaiting++)
		return;
	net_timer_set(o->again, net_loop_now_ms(r->loop) + NOTICE_AGAIN_MS);
	if (r->log)
		relay_log_trouble(r->log, relay_now_ms(), e);
}

static void end_if_last(struct notice_outbox *o)
{
	if (o->freed && !o->posted)
		free(o);
}

static void on_stored(struct relay_ticket *t, const struct store_done *d)
{
	struct notice_letter *l = (struct notice_letter *)t;
	struct notice_outbox *o = l->owner;
	struct relay *r = o->relay;
	o->posted--;
	if (d->verdict == STORE_FAILED && !o->freed) {
		wait_longer(o, l, &d->err);
		return;
	}
	if (d->verdict == STORE_DONE && !o->freed) {
		if (r->log)
			relay_log_taken(r->log, &l->envelope, d->id);
		lanes_wake(r->lanes, l->rcpt.lane);
		if (l->rcpt.state == STORE_HELD)
			notice_letter_tell_held(STEAL(l), r, d->id);
	}
	notice_letter_free(&l);
	end_if_last(o);
}

static void post(struct notice_outbox *o, struct notice_letter *l)
{
	struct err e = { 0 };
	l->owner = o;
	l->ticket.done = on_stored;
	if (notice_letter_post(l, o->relay, &e))
		o->posted++;
	else
		wait_longer(o, l, &e);
}

void notice_outbox_put(struct notice_outbox *o, struct notice_letter *l)
{
	if (notice_letter_write(l, o->relay)) {
		post(o, l);
		return;
	}
	if (!o->early)
		net_timer_set(o->soon, net_loop_now_ms(o->relay->loop) + NOTICE_SOON_MS);
	l->next = o->early;
	o->early = l;
}

static void each(struct notice_outbox *o, struct notice_letter *l,
		 void (*fn)(struct notice_outbox *o, struct notice_letter *l))
{
	for (struct notice_letter *next; l; l = next) {
		next = l->next;
		fn(o, l);
	}
}

static void look_again(void *ctx)
{
	struct notice_outbox *o = ctx;
	each(o, STEAL(o->early), notice_outbox_put);
}

static void post_again(void *ctx)
{
	struct notice_outbox *o = ctx;
	o->nwaiting = 0;
	each(o, STEAL(o->waiting), post);
}

struct notice_outbox *notice_outbox_new(struct relay *r)
{
	struct notice_outbox *o = mem_alloc(sizeof(*o));
	o->relay = r;
	o->again = net_timer_new(r->loop, post_again, o);
	o->soon = net_timer_new(r->loop, look_again, o);
	return o;
}

static void drop(struct notice_outbox *o, struct notice_letter *l)
{
	(void)o;
	notice_letter_free(&l);
}

void notice_outbox_free(struct notice_outbox **op)
{
	struct notice_outbox *o = *op;
	*op = NULL;
	if (!o)
		return;
	net_timer_free(&o->again);
	net_timer_free(&o->soon);
	each(o, STEAL(o->early), drop);
	each(o, STEAL(o->waiting), drop);
	o->freed = true;
	end_if_last(o);
}

bool notice_outbox_is_empty(const struct notice_outbox *o)
{
	return !o->waiting && !o->early && !o->posted;
}

size_t notice_outbox_under_way(const struct notice_outbox *o)
{
	size_t early = 0;
	for (const struct notice_letter *l = o->early; l; l = l->next)
		early++;
	return early + o->posted;
}

void notice_outbox_hurry(struct notice_outbox *o)
{
	for (struct notice_letter *l = o->early; l; l = l->next)
		l->looks = NOTICE_LOOKS_MAX;
	each(o, STEAL(o->early), notice_outbox_put);
}
