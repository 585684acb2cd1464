/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice.h"

#include <stdlib.h>

#include "net/watch.h"
#include "relay/notice/notice_letter.h"
#include "relay/notice/notice_limit.h"
#include "relay/notice/notice_recover.h"

struct notices {
	struct relay *relay;
	struct notice_limit limit;
	struct net_timer *timer, *soon, *beat;
	bool recovered;                /* all of before is told, or was */
	struct notice_letter *early;   /* their originals cannot be read yet */
	struct notice_letter *waiting; /* the store could not take them yet */
	size_t nwaiting, posted;       /* posted: an outcome is due */
	bool freed;                    /* lives on for those */
};

/* Of one message, those of one kind. */
struct group {
	const struct store_mark **v;
	size_t n;
};

static void tell_trouble(const struct notices *n, const struct err *e)
{
	if (n->relay->log)
		relay_log_trouble(n->relay->log, relay_now_ms(), e);
}

static void wait_longer(struct notices *n, struct notice_letter *l, const struct err *e)
{
	struct err full = { 0 };
	if (n->nwaiting < NOTICE_WAITING_MAX) {
		l->next = n->waiting;
		n->waiting = l;
		if (!n->nwaiting++)
			net_timer_set(n->timer, net_loop_now_ms(n->relay->loop) + NOTICE_AGAIN_MS);
		if (n->nwaiting == 1)
			tell_trouble(n, e);
		return;
	}
	ERR_FILL(&full, ERR_LIMIT, 0, "report to", STR_FMT, STR_ARG(l->rcpt.address));
	err_detail(&full, "too many reports wait for the store; the trail of %s has what is to be told",
		   l->envelope.message_id.p);
	tell_trouble(n, &full);
	notice_letter_free(&l);
}

static void end_if_last(struct notices *n)
{
	if (n->freed && !n->posted)
		free(n);
}

static void on_stored(struct relay_ticket *t, const struct store_done *d)
{
	struct notice_letter *l = (struct notice_letter *)t;
	struct notices *n = l->owner;
	n->posted--;
	if (d->verdict == STORE_FAILED && !n->freed) {
		wait_longer(n, l, &d->err);
		return;
	}
	if (d->verdict == STORE_DONE && !n->freed) {
		if (n->relay->log)
			relay_log_taken(n->relay->log, &l->envelope, d->id);
		lanes_wake(n->relay->lanes, l->rcpt.lane);
	}
	notice_letter_free(&l);
	end_if_last(n);
}

static void post(struct notices *n, struct notice_letter *l)
{
	struct err e = { 0 };
	l->owner = n;
	l->ticket.done = on_stored;
	if (notice_letter_post(l, n->relay, &e))
		n->posted++;
	else
		wait_longer(n, l, &e);
}

static void write_and_post(struct notices *n, struct notice_letter *l)
{
	if (notice_letter_write(l, n->relay)) {
		post(n, l);
		return;
	}
	if (!n->early)
		net_timer_set(n->soon, net_loop_now_ms(n->relay->loop) + NOTICE_SOON_MS);
	l->next = n->early;
	n->early = l;
}

static void each(struct notices *n, struct notice_letter *l,
		 void (*fn)(struct notices *n, struct notice_letter *l))
{
	for (struct notice_letter *next; l; l = next) {
		next = l->next;
		fn(n, l);
	}
}

static void look_again(void *ctx)
{
	struct notices *n = ctx;
	each(n, STEAL(n->early), write_and_post);
}

static void post_again(void *ctx)
{
	struct notices *n = ctx;
	n->nwaiting = 0;
	each(n, STEAL(n->waiting), post);
}

/* A delay is told once: was there an earlier try that was late already? */
static bool was_told(const struct notices *n, const struct store_message *m, const struct store_mark *k)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail trail;
	struct err e = { 0 };
	if (store_trail(n->relay->store, m->id, a, &trail, &e) != 1)
		return true; /* rather once too seldom */
	for (size_t i = 0; i < trail.nevents; i++) {
		const struct store_event *ev = &trail.events[i];
		if (ev->rcpt == k->rcpt && ev->state == STORE_DELAYED && ev->at_ms < k->at_ms &&
		    ev->at_ms - m->arrived_ms >= NOTICE_DELAY_S * 1000LL)
			return true;
	}
	return false;
}

static enum notice_kind kind_of(const struct notices *n, const struct store_message *m,
				const struct store_mark *k)
{
	struct notice_case c = { .flags = m->flags,
				 .null_sender = !m->reverse_path.len,
				 .notify = m->rcpts[k->rcpt].notify,
				 .state = k->state,
				 .asks = k->next_ms == STORE_NEVER,
				 .note = k->note,
				 .returned = k->returned,
				 .hop_tells = k->dsn,
				 .arrived_ms = m->arrived_ms,
				 .at_ms = k->at_ms,
				 .told_after_ms = NOTICE_DELAY_S * 1000LL };
	enum notice_kind kind = notice_rule(&c);
	/* Reports to a domain of our own are for the trail, which has it already. */
	if (kind == NOTICE_NONE || relay_is_local(n->relay->settings, m->reverse_path))
		return NOTICE_NONE;
	return kind == NOTICE_DELAYED && was_told(n, m, k) ? NOTICE_NONE : kind;
}

static void tell(struct notices *n, const struct store_message *m, const struct group *g,
		 enum notice_kind kind)
{
	struct err e = { 0 };
	for (size_t at = 0; at < g->n; at += DSN_RECIPIENTS_MAX) {
		size_t most = g->n - at < DSN_RECIPIENTS_MAX ? g->n - at : DSN_RECIPIENTS_MAX;
		struct notice_about x = { m, g->v + at, most, kind, n->relay->settings->hostname };
		if (!notice_limit_take(&n->limit, m->reverse_path, NOTICE_PER_HOUR, relay_now_ms())) {
			ERR_FILL(&e, ERR_LIMIT, 0, "report to", STR_FMT, STR_ARG(m->reverse_path));
			err_detail(&e, "%d reports went there within an hour; the trail has the rest",
				   NOTICE_PER_HOUR);
			tell_trouble(n, &e);
			return;
		}
		write_and_post(n, notice_letter_new(n->relay, &x));
	}
}

void notices_marked(struct notices *n, const struct store_message *m, const struct store_mark *marks,
		    size_t nmarks)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct group groups[NOTICE_KINDS] = { 0 };
	for (size_t i = 0; i < nmarks; i++) {
		enum notice_kind kind = marks[i].rcpt < m->nrcpts ? kind_of(n, m, &marks[i]) : NOTICE_NONE;
		struct group *g = &groups[kind];
		if (kind == NOTICE_NONE)
			continue;
		if (!g->v)
			g->v = arena_alloc(a, nmarks * sizeof(struct store_mark *));
		g->v[g->n++] = &marks[i];
	}
	for (enum notice_kind kind = NOTICE_FAILED; kind < NOTICE_KINDS; kind++)
		if (groups[kind].n)
			tell(n, m, &groups[kind], kind);
}

/* What waits for the store is not on disk: the file stays behind it. */
static void on_beat(void *ctx)
{
	struct notices *n = ctx;
	if (!n->waiting && !n->early && !n->posted)
		notice_alive_write(n->relay->settings->data, relay_now_ms());
	net_timer_set(n->beat, net_loop_now_ms(n->relay->loop) + NOTICE_BEAT_MS);
}

static void recover(void *ctx)
{
	struct notices *n = ctx;
	int64_t alive_ms = notice_alive_read(n->relay->settings->data);
	const struct notice_telling telling = { n->relay, n, notices_marked };
	n->recovered = !alive_ms || notice_recover(&telling, alive_ms - NOTICE_OVERLAP_MS);
	if (n->recovered)
		on_beat(n);
}

void notices_start(struct notices *n)
{
	net_fiber_start(n->relay->loop, recover, n);
}

struct notices *notices_new(struct relay *r)
{
	struct notices *n = mem_alloc(sizeof(*n));
	n->relay = r;
	n->limit.key[0] = r->nonce;
	n->limit.key[1] = ~r->nonce * 0x9e3779b97f4a7c15ULL;
	n->timer = net_timer_new(r->loop, post_again, n);
	n->soon = net_timer_new(r->loop, look_again, n);
	n->beat = net_timer_new(r->loop, on_beat, n);
	return n;
}

static void drop(struct notices *n, struct notice_letter *l)
{
	(void)n;
	notice_letter_free(&l);
}

void notices_free(struct notices **np)
{
	struct notices *n = *np;
	*np = NULL;
	if (!n)
		return;
	net_timer_free(&n->timer);
	net_timer_free(&n->soon);
	net_timer_free(&n->beat);
	if (n->recovered && !n->early && !n->waiting && !n->posted)
		notice_alive_remove(n->relay->settings->data);
	each(n, n->early, drop);
	each(n, n->waiting, drop);
	n->freed = true;
	end_if_last(n);
}

size_t notices_under_way(const struct notices *n)
{
	size_t early = 0;
	for (const struct notice_letter *l = n->early; l; l = l->next)
		early++;
	return early + n->posted;
}

void notices_hurry(struct notices *n)
{
	for (struct notice_letter *l = n ? n->early : NULL; l; l = l->next)
		l->looks = NOTICE_LOOKS_MAX;
	if (n)
		each(n, STEAL(n->early), write_and_post);
}
