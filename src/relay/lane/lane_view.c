/* SPDX-License-Identifier: Apache-2.0 */
/* What the scheduler knows of one lane, for those who ask why something waits. */
#include "relay/lane/lanes_inner.h"

/* The limit that spreads messages over time. */
static const struct caps_limit *rate_of(const struct lane_caps *c)
{
	for (size_t i = 0; c->n && i < c->v[0].caps.n; i++)
		if (c->v[0].caps.v[i].unit == CAPS_MESSAGES)
			return &c->v[0].caps.v[i];
	return NULL;
}

static void tell_limits(const struct lane_caps *c, struct lane_view *out)
{
	const struct relay_route *r = c->route;
	const struct caps_limit *rate = rate_of(c);
	out->route = r ? r->name : "";
	out->provider = r && r->provider ? r->provider->title : "";
	out->rate = rate ? rate->most : r ? r->rate : 0;
	out->rate_s = rate ? (unsigned)(rate->window_ms / 1000) : r ? r->rate_s : 0;
	out->slot_ms = c->n && c->v[0].caps.spacing_ms ? (long)c->v[0].caps.spacing_ms : lane_slot(r);
}

static void tell_sessions(struct lanes *l, const struct lane *x, struct lane_view *out)
{
	out->sessions = x->sessions;
	out->sessions_max = lane_sessions_max(l, x);
	out->others = x->fails ? 0 : x->group->sessions - x->sessions;
	out->all_busy = l->nsessions >= LANES_SESSIONS_MAX;
	out->failed = x->fails > 0;
	out->seat = x->seat_line;
	out->seats_max = seats_most(&l->seats, x->seat_line);
	out->seats_before = lane_seats_before(x);
	out->turns = lane_group_before(x);
}

static void tell_turn(const struct store_turn *turn, struct lane_view *out)
{
	out->claimed = turn->claimed;
	out->ahead = turn->ahead;
	out->waiting = turn->due;
	out->more = turn->more;
}

static void tell_time(const struct lanes *l, const struct lane *x, int64_t caps_ms, int64_t now,
		      struct lane_view *out)
{
	int64_t at = x->pause_ms > lane_slot_ms(x) ? x->pause_ms : lane_slot_ms(x);
	at = at > caps_ms ? at : caps_ms;
	at = l->lack && l->lack_ms > at ? l->lack_ms : at;
	out->next_ms = at > now ? at : 0;
}

bool lanes_view(struct lanes *l, struct str name, struct store_id id, uint32_t rcpt, struct arena *a,
		struct lane_view *out)
{
	const struct lane *x = (const struct lane *)names_find(&l->names, name);
	int64_t next = store_lane_next(l->relay->store, name, NULL), now = relay_now_ms();
	if (!x && next == STORE_NEVER)
		return false;
	struct store_turn turn;
	store_turn(l->relay->store, name, id, rcpt, now, &turn);
	const char *text = arena_str(a, name).p;
	struct lane_group nobody = { 0 };
	const struct lane fresh = { .named = { .name = (char *)(uintptr_t)text }, .group = &nobody };
	x = x ? x : &fresh;
	struct lane_caps c;
	lane_caps_of(l, l->relay->settings, x, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	*out = (struct lane_view){
		.lane = text,
		.rule = l->lack ? lanes_lack_rule(l, a) : lane_caps_reason(&c, &w, a),
		.reply = x->reply ? arena_strdup(a, x->reply) : "",
		.host = x->host ? arena_strdup(a, x->host) : "",
		.code = x->code,
		.finding = x->finding ? arena_strdup(a, x->finding) : "",
	};
	tell_limits(&c, out);
	tell_sessions(l, x, out);
	tell_turn(&turn, out);
	tell_time(l, x, w.at_ms, now, out);
	return true;
}
