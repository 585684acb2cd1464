/* SPDX-License-Identifier: Apache-2.0 */
/* Domains whose mail goes to the same hosts, found out as they are looked up. */
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
}

/* At the end: who came first is first. */
static void begin_waiting(struct lane *x)
{
	struct lane **p = &x->group->waiting;
	if (x->waits)
		return;
	while (*p)
		p = &(*p)->next_waiting;
	*p = x;
	x->waits = true;
}

void lane_leave_group(struct lanes *l, struct lane *x)
{
	struct lane_group *g = x->group;
	if (!g)
		return;
	stop_waiting(x);
	g->sessions -= x->sessions;
	x->group = NULL;
	if (names_leave(&l->groups, &g->named))
		names_free(&g->named);
}

void lane_join(struct lanes *l, struct lane *x, const char *hosts)
{
	struct str name = str_of(hosts);
	if (x->group && str_eq(name, x->group->named.name))
		return;
	lane_leave_group(l, x);
	if (!name.len)
		return;
	x->group = names_use(&l->groups, name, sizeof(struct lane_group));
	x->group->sessions += x->sessions;
}

bool lane_group_room(struct lanes *l, struct lane *x, unsigned most)
{
	struct lane_group *g = x->group;
	if (!g)
		return true;
	if (g->sessions < most) {
		stop_waiting(x);
		return true;
	}
	begin_waiting(x);
	delivery_yield(l, g); /* who only waits for more makes room */
	return false;
}

void lane_group_next(struct lanes *l, struct lane *x)
{
	struct lane *next = x->group ? x->group->waiting : NULL;
	if (!next || x->group->sessions >= lane_sessions_max(l, next))
		return;
	stop_waiting(next);
	lane_due(l, next, relay_now_ms());
}

void lane_group_over(struct lanes *l, struct lane *x)
{
	struct lane_group *g = x->group;
	if (!g)
		return;
	g->sessions--;
	lane_group_next(l, x);
}

void lane_groups_free(struct lanes *l)
{
	names_drop(&l->groups, NULL);
}
