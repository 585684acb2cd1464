/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "relay/delivery/delivery.h"
#include "relay/lane/lanes_inner.h"
#include "relay/delivery/mx_find.h"
#include "relay/delivery/tokens.h"

enum { END_WAIT_MS = 1000 };

/* What is known before any look-up: all lanes of a smarthost lead there. */
static const char *group_of(const struct lanes *l, const struct lane *x)
{
	const struct relay_route *r = lane_route(l->relay->settings, x->named.name);
	return r && !r->mx && r->api == RELAY_API_NONE ? r->name : x->named.name;
}

static struct lane *use(struct lanes *l, struct str name)
{
	struct lane *x = (struct lane *)names_find(&l->names, name);
	if (!x) {
		x = names_use(&l->names, name, sizeof(*x));
		lane_join(l, x, group_of(l, x));
	}
	return x;
}

static void look_at_due(struct lanes *l)
{
	int64_t now = relay_now_ms();
	struct lane *x;
	while (!l->draining && l->nsessions < LANES_SESSIONS_MAX && (x = lane_first(l)) && x->due_ms <= now)
		lane_look(l, x);
	lanes_set_timer(l);
}

static void on_timer(void *ctx)
{
	struct lanes *l = ctx;
	l->timer_ms = 0;
	look_at_due(l);
}

void lane_session_over(struct lanes *l, struct delivery *d)
{
	struct lane *x = d->lane;
	l->nsessions--;
	x->sessions--;
	lane_seat_give(l, d);
	lane_group_over(l, x);
	lane_due(l, x, relay_now_ms()); /* behind those that have been due for longer */
	look_at_due(l);
}

bool lanes_pace(struct lanes *l)
{
	struct net_loop *loop = l->relay->loop;
	net_loop_breathe(loop);
	while (!l->draining && !net_loop_interrupted(loop) && store_behind(l->relay->store) > JOB_AHEAD)
		net_loop_sleep(loop, net_loop_now_ms(loop) + JOB_PACE_MS);
	return !l->draining && !net_loop_interrupted(loop);
}

/* ---- from outside ---- */

void lanes_wake(struct lanes *l, struct str name)
{
	if (!l || l->draining)
		return;
	lane_look(l, use(l, name));
	lanes_set_timer(l);
}

/* Many retried together come in groups: a login that fails again is not tried once for each of them. */
void lanes_retry(struct lanes *l, struct str name)
{
	struct lane *x = l && !l->draining ? (struct lane *)names_find(&l->names, name) : NULL;
	int64_t now = relay_now_ms();
	if (x && (x->lifted_ms > now || now - x->lifted_ms >= LANE_LIFT_MS)) {
		x->lifted_ms = now;
		x->pause_ms = x->stop_ms = 0;
	}
	lanes_wake(l, name);
}

static bool store_knows(struct lanes *l, struct store_lanes *out, struct arena *a)
{
	struct err e = { 0 };
	if (store_lanes(l->relay->store, a, out, &e))
		return true;
	if (l->relay->log)
		relay_log_trouble(l->relay->log, relay_now_ms(), &e);
	return false;
}

static void look_at_all(struct lanes *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_lanes all = { 0 };
	lane_plans_forget(l);
	if (l->planning) /* else the rest would be planned as if nothing went before it */
		l->plan_again = true;
	if (!store_knows(l, &all, a))
		return;
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].next_ms != STORE_NEVER)
			lane_due(l, use(l, str_of(all.v[i].lane)), all.v[i].next_ms);
	l->timer_ms = 0;
	lanes_set_timer(l);
}

void lanes_wake_all(struct lanes *l)
{
	for (size_t i = 0; i < l->names.room; i++) {
		struct lane *x = (struct lane *)l->names.v[i];
		if (x)
			x->pause_ms = x->stop_ms = 0; /* what was wrong may have been mended */
	}
	look_at_all(l);
}

static void shift(struct lane *x, int64_t leap_ms, int64_t now)
{
	int64_t *const times[] = { &x->pause_ms, &x->stop_ms };
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		*times[i] = leap_moved(*times[i], leap_ms, now, 2 * LANE_HINT_MOST_MS);
	x->slot_ms = leap_moved(x->slot_ms, leap_ms, now, CAPS_DAY_MS);
}

static void shift_group(struct lane_group *g, int64_t leap_ms, int64_t now)
{
	g->cap_ms = leap_moved(g->cap_ms, leap_ms, now, 2 * LANE_HINT_MOST_MS);
	g->slot_ms = leap_moved(g->slot_ms, leap_ms, now, CAPS_DAY_MS);
}

void lanes_shift(struct lanes *l, int64_t leap_ms, int64_t now_ms)
{
	for (size_t i = 0; i < l->names.room; i++)
		if (l->names.v[i])
			shift((struct lane *)l->names.v[i], leap_ms, now_ms);
	for (size_t i = 0; i < l->groups.room; i++)
		if (l->groups.v[i])
			shift_group((struct lane_group *)l->groups.v[i], leap_ms, now_ms);
	look_at_all(l);
}

struct lanes *lanes_new(struct relay *r, lane_begin_fn *begin)
{
	struct lanes *l = mem_alloc(sizeof(*l));
	l->relay = r;
	l->begin = begin;
	l->seats.all = LANES_SESSIONS_MAX;
	l->known = known_new();
	l->timer = net_timer_new(r->loop, on_timer, l);
	l->mx = mx_cache_new(r->settings->data);
	l->tokens = tokens_new();
	lanes_wake_all(l);
	return l;
}

void lanes_drain(struct lanes *l)
{
	l->draining = true;
	for (struct delivery *d = l->sessions; d; d = d->next)
		delivery_finish(d);
}

size_t lanes_busy(const struct lanes *l)
{
	return l->nsessions;
}

bool lanes_unprovable(const struct lanes *l)
{
	return mx_unprovable(l->mx);
}

static bool all_over(void *ctx)
{
	const struct lanes *l = ctx;
	return !l->nsessions && !l->planning;
}

static void lane_clear(struct named *named)
{
	struct lane *x = (struct lane *)named;
	lane_forget_word(x);
}

void lanes_free(struct lanes **lp)
{
	struct lanes *l = *lp;
	if (!l)
		return;
	l->draining = l->ending = true;
	for (struct delivery *d = l->sessions; d; d = d->next)
		delivery_hurry(d);
	if (!net_loop_wait(l->relay->loop, all_over, l, net_loop_now_ms(l->relay->loop) + END_WAIT_MS))
		net_loop_settle(l->relay->loop);
	lane_groups_free(l);
	lane_plans_forget(l);
	names_drop(&l->names, lane_clear);
	net_timer_free(&l->timer);
	mx_cache_free(&l->mx);
	tokens_free(&l->tokens);
	known_free(&l->known);
	free(l->heap);
	free(l);
	*lp = NULL;
}
