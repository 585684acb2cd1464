/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes whose mail goes to the same hosts: one number of sessions, one rate, and whose turn it is. */
#include <stdlib.h>

#include "relay/lane/lanes_inner.h"

static void stop_waiting(struct lane *x)
{
	if (!x->waits)
		return;
	struct lane **p = &x->group->waiting;
	while (*p != x)
		p = &(*p)->next_waiting;
	*p = x->next_waiting;
	x->next_waiting = NULL;
	x->waits = false;
	if (x->group->next == x)
		x->group->next = NULL;
}

static void note_account(struct lanes *l, struct lane *x)
{
	const struct str name = { x->named.name, x->named.len };
	x->account = store_lane_account(l->relay->store, name, relay_now_ms());
}

/* At the end: of one account who came first is first. */
static void begin_waiting(struct lanes *l, struct lane *x)
{
	struct lane **p = &x->group->waiting;
	if (x->waits)
		return;
	if (!x->group->turns)
		x->group->turns = mem_alloc(sizeof(*x->group->turns));
	note_account(l, x);
	while (*p)
		p = &(*p)->next_waiting;
	*p = x;
	x->waits = true;
}

/* The first of the account that had its turn longest ago: a crowd to many domains is one account's, too. */
static struct lane *pick(const struct lane_group *g)
{
	const unsigned long long *last = g->turns->last;
	struct lane *best = g->waiting;
	for (struct lane *x = g->waiting; x; x = x->next_waiting)
		if (last[x->account % LANE_TURNS] < last[best->account % LANE_TURNS])
			best = x;
	return best;
}

static void had_its_turn(struct lanes *l, struct lane *x)
{
	struct lane_turns *t = x->group->turns;
	if (!t)
		return;
	note_account(l, x);
	t->last[x->account % LANE_TURNS] = ++t->now;
}

/* Whose turn it is looks as soon as there is room; the others wait, however much they have. */
static void call_next(struct lanes *l, struct lane_group *g)
{
	if (!g->waiting)
		return;
	if (!g->next)
		g->next = pick(g);
	int64_t now = relay_now_ms();
	if (g->sessions < lane_group_max(l, g->next) || g->next->idle)
		lane_wait(l, g->next, g->slot_ms > now ? g->slot_ms : now);
}

static void group_clear(struct named *x)
{
	free(((struct lane_group *)x)->turns);
}

void lane_leave_group(struct lanes *l, struct lane *x)
{
	struct lane_group *g = x->group;
	if (!g)
		return;
	stop_waiting(x);
	g->sessions -= x->sessions;
	x->group = NULL;
	if (names_leave(&l->groups, &g->named)) {
		group_clear(&g->named);
		names_free(&g->named);
	} else {
		call_next(l, g);
	}
}

void lane_join(struct lanes *l, struct lane *x, const char *hosts)
{
	struct str name = str_of(hosts);
	if (x->group && str_eq(name, x->group->named.name))
		return;
	lane_leave_group(l, x);
	x->group = names_use(&l->groups, name, sizeof(struct lane_group));
	x->group->sessions += x->sessions;
}

bool lane_group_room(struct lanes *l, struct lane *x)
{
	struct lane_group *g = x->group;
	bool full = !x->idle && g->sessions >= lane_group_max(l, x);
	if (!full && g->slot_ms <= relay_now_ms() && (!g->waiting || g->next == x)) {
		stop_waiting(x);
		had_its_turn(l, x);
		return true;
	}
	begin_waiting(l, x);
	if (full)
		delivery_yield(l, g); /* who only waits for more makes room */
	call_next(l, g);
	return false;
}

void lane_group_pass(struct lanes *l, struct lane *x)
{
	stop_waiting(x);
	call_next(l, x->group);
}

void lane_group_over(struct lanes *l, struct lane *x)
{
	x->group->sessions--;
	call_next(l, x->group);
}

bool lane_group_is_wanted(const struct lane *x)
{
	const struct lane *first = x->group->waiting;
	return first && (first != x || x->next_waiting);
}

size_t lane_group_before(const struct lane *x)
{
	size_t n = 0;
	for (const struct lane *w = x->waits ? x->group->waiting : NULL; w && w != x; w = w->next_waiting)
		n++;
	return n;
}

void lane_groups_free(struct lanes *l)
{
	names_drop(&l->groups, group_clear);
}
