/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes whose mail goes to the same hosts: one number of sessions, one rate, and whose turn it is. */
#include <stdlib.h>

#include "relay/lane/lanes_inner.h"

/* Of those of the account. */
static struct lane_line *line_of_account(const struct lane_group *g, uint32_t account)
{
	return &g->turns->lines[account % LANE_TURNS];
}

static struct lane_line *line_of(const struct lane *x)
{
	return line_of_account(x->group, x->account);
}

static void stop_waiting(struct lane *x)
{
	if (!x->waits)
		return;
	struct lane_line *line = line_of(x);
	*(x->prev_waiting ? &x->prev_waiting->next_waiting : &line->first) = x->next_waiting;
	*(x->next_waiting ? &x->next_waiting->prev_waiting : &line->end) = x->prev_waiting;
	line->n--;
	x->prev_waiting = x->next_waiting = NULL;
	x->waits = false;
	x->group->waiting--;
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
	struct lane_group *g = x->group;
	if (x->waits)
		return;
	if (!g->turns)
		g->turns = mem_alloc(sizeof(*g->turns));
	note_account(l, x);
	struct lane_line *line = line_of(x);
	x->prev_waiting = line->end;
	*(line->end ? &line->end->next_waiting : &line->first) = x;
	line->end = x;
	line->n++;
	x->came = ++l->turn;
	x->waits = true;
	g->waiting++;
}

/* Of two accounts with waiting lanes. */
static bool is_before(const struct lane_line *a, const struct lane_line *b)
{
	return a->last != b->last ? a->last < b->last : a->first->came < b->first->came;
}

/* The first of the account that had its turn longest ago: a crowd to many domains is one account's, too. */
static struct lane *pick(const struct lane_group *g)
{
	const struct lane_line *best = NULL, *lines = g->turns->lines;
	for (size_t i = 0; i < LANE_TURNS; i++)
		if (lines[i].n && (!best || is_before(&lines[i], best)))
			best = &lines[i];
	return best ? best->first : NULL;
}

static void had_its_turn(struct lanes *l, struct lane *x)
{
	x->turn = (struct lane_turn){ 0 };
	if (!x->group->turns)
		return;
	note_account(l, x);
	struct lane_line *line = line_of(x);
	x->turn = (struct lane_turn){ ++l->turn, line->last, x->account };
	line->last = x->turn.number;
}

void lane_group_unspent(struct lane *x, const struct lane_turn *t)
{
	struct lane_line *line = x->group->turns ? line_of_account(x->group, t->account) : NULL;
	if (line && t->number && line->last == t->number)
		line->last = t->before;
}

/* There is a rate, or a limit of several lanes, and somebody was called for its next slot: who comes now
 * finds it taken. */
static bool is_bid_for(struct lanes *l, const struct lane *x)
{
	struct lane_caps c;
	if (!x->group->bidders)
		return false;
	lane_caps_of(l, l->relay->settings, x, &c);
	return (c.n && x->group->named.users > 1) || lane_slot(c.route);
}

struct lane *lane_group_next(struct lane_group *g)
{
	if (!g->next && g->waiting)
		g->next = pick(g);
	return g->next;
}

/* Whose turn it is looks as soon as there is room; the others wait, however much they have. */
static void call_next(struct lanes *l, struct lane_group *g)
{
	if (!g->waiting)
		return;
	if (is_bid_for(l, lane_group_next(g)))
		return;
	int64_t now = relay_now_ms();
	if (!g->sessions || g->sessions < lane_group_max(l, g->next) || g->next->idle ||
	    delivery_idle_beside(l, g->next, NULL))
		lane_wait(l, g->next, g->slot_ms > now ? g->slot_ms : now);
	else if (lane_part_is_small(l, g->next))
		lane_wait(l, g->next, now + LANE_PART_MS);
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
	g->bidders -= x->bidders;
	g->in_line -= x->seat_line != SEAT_PROVEN;
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
	/* The new one before the old one goes: else it may lie where that lay, and look as if nothing
	 * changed. */
	struct lane_group *g = names_use(&l->groups, name, sizeof(struct lane_group));
	lane_leave_group(l, x);
	x->group = g;
	x->group->sessions += x->sessions;
	x->group->bidders += x->bidders;
	x->group->in_line += x->seat_line != SEAT_PROVEN;
}

bool lane_group_room(struct lanes *l, struct lane *x, const struct delivery *hand)
{
	struct lane_group *g = x->group;
	bool full = !x->idle && g->sessions - !!hand >= lane_group_max(l, x);
	if (!full && !is_bid_for(l, x) && g->slot_ms <= relay_now_ms() && (!g->waiting || g->next == x)) {
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

void lane_group_stay(struct lanes *l, struct lane *x)
{
	if (x->group->named.users > 1)
		begin_waiting(l, x);
	else
		lane_group_pass(l, x);
}

void lane_group_pass(struct lanes *l, struct lane *x)
{
	stop_waiting(x);
	call_next(l, x->group);
}

void lane_group_full(struct lanes *l, struct lane *x)
{
	lane_group_pass(l, x);
	if (lane_part_is_small(l, x))
		lane_wait(l, x, relay_now_ms() + LANE_PART_MS);
}

void lane_group_idle(struct lanes *l, struct lane *x)
{
	call_next(l, x->group);
}

void lane_group_bid_over(struct lanes *l, struct lane *x)
{
	x->bidders--;
	x->group->bidders--;
	call_next(l, x->group);
}

void lane_group_over(struct lanes *l, struct lane *x)
{
	x->group->sessions--;
	call_next(l, x->group);
}

bool lane_group_is_wanted(const struct lane *x)
{
	return x->group->waiting > x->waits;
}

size_t lane_group_before(const struct lane *x)
{
	size_t own = 0, n;
	if (!x->waits)
		return 0;
	for (const struct lane *w = x->prev_waiting; w; w = w->prev_waiting)
		own++;
	n = own;
	const struct lane_line *mine = line_of(x), *lines = x->group->turns->lines;
	for (size_t i = 0; i < LANE_TURNS; i++) {
		if (!lines[i].n || &lines[i] == mine)
			continue;
		size_t turns = own + is_before(&lines[i], mine);
		n += lines[i].n < turns ? lines[i].n : turns;
	}
	return n;
}

void lane_groups_free(struct lanes *l)
{
	names_drop(&l->groups, group_clear);
}
