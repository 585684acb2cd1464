/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_late.h"

#include "relay/notice/notice_rule.h"
#include "relay/notice/notice_told.h"

static void clear(struct notice_late *x)
{
	mem_free(&x->first_ms);
	*x = (struct notice_late){ .nrcpts = 0 };
}

static void note(struct notice_late *x, uint32_t rcpt, int64_t at_ms)
{
	int64_t *first = rcpt < x->nrcpts ? &x->first_ms[rcpt] : NULL;
	if (first && (!*first || at_ms < *first))
		*first = at_ms;
}

int64_t notice_arrived_ms(const struct relay *r, const struct store_message *m, int64_t at_ms)
{
	return m->arrived_ms + leap_ahead_at(&r->clock, m->arrived_ms, at_ms);
}

/* By the settings of now. */
static bool is_late(const struct relay *r, const struct store_message *m, const struct store_event *ev)
{
	return ev->state == STORE_DELAYED &&
	       notice_is_late(r->settings->retry.delay_warning_s, notice_arrived_ms(r, m, ev->at_ms),
			      ev->at_ms, ev->tries);
}

/* 1: the store has the report of it alone, 0: it has none, -1: not to be had. */
static int has_report(struct relay *r, const struct store_message *m, const struct store_event *ev)
{
	if (ev->state != STORE_DELAYED || ev->tries < NOTICE_DELAY_TRIES)
		return 0;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct notice_place place = { ev->at_ms, ev->rcpt };
	const struct notice_span wanted = { m->id, NOTICE_DELAYED, place, place };
	const char *name = arena_printf(a, "<%s@%s>", notice_span_name(&wanted, a), r->settings->hostname);
	const struct store_query q = { .message_id = str_of(name), .since_ms = m->arrived_ms };
	struct notice_span span;
	struct store_hits hits;
	struct err e = { 0 };
	if (!store_find(r->store, &q, a, &hits, &e))
		return -1;
	for (size_t i = 0; i < hits.n; i++)
		if (notice_told_is_report(r->store, &hits.v[i], &span))
			return 1;
	return 0;
}

/* Mostly that one was told which is the first by the settings of now: it is asked for first. */
static bool note_told(struct notice_late *x, struct relay *r, const struct store_message *m,
		      const struct store_trail *t)
{
	const struct store_event *ev = NULL;
	for (size_t i = 0; i < t->nevents && !ev; i++)
		ev = is_late(r, m, &t->events[i]) ? &t->events[i] : NULL;
	int told = ev ? has_report(r, m, ev) : 0;
	for (size_t i = 0; i < t->nevents && !told; i++) {
		ev = &t->events[i];
		told = has_report(r, m, ev);
	}
	if (told > 0)
		note(x, ev->rcpt, ev->at_ms);
	return told >= 0;
}

static bool read_trail(struct notice_late *x, struct relay *r, const struct store_message *m)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	if (store_trail(r->store, m->id, a, &t, &e) != 1)
		return false;
	*x = (struct notice_late){ m->id, mem_alloc(m->nrcpts * sizeof(*x->first_ms)), m->nrcpts };
	if (m->nrcpts == 1) {
		if (note_told(x, r, m, &t))
			return true;
		clear(x);
		return false;
	}
	for (size_t i = 0; i < t.nevents; i++)
		if (is_late(r, m, &t.events[i]))
			note(x, t.events[i].rcpt, t.events[i].at_ms);
	return true;
}

static struct notice_late *place_for(struct notice_lates *l, size_t nrcpts)
{
	if (nrcpts < NOTICE_LATE_RCPTS)
		return &l->v[0];
	l->next = l->next % (NOTICE_LATES - 1) + 1;
	return &l->v[l->next];
}

static struct notice_late *late_of(struct notice_lates *l, struct relay *r, const struct store_message *m)
{
	for (size_t i = 0; i < NOTICE_LATES; i++)
		if (l->v[i].first_ms && store_id_same(l->v[i].id, m->id))
			return &l->v[i];
	struct notice_late *x = place_for(l, m->nrcpts);
	clear(x);
	return read_trail(x, r, m) ? x : NULL;
}

bool notice_late_is_news(struct notice_lates *l, struct relay *r, const struct store_message *m,
			 const struct store_mark *k)
{
	struct notice_late *x = late_of(l, r, m);
	if (!x || k->rcpt >= x->nrcpts)
		return false;
	bool news = !x->first_ms[k->rcpt] || x->first_ms[k->rcpt] >= k->at_ms;
	note(x, k->rcpt, k->at_ms);
	return news;
}

void notice_lates_clear(struct notice_lates *l)
{
	for (size_t i = 0; i < NOTICE_LATES; i++)
		clear(&l->v[i]);
}
