/* SPDX-License-Identifier: Apache-2.0 */
/* Which limits a lane's messages have to pass, what is left of them, and when those that wait are to go. */
#include <string.h>

#include "relay/lane/lanes_inner.h"

/* Held mail of one account by one limit: what was sent, and what is to be sent when. */
struct lane_plan {
	struct named named; /* first; the row's and the account's name */
	struct caps_log log;
	int64_t until_ms; /* the last one's time */
};

static void add(struct lanes *l, struct lane_caps *c, const char *kind, const char *name,
		const struct caps *caps)
{
	struct ledger_row *row = ledger_row(l->relay->ledger, kind, name);
	c->v[c->n++] = (struct lane_cap){ .row = row, .caps = *caps, .whose = row->named.name };
}

static bool limits_anything(const struct caps *c)
{
	return c->n || c->spacing_ms || c->recipients;
}

static void add_told(struct lanes *l, struct lane_caps *c, const char *name, const struct caps_told *told)
{
	struct caps caps = { 0 };
	caps_add_told(&caps, told, CAPS_CONFIGURED);
	if (limits_anything(&caps))
		add(l, c, "profile", name, &caps);
}

static void add_profile(struct lanes *l, const struct relay_settings *s, const char *lane,
			struct lane_caps *c)
{
	const struct lane_as as = lane_as_of(str_of(lane));
	const struct relay_profile *p = as.profile.len ? relay_profile_find(s, as.profile) : NULL;
	const struct relay_kind *k = p ? relay_kind_find(p, as.kind) : NULL;
	if (p)
		add_told(l, c, p->name, &p->caps);
	if (k) {
		CLEANUP(mem_free) char *name = mem_printf("%s/%s", p->name, k->name);
		add_told(l, c, name, &k->caps);
	}
}

static void caps_of_name(struct lanes *l, const struct relay_settings *s, const char *lane,
			 struct lane_caps *out)
{
	*out = (struct lane_caps){ .route = lane_route(s, lane) };
	const struct relay_route *r = out->route;
	struct caps caps;
	if (!r || !l->relay->ledger)
		return;
	struct ledger_row *row = route_has_account(r) ? ledger_row(l->relay->ledger, "route", r->name) : NULL;
	route_caps(r, row && ramp_is_proven(&row->ramp), &caps);
	out->connections = caps.connections;
	out->of_route = row || limits_anything(&caps);
	if (out->of_route)
		add(l, out, "route", r->name, &caps);
	add_profile(l, s, lane, out);
}

void lane_caps_of(struct lanes *l, const struct relay_settings *s, const struct lane *x,
		  struct lane_caps *out)
{
	caps_of_name(l, s, x->named.name, out);
}

void lane_caps_add_account(struct lanes *l, const struct relay_account *account, struct lane_caps *c)
{
	struct caps caps;
	if (!account)
		return;
	account_caps(account, &caps);
	if (limits_anything(&caps) && c->n < LANE_CAPS_MAX)
		add(l, c, "account", account->name, &caps);
}

struct lane_wait lane_caps_ask(const struct lane_caps *c, unsigned recipients, int64_t now_ms)
{
	bool whole = c->route && c->route->api != RELAY_API_NONE; /* to everybody in To and Cc at once */
	struct lane_wait w = { .at_ms = now_ms, .room = recipients };
	for (size_t i = 0; i < c->n; i++) {
		const struct lane_cap *k = &c->v[i];
		caps_log_mend(&k->row->log, now_ms);
		struct caps_answer x =
			(whole ? caps_ask_whole : caps_ask)(&k->caps, &k->row->log, recipients, now_ms);
		if (!ramp_room(&k->row->ramp, k->row->log.open_messages) && x.at_ms < now_ms + LANE_RAMP_MS) {
			x.at_ms = now_ms + LANE_RAMP_MS;
			x.limit = NULL;
			w.spaced = false;
		} else if (x.at_ms > w.at_ms) {
			w.spaced = !x.limit;
		}
		if (x.at_ms > w.at_ms) {
			w.at_ms = x.at_ms;
			w.limit = x.limit;
			w.which = i;
		}
		w.room = x.room < w.room ? x.room : w.room;
	}
	return w;
}

bool lane_wait_is_shared(const struct lane_caps *c, const struct lane_wait *w, int64_t now_ms)
{
	return c->of_route && !w->which && w->at_ms > now_ms && w->at_ms <= now_ms + LANE_HOLD_MS;
}

const char *lane_caps_reason(const struct lane_caps *c, const struct lane_wait *w, struct arena *a)
{
	if (w->limit)
		return caps_reason(w->limit, c->route, c->v[w->which].whose, a);
	const struct caps_limit *rate = w->spaced ? caps_spacing_limit(&c->v[w->which].caps) : NULL;
	if (rate)
		return caps_reason(rate, c->route, c->v[w->which].whose, a);
	return c->n ? ramp_text(&c->v[0].row->ramp) : "";
}

/* ---- what is held ---- */

void lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct relay_settings *s = l->relay->settings;
	caps_of_name(l, s, arena_str(a, lane).p, out);
	lane_caps_add_account(l, account.len ? relay_account_find(s, arena_str(a, account).p) : NULL, out);
}

static struct lane_plan *plan_of(struct lanes *l, const struct lane_cap *k, struct str account,
				 int64_t now_ms)
{
	CLEANUP(mem_free) char *name = mem_printf("%s\n" STR_FMT, k->row->named.name, STR_ARG(account));
	struct lane_plan *p = (struct lane_plan *)names_find(&l->plans, str_of(name));
	if (!p)
		p = names_use(&l->plans, str_of(name), sizeof(*p));
	if (p->until_ms < now_ms) { /* all of it has gone by */
		caps_log_copy(&p->log, &k->row->log);
		caps_log_end_all(&p->log, now_ms);
		p->until_ms = now_ms;
	}
	return p;
}

struct lane_wait lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				unsigned recipients, int64_t now_ms)
{
	struct lane_plan *v[LANE_CAPS_MAX];
	struct lane_wait w = { .at_ms = now_ms };
	int64_t at = now_ms;
	for (size_t i = 0; i < c->n; i++) {
		v[i] = plan_of(l, &c->v[i], account, now_ms);
		const struct caps_answer x = caps_ask_whole(&c->v[i].caps, &v[i]->log, recipients, now_ms);
		if (x.at_ms > w.at_ms)
			w = (struct lane_wait){
				.at_ms = x.at_ms, .limit = x.limit, .which = i, .spaced = !x.limit
			};
		at = v[i]->until_ms > at ? v[i]->until_ms : at;
	}
	for (bool later = true; later;) { /* until it suits all of them */
		later = false;
		for (size_t i = 0; i < c->n; i++) {
			int64_t t = caps_ask_whole(&c->v[i].caps, &v[i]->log, recipients, at).at_ms;
			later = later || t > at;
			at = t > at ? t : at;
		}
	}
	for (size_t i = 0; i < c->n; i++) {
		caps_note(&v[i]->log, 1, recipients, at);
		v[i]->until_ms = at;
	}
	w.at_ms = at;
	return w;
}

int64_t lane_caps_plan(struct lanes *l, const struct lane_caps *c, struct str account, unsigned recipients,
		       int64_t now_ms)
{
	return lane_caps_turn(l, c, account, recipients, now_ms).at_ms;
}

static void plan_clear(struct named *x)
{
	caps_log_clear(&((struct lane_plan *)x)->log);
}

void lane_plans_forget(struct lanes *l)
{
	names_drop(&l->plans, plan_clear);
	l->plans = (struct names){ 0 };
}

void lane_account_failed(struct lanes *l, const struct lane *x, bool blocked)
{
	const struct relay_route *r = lane_route(l->relay->settings, x->named.name);
	if (route_has_account(r))
		ledger_failed(l->relay->ledger, ledger_row(l->relay->ledger, "route", r->name), blocked);
}
