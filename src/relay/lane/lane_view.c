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
	if (!x)
		x = &fresh;
	struct lane_caps c;
	lane_caps_of(l, l->relay->settings, x, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	const struct provider *p = c.route ? c.route->provider : NULL;
	const struct caps_limit *rate = rate_of(&c);
	long slot = c.n && c.v[0].caps.spacing_ms ? (long)c.v[0].caps.spacing_ms : lane_slot(c.route);
	int64_t at = x->pause_ms > lane_slot_ms(x) ? x->pause_ms : lane_slot_ms(x);
	at = at > w.at_ms ? at : w.at_ms;
	const char *rule = l->lack ? lanes_lack_rule(l, a) : lane_caps_reason(&c, &w, a);
	at = l->lack && l->lack_ms > at ? l->lack_ms : at;
	*out = (struct lane_view){
		.lane = text,
		.route = c.route ? c.route->name : "",
		.provider = p ? p->title : "",
		.rule = rule,
		.sessions = x->sessions,
		.sessions_max = lane_sessions_max(l, x),
		.others = x->fails ? 0 : x->group->sessions - x->sessions,
		.claimed = turn.claimed,
		.all_busy = l->nsessions >= LANES_SESSIONS_MAX,
		.failed = x->fails > 0,
		.seat = x->seat_line,
		.seats_max = seats_most(&l->seats, x->seat_line),
		.seats_before = lane_seats_before(x),
		.ahead = turn.ahead,
		.turns = lane_group_before(x),
		.rate = rate      ? rate->most
			: c.route ? c.route->rate
				  : 0,
		.rate_s = rate      ? (unsigned)(rate->window_ms / 1000)
			  : c.route ? c.route->rate_s
				    : 0,
		.waiting = turn.due,
		.more = turn.more,
		.next_ms = at > now ? at : 0,
		.slot_ms = slot,
		.reply = x->reply ? arena_strdup(a, x->reply) : "",
		.finding = x->finding ? arena_strdup(a, x->finding) : "",
	};
	return true;
}
