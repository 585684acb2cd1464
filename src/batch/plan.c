/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/plan.h"

#include <stdlib.h>
#include <string.h>

#include "relay/route_caps.h"
#include "store/names.h"

enum { HELD_BY_CONNECTIONS = CAPS_LIMITS_MAX, HELD_BY_NOTHING };

struct held {
	int64_t at_ms;
	size_t by; /* place in caps; HELD_BY_CONNECTIONS; HELD_BY_NOTHING */
};

struct way {
	struct plan_way told; /* first */
	struct caps caps;
	struct caps_log log;
	int64_t due_ms;                        /* mail of a smarthost goes in turn: not before this */
	int64_t free_ms[PLAN_CONNECTIONS_MAX]; /* when each connection has done */
	unsigned connections;                  /* 0: not reckoned */
	size_t due_by;                         /* what made it so late */
	int64_t gate_ms; /* the longest that one limit kept the mails of the way waiting, and which did */
	size_t gate_by;
	struct ramp ramp;
	/* Of each limit, made when first wanted; the last: connections. */
	const char *words[CAPS_LIMITS_MAX + 1], *brief[CAPS_LIMITS_MAX + 1];
};

/* A destination by MX has its own rate. */
struct domain {
	struct named named; /* first */
	int64_t due_ms;
};

struct plan {
	const struct relay_settings *settings;
	struct arena *arena;
	struct names domains;
	struct way *v;
	size_t n; /* routes, and one for what none of them fits */
	int64_t now_ms;
};

/* ---- making ---- */

static void begin_way(struct plan *p, struct way *w, const struct relay_route *r, struct ledger *l)
{
	struct ledger_row *row = l && route_has_account(r) ? ledger_row(l, "route", r->name) : NULL;
	w->told.route = r;
	w->due_ms = p->now_ms;
	w->due_by = w->gate_by = HELD_BY_NOTHING;
	route_caps(r, row && ramp_is_proven(&row->ramp), &w->caps);
	if (row) {
		caps_log_copy(&w->log, &row->log);
		w->ramp = row->ramp;
	}
	caps_log_end_all(&w->log, p->now_ms);
	if (r->mx)
		return;
	unsigned n = w->caps.connections ? w->caps.connections : RELAY_CONNECTIONS;
	w->connections = n < PLAN_CONNECTIONS_MAX ? n : PLAN_CONNECTIONS_MAX;
}

struct plan *plan_new(const struct relay_settings *s, struct ledger *l, int64_t now_ms)
{
	struct plan *p = mem_alloc(sizeof(*p));
	*p = (struct plan){ .settings = s, .arena = arena_new(), .n = s->nroutes + 1, .now_ms = now_ms };
	p->v = mem_alloc(p->n * sizeof(*p->v));
	for (size_t i = 0; i < s->nroutes; i++)
		begin_way(p, &p->v[i], &s->routes[i], l);
	return p;
}

void plan_free(struct plan **pp)
{
	struct plan *p = *pp;
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		caps_log_clear(&p->v[i].log);
	names_drop(&p->domains, NULL);
	free(p->v);
	arena_free(&p->arena);
	mem_free(pp);
}

/* ---- one mail ---- */

static void make_words(struct plan *p, struct way *w, size_t by)
{
	const struct relay_route *r = w->told.route;
	if (w->words[by])
		return;
	if (by == HELD_BY_CONNECTIONS) {
		w->brief[by] = arena_printf(p->arena, "%u connections at once", w->connections);
		w->words[by] = arena_printf(p->arena, "%s to %s, reckoned with %d s for a mail", w->brief[by],
					    r->smarthost, PLAN_MAIL_MS / 1000);
	} else {
		w->brief[by] = caps_limit_text(&w->caps.v[by], p->arena);
		w->words[by] =
			caps_reason(&w->caps.v[by], r, arena_printf(p->arena, "route %s", r->name), p->arena);
	}
}

/* Mails are spaced so that they keep to this rate. */
static size_t rate_of(const struct caps *c)
{
	size_t rate = HELD_BY_NOTHING;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].unit == CAPS_MESSAGES &&
		    (rate == HELD_BY_NOTHING || c->v[i].window_ms < c->v[rate].window_ms))
			rate = i;
	return rate;
}

/* A connection that is free the earliest. */
static unsigned first_free(const struct way *w)
{
	unsigned best = 0;
	for (unsigned i = 1; i < w->connections; i++)
		best = w->free_ms[i] < w->free_ms[best] ? i : best;
	return best;
}

/* Not before from_ms: when it may go by the caps, and by the connections. */
static struct held ask(struct way *w, int64_t from_ms)
{
	struct held h = { from_ms, HELD_BY_NOTHING };
	unsigned c = first_free(w);
	if (w->connections && w->free_ms[c] > h.at_ms)
		h = (struct held){ w->free_ms[c], HELD_BY_CONNECTIONS };
	for (bool later = true; later;) {
		struct caps_answer x = caps_ask(&w->caps, &w->log, 1, h.at_ms);
		later = x.at_ms > h.at_ms;
		if (later)
			h = (struct held){ x.at_ms,
					   x.limit ? (size_t)(x.limit - w->caps.v) : rate_of(&w->caps) };
	}
	if (w->connections)
		w->free_ms[c] = h.at_ms + PLAN_MAIL_MS;
	if (w->caps.n || w->caps.spacing_ms)
		caps_note(&w->log, 1, 1, h.at_ms);
	return h;
}

static int64_t *due_of(struct plan *p, struct way *w, struct str recipient)
{
	const char *at = memrchr(recipient.p, '@', recipient.len);
	const struct relay_route *r = w->told.route;
	if (!r->mx)
		return &w->due_ms;
	struct str domain = str_cut(recipient, at ? (size_t)(at - recipient.p) + 1 : 0, recipient.len);
	CLEANUP(mem_free) char *name = mem_printf("%s " STR_FMT, r->name, STR_ARG(domain));
	for (char *c = name; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
	struct domain *d = (struct domain *)names_find(&p->domains, str_of(name));
	if (!d) {
		d = names_use(&p->domains, str_of(name), sizeof(*d));
		d->due_ms = p->now_ms;
	}
	return &d->due_ms;
}

static void count_stop(struct way *w, const char *words)
{
	struct plan_way *t = &w->told;
	size_t i = 0;
	while (i < t->nstops && strcmp(t->stops[i].words, words) != 0)
		i++;
	if (i == PLAN_STOPS_MAX)
		return;
	if (i == t->nstops)
		t->stops[t->nstops++] = (struct plan_stop){ words, 0 };
	t->stops[i].mails++;
}

static void count(struct plan *p, struct way *w, int64_t at_ms)
{
	struct plan_way *t = &w->told;
	int64_t day = at_ms / CAPS_DAY_MS - p->now_ms / CAPS_DAY_MS;
	t->first_ms = t->mails ? (at_ms < t->first_ms ? at_ms : t->first_ms) : at_ms;
	t->last_ms = at_ms > t->last_ms ? at_ms : t->last_ms;
	t->mails++;
	t->days[day < PLAN_DAYS_MAX ? day : PLAN_DAYS_MAX - 1]++;
}

/* An account that has handed mail over on enough days may send more from then on. */
static void prove(struct way *w, int64_t at_ms)
{
	bool before = ramp_is_proven(&w->ramp);
	(void)ramp_handed_over(&w->ramp, at_ms);
	if (!before && ramp_is_proven(&w->ramp)) /* its own cap goes, which stood last */
		route_caps(w->told.route, true, &w->caps);
}

static struct held place(struct plan *p, struct way *w, struct str recipient)
{
	const struct relay_route *r = w->told.route;
	int64_t *due = due_of(p, w, recipient);
	struct held h = ask(w, *due);
	if (h.by != HELD_BY_NOTHING && h.at_ms - *due > w->gate_ms) {
		w->gate_ms = h.at_ms - *due;
		w->gate_by = h.by;
	}
	if (h.by == HELD_BY_NOTHING && !r->mx) /* in turn, behind one that was held */
		h.by = w->due_by;
	*due = h.at_ms;
	w->due_by = h.by;
	prove(w, h.at_ms);
	if (r->mx && r->rate)
		*due += (int64_t)r->rate_s * 1000 / r->rate;
	return h;
}

static struct way *way_of(struct plan *p, const struct relay_route *r)
{
	return r ? &p->v[r - p->settings->routes] : &p->v[p->n - 1];
}

struct plan_time plan_mail(struct plan *p, struct str sender, struct str recipient)
{
	const struct relay_route *r = relay_route_find(p->settings, sender, recipient);
	struct way *w = way_of(p, r);
	if (!r) {
		w->told.mails++;
		return (struct plan_time){ -1, "", "no route", "no route of the configuration fits it" };
	}
	struct held h = place(p, w, recipient);
	struct plan_time t = { h.at_ms, r->name, "", "" };
	if (w->gate_ms >= PLAN_GATE_MS && h.by != HELD_BY_NOTHING)
		h.by = w->gate_by;
	if (h.by != HELD_BY_NOTHING) {
		make_words(p, w, h.by);
		t.limit = w->brief[h.by];
		t.stop = w->words[h.by];
	}
	count(p, w, h.at_ms);
	if (h.at_ms >= p->now_ms + PLAN_WAIT_MS && *t.stop)
		count_stop(w, t.stop);
	return t;
}

void plan_ahead(struct plan *p, const char *lane, size_t n)
{
	for (size_t i = 0; i < p->settings->nroutes; i++) {
		const struct relay_route *r = &p->settings->routes[i];
		size_t len = strlen(r->name);
		if (strncmp(lane, r->name, len) != 0 || lane[len] != (r->mx ? ' ' : 0))
			continue;
		struct way *w = way_of(p, r);
		CLEANUP(mem_free) char *to = mem_printf("x@%s", r->mx ? lane + len + 1 : "x");
		w->told.ahead += n;
		for (size_t k = 0; k < n; k++)
			(void)place(p, w, str_of(to));
		return;
	}
}

const struct plan_way *plan_way(const struct plan *p, size_t i)
{
	return i < p->n ? &p->v[i].told : NULL;
}
