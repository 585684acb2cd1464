/* SPDX-License-Identifier: Apache-2.0 */
/* The watch's life and its schedule. */
#include <stdlib.h>
#include <sys/random.h>

#include "relay/relay_inner.h"
#include "watch/watch_inner.h"

/* ---- the schedule ---- */

static void tell_held_back(struct watch *w, int64_t now_ms)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched *x = &w->v[i];
		enum news n = course_due(&x->course, now_ms, x->m->quiet_s * 1000LL);
		if (n != NEWS_NONE)
			gather_note(&w->gather, &x->gather, n, now_ms);
	}
}

static void tick(struct watch *w, int64_t now_ms)
{
	struct err e = { 0 };
	if (now_ms < w->ticked_ms + WATCH_TICK_MS && now_ms >= w->ticked_ms)
		return;
	w->ticked_ms = now_ms;
	if (!history_tidy(w->history, now_ms - w->settings->keep_s * 1000LL, &e))
		watch_trouble(w, &e);
	watch_expiries(w, now_ms);
}

static bool is_due(const struct watched *x, int64_t now_ms)
{
	return x->hurried ||
	       course_is_due(x->next_ms, now_ms, x->m->every_s * 1000LL, x->m->again_s * 1000LL);
}

static void on_timer(void *ctx)
{
	struct watch *w = ctx;
	int64_t now_ms = watch_now_ms();
	if (w->stopping)
		return;
	tick(w, now_ms);
	tell_held_back(w, now_ms);
	watch_news(w);
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].running && is_due(&w->v[i], now_ms))
			watch_run_begin(w, &w->v[i]);
	watch_set_timer(w);
}

/* ---- monitors ---- */

static double chance(void)
{
	unsigned r = 0;
	(void)!getrandom(&r, sizeof(r), 0);
	return (double)r / 4294967296.0;
}

static void watched_begin(struct watch *w, struct watched *x, const struct watch_monitor *m)
{
	struct err e = { 0 };
	CLEANUP(mem_free) char *text = NULL;
	*x = (struct watched){ .m = m, .share = chance() };
	if (history_state(w->history, m->name, &text, &e) > 0)
		(void)course_read(&x->course, m->target, str_of(text));
	x->next_ms = course_next_ms(&x->course, watch_now_ms(), m->every_s * 1000LL, m->again_s * 1000LL,
				    x->share);
}

/* One that was there before goes on where it was. */
static void adopt(struct watch *w, struct watched *x, const struct watch_monitor *m, struct watched *old)
{
	if (!old || !z_eq(old->m->target, m->target)) {
		watched_begin(w, x, m);
		return;
	}
	*x = *old;
	x->m = m;
	int64_t next = course_next_ms(&x->course, watch_now_ms(), m->every_s * 1000LL, m->again_s * 1000LL,
				      x->share);
	x->next_ms = next < x->next_ms ? next : x->next_ms;
	old->title = old->summary = old->report = old->finding = NULL;
}

static void take_monitors(struct watch *w, const struct watch_settings *s)
{
	struct watched *old = w->v;
	struct watched *v = mem_alloc((s->nmonitors + 1) * sizeof(*v));
	for (size_t i = 0; i < s->nmonitors; i++)
		adopt(w, &v[i], &s->monitors[i], watch_find(w, s->monitors[i].name));
	for (size_t i = 0; i < w->n; i++)
		watched_clear(&old[i]);
	free(old);
	w->v = v;
	w->n = s->nmonitors;
	for (size_t i = 0; i < w->n; i++)
		v[i].gather.course = &v[i].course;
}

static void forget_others(struct watch *w)
{
	struct err e = { 0 };
	const char **names = mem_alloc((w->n + 1) * sizeof(*names));
	for (size_t i = 0; i < w->n; i++)
		names[i] = w->v[i].m->name;
	if (!history_keep_only(w->history, names, &e))
		watch_trouble(w, &e);
	free(names);
}

struct change {
	struct watch *watch;
	struct watch_settings *settings;
};

/* In the runner's thread. */
static void take_settings(void *ctx)
{
	CLEANUP(mem_free) struct change *c = ctx;
	struct watch *w = c->watch;
	struct watch_settings *old;
	take_monitors(w, c->settings);
	pthread_mutex_lock(&w->lock);
	old = w->settings;
	w->settings = c->settings;
	pthread_mutex_unlock(&w->lock);
	watch_settings_free(&old);
	forget_others(w);
	if (!w->timer)
		w->timer = net_timer_new(w->loop, on_timer, w);
	watch_set_timer(w);
}

void watch_reload(struct watch *w, struct watch_settings **s)
{
	struct change *c = mem_alloc(sizeof(*c));
	*c = (struct change){ w, STEAL(*s) };
	runner_post(w->runner, take_settings, c);
}

/* ---- life ---- */

bool watch_new(struct runner *r, struct relay *relay, struct net_loop *relay_loop, struct herald *herald,
	       struct watch_settings **s, struct watch **out, struct err *e)
{
	struct watch *w = mem_alloc(sizeof(*w));
	pthread_mutex_init(&w->lock, NULL);
	w->runner = r;
	w->loop = runner_loop(r);
	w->relay = relay;
	w->relay_loop = relay_loop;
	w->herald = herald;
	w->counted = *relay_counts(relay);
	if (!history_open((*s)->data, HISTORY_OWN, &w->history, e)) {
		watch_free(&w);
		return false;
	}
	w->settings = watch_settings_new(); /* until take_settings() */
	watch_reload(w, s);
	*out = w;
	return true;
}

/* In the runner's thread. */
static void stop(void *ctx)
{
	struct watch *w = ctx;
	w->stopping = true;
	net_timer_free(&w->timer);
}

void watch_stop(struct watch *w)
{
	relay_settle(w->relay);
	watch_figures(w);
	runner_post(w->runner, stop, w);
	herald_stop(w->herald);
	w->ended = true;
}

void watch_free(struct watch **wp)
{
	struct watch *w = *wp;
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		watched_clear(&w->v[i]);
	free(w->v);
	history_close(&w->reader);
	history_close(&w->history);
	watch_settings_free(&w->settings);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*wp = NULL;
}
