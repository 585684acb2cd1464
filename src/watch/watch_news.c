/* SPDX-License-Identifier: Apache-2.0 */
/* What is news is put together and handed to those who want to hear it. */
#include "watch/watch_inner.h"

static bool wants(const struct watch_alert *to, enum news n)
{
	switch (n) {
	case NEWS_BAD:
	case NEWS_AWAY:
		return to->when & WATCH_BAD;
	case NEWS_WORSE:
		return to->when & WATCH_WORSE;
	case NEWS_WELL:
	case NEWS_BACK:
		return to->when & WATCH_WELL;
	case NEWS_EXPIRING:
		return to->when & WATCH_EXPIRING;
	default:
		return false;
	}
}

static const char *given(const char *text)
{
	return text ? text : "";
}

static struct alert_part part_of(const struct watched *x, enum news n)
{
	return (struct alert_part){ .news = n,
				    .name = x->m->name,
				    .target = x->m->target,
				    .now = x->course.now,
				    .since_ms = x->course.since_ms,
				    .title = given(x->title),
				    .summary =
					    x->summary ? x->summary : "`postrider monitor show` tells why.",
				    .report = given(x->report),
				    .finding = given(x->finding) };
}

static struct alert alert_begin(const struct watch *w, enum news network)
{
	return (struct alert){ .at_ms = watch_now_ms(), .host = w->settings->hostname, .network = network };
}

static void add_part(struct alert *a, const struct watched *x, enum news n)
{
	if (a->nparts < ALERT_PARTS_MAX)
		a->parts[a->nparts++] = part_of(x, n);
}

static void tell_one(struct watch *w, const struct watch_alert *to)
{
	struct alert a = alert_begin(w, NEWS_NONE);
	for (size_t i = 0; i < w->n; i++) {
		const struct watched *x = &w->v[i];
		if (wants(to, x->gather.waiting) && watch_alert_hears(to, x->m))
			add_part(&a, x, x->gather.waiting);
	}
	if (a.nparts)
		watch_deliver(w, to, &a);
}

static void tell_waiting(struct watch *w)
{
	for (size_t i = 0; i < w->settings->nalerts; i++)
		tell_one(w, &w->settings->alerts[i]);
	for (size_t i = 0; i < w->n; i++)
		w->v[i].gather.waiting = NEWS_NONE;
	w->gather.first_ms = 0;
}

static void tell_network(struct watch *w, enum news n)
{
	struct alert a = alert_begin(w, n);
	for (size_t i = 0; i < w->n; i++)
		add_part(&a, &w->v[i], n);
	for (size_t i = 0; i < w->settings->nalerts; i++)
		if (wants(&w->settings->alerts[i], n))
			watch_deliver(w, &w->settings->alerts[i], &a);
}

/* Each once: those that were looked at since the first of what waits came have said what they know. */
static void look_at_all(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched *x = &w->v[i];
		bool old = !x->course.n || x->course.looks[0].at_ms < w->gather.first_ms;
		if (old && !x->running)
			x->hurried = true;
	}
}

static enum gathered decide(struct watch *w)
{
	struct gather_one all[WATCH_MONITORS_MAX];
	for (size_t i = 0; i < w->n; i++)
		all[i] = w->v[i].gather;
	enum gathered g = gather_decide(&w->gather, all, w->n, watch_now_ms(), watch_pause_ms(w));
	for (size_t i = 0; i < w->n; i++)
		w->v[i].gather = all[i];
	return g;
}

void watch_news(struct watch *w)
{
	switch (decide(w)) {
	case GATHER_TELL:
		tell_waiting(w);
		break;
	case GATHER_LOOK_ALL:
		look_at_all(w);
		break;
	case GATHER_AWAY:
		tell_network(w, NEWS_AWAY);
		break;
	case GATHER_BACK:
		tell_network(w, NEWS_BACK);
		break;
	case GATHER_WAIT:
		break;
	}
}

/* ---- what runs out ---- */

struct running_out {
	struct watch *watch;
	int64_t now_ms;
	struct arena *arena;
	struct alert_expiry v[ALERT_PARTS_MAX];
	const struct watch_monitor *whose[ALERT_PARTS_MAX];
	int step[ALERT_PARTS_MAX];
	size_t n;
};

static bool on_expiry(void *ctx, const struct history_expiry *x)
{
	const int64_t day_ms = 86400000;
	struct running_out *o = ctx;
	const struct watch_monitor *m = watch_monitor_find(o->watch->settings, x->monitor);
	int64_t left = x->expires_ms - o->now_ms;
	long long days = left >= 0 ? left / day_ms : -1;
	int step = expiry_step(days, m ? m->warn_days : WATCH_WARN_DAYS, x->told_days);
	/* What was not seen lately is not in use any more. */
	int64_t lately = m ? m->every_s * 3000LL + day_ms : day_ms;
	if (step < 0 || o->n == ALERT_PARTS_MAX || x->seen_ms + lately < o->now_ms)
		return true;
	o->v[o->n] = (struct alert_expiry){ arena_strdup(o->arena, x->kind), arena_strdup(o->arena, x->name),
					    arena_strdup(o->arena, x->detail), x->expires_ms, days };
	o->whose[o->n] = m;
	o->step[o->n++] = step;
	return true;
}

static void tell_running_out(struct watch *w, const struct watch_alert *to, const struct running_out *o)
{
	struct alert a = alert_begin(w, NEWS_NONE);
	for (size_t i = 0; i < o->n; i++)
		if (watch_alert_hears(to, o->whose[i]))
			a.expiries[a.nexpiries++] = o->v[i];
	if (a.nexpiries)
		watch_deliver(w, to, &a);
}

void watch_expiries(struct watch *w, int64_t now_ms)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(mem_free) struct running_out *o = mem_alloc(sizeof(*o));
	struct err e = { 0 };
	o->watch = w;
	o->now_ms = now_ms;
	o->arena = a;
	bool ok = history_expiries(w->history, on_expiry, o, &e);
	for (size_t i = 0; ok && i < o->n; i++)
		ok = history_expiry_told(w->history, o->v[i].kind, o->v[i].name, o->step[i], &e);
	if (!ok)
		watch_trouble(w, &e);
	for (size_t i = 0; o->n && i < w->settings->nalerts; i++)
		if (wants(&w->settings->alerts[i], NEWS_EXPIRING))
			tell_running_out(w, &w->settings->alerts[i], o);
}
