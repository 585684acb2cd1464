/* SPDX-License-Identifier: Apache-2.0 */
/* What one lane may do: how many sessions, and when again after a failure. */
#include <stdlib.h>
#include <sys/random.h>

#include "relay/lane/lanes_inner.h"

/* Never more than half of what others leave: however many one destination keeps waiting, there are some for
 * the next one. */
static unsigned fair_part(const struct lanes *l, const struct lane_group *g)
{
	size_t others = l->nsessions - g->sessions;
	return others < LANES_SESSIONS_MAX ? (unsigned)(LANES_SESSIONS_MAX - others + 1) / 2 : 0;
}

unsigned lane_sessions_max(struct lanes *l, const struct lane *x)
{
	return x->fails ? 1 : lane_group_max(l, x); /* one finds out whether it works again */
}

static bool is_known(const struct lanes *l, const struct named *x)
{
	return l->known && x->name && known_has(l->known, (struct str){ x->name, x->len });
}

/* Its own silence is over when its hosts have answered others since. */
static bool is_silent(const struct lanes *l, const struct lane *x)
{
	return x->silent && !(x->hosts_silent && is_known(l, &x->group->named));
}

/* What others have shown of the same hosts counts. */
bool lane_answers(const struct lanes *l, const struct lane *x)
{
	return !is_silent(l, x) && (is_known(l, &x->named) || is_known(l, &x->group->named));
}

bool lane_is_set_up(const struct lanes *l, const struct lane *x)
{
	const struct relay_route *r = x->named.name ? lane_route(l->relay->settings, x->named.name) : NULL;
	return r && !r->mx;
}

/* Few are set up by somebody, and after a start they do not stand among thousands of strangers. */
enum seat lane_seat(const struct lanes *l, const struct lane *x)
{
	if (is_silent(l, x))
		return SEAT_SILENT;
	return lane_answers(l, x) || lane_is_set_up(l, x) ? SEAT_PROVEN : SEAT_NEW;
}

/* Whatever goes to other hosts. */
static unsigned alone_max(struct lanes *l, const struct lane *x)
{
	const struct lane_group *g = x->group;
	struct lane_caps c;
	lane_caps_of(l, l->relay->settings, x, &c);
	unsigned most = c.connections ? c.connections : RELAY_CONNECTIONS;
	for (size_t i = 0; i < c.n; i++) {
		unsigned ramp = ramp_room(&c.v[i].row->ramp, 0);
		most = ramp < most ? ramp : most;
	}
	if (g->cap && g->cap < most && relay_now_ms() < g->cap_ms)
		most = g->cap;
	if (most > RELAY_CONNECTIONS && !lane_answers(l, x))
		most = RELAY_CONNECTIONS; /* whatever is set: it may be silent */
	return most;
}

unsigned lane_group_max(struct lanes *l, const struct lane *x)
{
	unsigned part = fair_part(l, x->group), most = alone_max(l, x);
	return part < most ? part : most;
}

bool lane_part_is_small(struct lanes *l, const struct lane *x)
{
	return fair_part(l, x->group) < alone_max(l, x);
}

int64_t lane_slot_ms(const struct lane *x)
{
	return x->group->slot_ms > x->slot_ms ? x->group->slot_ms : x->slot_ms;
}

/* To a smarthost the ledger spreads messages, for all its lanes together. */
long lane_slot(const struct relay_route *r)
{
	return r && r->mx && r->rate && r->rate_s ? (long)r->rate_s * 1000 / (long)r->rate : 0;
}

void lane_forget_word(struct lane *x)
{
	mem_free(&x->host);
	mem_free(&x->reply);
	mem_free(&x->finding);
	x->code = 0;
}

void lane_well(struct lane *x)
{
	if (x->stop_ms > relay_now_ms()) /* what was said to another session counts */
		return;
	x->group->well_ms = relay_now_ms();
	x->fails = x->drops = 0;
	x->detour = false;
	x->pause_ms = 0;
	lane_forget_word(x);
}

void lane_cap(struct lane *x, unsigned sessions, bool of_provider)
{
	x->group->cap = sessions;
	x->group->cap_stays = of_provider;
	x->group->cap_ms = relay_now_ms() + LANE_CAP_MS;
}

bool lane_was_well(struct lane *x)
{
	struct lane_group *g = x->group;
	int64_t now = relay_now_ms(), ago = now - g->well_ms;
	if (ago < 0 || ago > LANE_GONE_MS)
		return false;
	if (g->slot_ms < now + LANE_GONE_WAIT_MS)
		g->slot_ms = now + LANE_GONE_WAIT_MS;
	return true;
}

/* A quarter to either side, so that lanes that failed together do not come back together. */
static int64_t jitter(int64_t ms)
{
	unsigned short dice = 0;
	(void)!getrandom(&dice, sizeof(dice), 0);
	return ms * 3 / 4 + ms / 2 * dice / 65536;
}

void lane_failed(struct lane *x, const struct trouble *t, const struct relay_route *r, bool login,
		 unsigned known, const struct lane_word *w)
{
	if (known == x->fails)
		x->fails++;
	if (!x->group->cap_stays)
		x->group->cap = 0; /* it was not our number */
	x->detour = t->next_route && r && r->next && *r->next;
	int64_t pause = login ? LANE_PAUSE_LOGIN_MS : LANE_PAUSE_FIRST_MS;
	for (unsigned i = 1; i < x->fails && pause < LANE_PAUSE_MOST_MS; i++)
		pause *= 2;
	if (pause > LANE_PAUSE_MOST_MS)
		pause = LANE_PAUSE_MOST_MS;
	int64_t hint = t->hint_s * 1000 < LANE_HINT_MOST_MS ? t->hint_s * 1000 : LANE_HINT_MOST_MS;
	pause = jitter(pause);
	int64_t until = relay_now_ms() + (pause > hint ? pause : hint);
	if (until > x->pause_ms)
		x->pause_ms = until;
	if (t->scope == TROUBLE_DESTINATION)
		x->stop_ms = x->pause_ms;
	lane_forget_word(x);
	x->host = mem_dup(w->host.p, w->host.len);
	x->code = w->code;
	x->reply = mem_dup(w->reply.p, w->reply.len);
	x->finding = mem_strdup(w->finding);
}
