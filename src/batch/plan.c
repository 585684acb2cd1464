/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/plan.h"

#include <stdlib.h>
#include <string.h>

#include "batch/plan_gate.h"
#include "relay/lane/lane_name.h"
#include "relay/lane/route_caps.h"
#include "store/names.h"

enum { GATES_MAX = 3 /* route, profile, kind */ };

struct way {
	struct plan_way told; /* first */
	struct plan_gate gate;
	int64_t due_ms;                        /* mail of a smarthost goes in turn: not before this */
	int64_t free_ms[PLAN_CONNECTIONS_MAX]; /* when each connection has done */
	unsigned connections;                  /* 0: not reckoned */
	struct plan_cause by_connections;
	const struct plan_cause *due_by; /* what made it so late */
	int64_t long_ms; /* the longest that one cause kept the mails waiting, and which did */
	const struct plan_cause *long_by;
};

/* A destination by MX has its own rate. */
struct domain {
	struct named named; /* first */
	int64_t due_ms;
};

struct plan {
	const struct relay_settings *settings;
	struct plan_as as;
	struct arena *arena;
	struct names domains;
	struct plan_gate profile, kind;
	struct way *v;
	size_t n; /* routes, and one for what none of them fits */
	int64_t now_ms;
};

/* ---- making ---- */

static void begin_way(struct plan *p, struct way *w, const struct relay_route *r, struct ledger *l)
{
	w->told.route = r;
	w->due_ms = p->now_ms;
	w->gate.route = r;
	plan_gate_begin(&w->gate, p->arena, l, "route", r->name, p->now_ms);
	route_caps(r, ramp_is_proven(&w->gate.ramp), &w->gate.caps);
	if (r->mx)
		return;
	unsigned n = w->gate.caps.connections ? w->gate.caps.connections : RELAY_CONNECTIONS;
	w->connections = n < PLAN_CONNECTIONS_MAX ? n : PLAN_CONNECTIONS_MAX;
	w->by_connections.brief = arena_printf(p->arena, "%u connections at once", w->connections);
	w->by_connections.words = arena_printf(p->arena, "%s to %s, reckoned with %d s for a mail",
					       w->by_connections.brief, r->smarthost, PLAN_MAIL_MS / 1000);
}

static void begin_profile(struct plan *p, struct ledger *l)
{
	const struct relay_profile *profile = p->as.profile;
	if (!profile)
		return;
	caps_add_told(&p->profile.caps, &profile->caps, CAPS_CONFIGURED);
	plan_gate_begin(&p->profile, p->arena, l, "profile", profile->name, p->now_ms);
	if (!p->as.kind)
		return;
	caps_add_told(&p->kind.caps, &p->as.kind->caps, CAPS_CONFIGURED);
	plan_gate_begin(&p->kind, p->arena, l, "profile",
			arena_printf(p->arena, "%s/%s", profile->name, p->as.kind->name), p->now_ms);
}

struct plan *plan_new(const struct relay_settings *s, const struct plan_as *as, struct ledger *l,
		      int64_t now_ms)
{
	struct plan *p = mem_alloc(sizeof(*p));
	*p = (struct plan){
		.settings = s, .as = *as, .arena = arena_new(), .n = s->nroutes + 1, .now_ms = now_ms
	};
	p->v = mem_alloc(p->n * sizeof(*p->v));
	for (size_t i = 0; i < s->nroutes; i++)
		begin_way(p, &p->v[i], &s->routes[i], l);
	begin_profile(p, l);
	return p;
}

void plan_free(struct plan **pp)
{
	struct plan *p = *pp;
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		plan_gate_clear(&p->v[i].gate);
	plan_gate_clear(&p->profile);
	plan_gate_clear(&p->kind);
	names_drop(&p->domains, NULL);
	free(p->v);
	arena_free(&p->arena);
	mem_free(pp);
}

/* ---- one mail ---- */

struct held {
	int64_t at_ms;
	const struct plan_cause *by; /* NULL: nothing */
};

/* A connection that is free the earliest. */
static unsigned first_free(const struct way *w)
{
	unsigned best = 0;
	for (unsigned i = 1; i < w->connections; i++)
		best = w->free_ms[i] < w->free_ms[best] ? i : best;
	return best;
}

/* Not before from_ms: when it may go by the connections, and by all caps; then it goes. */
static struct held pass(struct plan *p, struct way *w, unsigned n, int64_t from_ms)
{
	struct plan_gate *gates[GATES_MAX] = { &w->gate, &p->profile, &p->kind };
	struct held h = { from_ms, NULL };
	unsigned c = first_free(w);
	if (w->connections && w->free_ms[c] > h.at_ms)
		h = (struct held){ w->free_ms[c], &w->by_connections };
	for (bool later = true; later;) { /* until it suits all of them */
		int64_t before = h.at_ms;
		for (size_t i = 0; i < GATES_MAX; i++)
			h.at_ms = plan_gate_ask(gates[i], n, h.at_ms, p->arena, &h.by);
		later = h.at_ms > before;
	}
	for (size_t i = 0; i < GATES_MAX; i++)
		plan_gate_pass(gates[i], n, h.at_ms);
	if (w->connections)
		w->free_ms[c] = h.at_ms + PLAN_MAIL_MS;
	return h;
}

static int64_t *due_of(struct plan *p, struct way *w, struct str domain)
{
	const struct relay_route *r = w->told.route;
	if (!r->mx)
		return &w->due_ms;
	CLEANUP(mem_free) char *name = mem_printf("%s " STR_FMT, r->name, STR_ARG(domain));
	struct domain *d = (struct domain *)names_find(&p->domains, str_of(name));
	if (!d) {
		d = names_use(&p->domains, str_of(name), sizeof(*d));
		d->due_ms = p->now_ms;
	}
	return &d->due_ms;
}

static struct held place(struct plan *p, struct way *w, struct str domain, unsigned n)
{
	const struct relay_route *r = w->told.route;
	int64_t *due = due_of(p, w, domain);
	struct held h = pass(p, w, n, *due);
	if (h.by && h.at_ms - *due > w->long_ms) {
		w->long_ms = h.at_ms - *due;
		w->long_by = h.by;
	}
	if (!h.by && !r->mx) /* in turn, behind one that was held */
		h.by = w->due_by;
	*due = h.at_ms;
	w->due_by = h.by;
	if (r->mx && r->rate)
		*due += (int64_t)r->rate_s * 1000 / r->rate;
	return h;
}

/* ---- counting ---- */

static void count_stop(struct plan_way *t, const char *words)
{
	size_t i = 0;
	while (i < t->nstops && strcmp(t->stops[i].words, words) != 0)
		i++;
	if (i == PLAN_STOPS_MAX)
		return;
	if (i == t->nstops)
		t->stops[t->nstops++] = (struct plan_stop){ words, 0 };
	t->stops[i].mails++;
}

static void count(const struct plan *p, struct plan_way *t, const struct plan_time *x)
{
	int64_t day = x->at_ms / CAPS_DAY_MS - p->now_ms / CAPS_DAY_MS;
	t->first_ms = t->mails && t->first_ms < x->at_ms ? t->first_ms : x->at_ms;
	t->last_ms = x->at_ms > t->last_ms ? x->at_ms : t->last_ms;
	t->mails++;
	t->days[day < PLAN_DAYS_MAX ? day : PLAN_DAYS_MAX - 1]++;
	if (x->at_ms >= p->now_ms + PLAN_WAIT_MS && *x->stop)
		count_stop(t, x->stop);
}

static struct plan_time go(struct plan *p, struct way *w, struct str domain, unsigned n)
{
	if (!w->told.route) {
		w->told.mails++;
		return (struct plan_time){ -1, "", "no route", "no route of the configuration fits it" };
	}
	struct held h = place(p, w, domain, n);
	struct plan_time t = { h.at_ms, w->told.route->name, "", "" };
	const struct plan_cause *by = h.by && w->long_ms >= PLAN_GATE_MS ? w->long_by : h.by;
	if (by) {
		t.limit = by->brief;
		t.stop = by->words;
	}
	count(p, &w->told, &t);
	return t;
}

/* ---- the caller's side ---- */

/* The kind's route, else the profile's, else by sender and recipient. */
static struct way *way_of(struct plan *p, struct str sender, struct str recipient)
{
	const char *named = p->as.kind && *p->as.kind->route ? p->as.kind->route
			    : p->as.profile                  ? p->as.profile->route
							     : "";
	const struct relay_route *r =
		*named ? relay_route_named(p->settings, named)
		       : relay_route_find(p->settings, (struct relay_sender){ sender, STR_LIT("") },
					  recipient);
	return r ? &p->v[r - p->settings->routes] : &p->v[p->n - 1];
}

static struct str domain_of(struct arena *a, struct str recipient)
{
	struct str domain = str_domain(recipient);
	char *z = arena_dup(a, domain.p, domain.len);
	for (char *c = z; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
	return str_of(z);
}

struct aim {             /* of one recipient */
	struct way *way; /* NULL: it has its time */
	struct str domain;
};

static bool together(const struct aim *a, const struct aim *b)
{
	const struct relay_route *r = a->way ? a->way->told.route : NULL;
	return a->way && a->way == b->way && (!r || !r->mx || str_ieq(a->domain, b->domain.p));
}

void plan_mail(struct plan *p, struct str sender, const struct str *recipients, size_t n,
	       struct plan_time *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct aim *v = arena_alloc(a, n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct aim){ way_of(p, sender, recipients[i]), domain_of(a, recipients[i]) };
	for (size_t i = 0; i < n; i++) {
		unsigned same = 0;
		for (size_t k = i; k < n; k++)
			same += together(&v[i], &v[k]);
		if (!same)
			continue;
		const struct aim now = v[i];
		const struct plan_time t = go(p, now.way, now.domain, same);
		for (size_t k = i; k < n; k++)
			if (together(&now, &v[k])) {
				out[k] = t;
				v[k].way = NULL;
			}
	}
}

void plan_ahead(struct plan *p, const char *lane, size_t n)
{
	const struct lane_as as = lane_as_of(str_of(lane));
	CLEANUP(mem_free) char *name = mem_dup(as.way.p, as.way.len);
	const struct relay_route *r = lane_route(p->settings, name);
	if (!r)
		return;
	struct way *w = &p->v[r - p->settings->routes];
	w->told.ahead += n;
	for (size_t k = 0; k < n; k++)
		(void)place(p, w, lane_domain(r, name), 1);
}

const struct plan_way *plan_way(const struct plan *p, size_t i)
{
	return i < p->n ? &p->v[i].told : NULL;
}
