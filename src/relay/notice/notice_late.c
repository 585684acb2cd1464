/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_late.h"

#include "relay/notice/notice_rule.h"

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

static bool read_trail(struct notice_late *x, struct relay *r, const struct store_message *m)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	if (store_trail(r->store, m->id, a, &t, &e) != 1)
		return false;
	*x = (struct notice_late){ m->id, mem_alloc(m->nrcpts * sizeof(*x->first_ms)), m->nrcpts };
	for (size_t i = 0; i < t.nevents; i++) {
		const struct store_event *ev = &t.events[i];
		if (ev->state == STORE_DELAYED &&
		    notice_is_late(r->settings->retry.delay_warning_s, notice_arrived_ms(r, m, ev->at_ms),
				   ev->at_ms, ev->tries))
			note(x, ev->rcpt, ev->at_ms);
	}
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
