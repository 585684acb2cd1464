/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/own_route.h"

#include <string.h>

#include "relay/filter/filter_lane.h"
#include "relay/lane/lane_name.h"
#include "relay/trouble.h"

/* Before any reply, all up to the login is between the relay and that server. */
static bool is_before_mail(enum step s)
{
	return s <= STEP_OAUTH || s == STEP_CLIENT_NETWORK;
}

/* At any step, the dot's too: it may be this one mail that it ends at. */
static bool is_anywhere(const struct finding_entry *e)
{
	return !strcmp(e->id, "dialogue-cut") || !strcmp(e->id, "dialogue-stalled");
}

static bool is_about_route(const struct own_route_case *k, const struct finding_entry *e)
{
	const struct class_entry *class = finding_class_find(e->class);
	if (k->sent || k->state == STORE_IN_DOUBT || is_anywhere(e))
		return false;
	if (e->actor == ACTOR_NOBODY || !class || class->retry == RETRY_WAIT)
		return false;
	if (!k->code) /* what is refused for good is this mail, by what that server cannot do */
		return k->state != STORE_REFUSED && is_before_mail(e->step);
	if (!strcmp(e->class, "relay-denied"))
		return true;
	return k->state != STORE_REFUSED && trouble_is_mendable(e->class);
}

static bool says(const struct store_event *v, const char *words)
{
	return str_ifind(v->why, words) < v->why.len;
}

static bool moves(const struct store_event *v, bool since)
{
	return says(v, OWN_ROUTE_NEXT) || (since && says(v, OWN_ROUTE_CHANGED));
}

/* Round the next routes it comes back to the first without a word (delivery_fate.c, delivery_sweep.c); a
 * configuration's other routes it takes once (delivery_leave.c). */
struct str own_route_lane(const struct store_trail *t, uint32_t rcpt, const struct store_event *v)
{
	bool since = true;
	for (size_t i = t->nevents; i-- > 0;) {
		const struct store_event *x = &t->events[i];
		if (x->rcpt == rcpt && moves(x, since))
			return STR_LIT("");
		since = since && x != v;
	}
	return rcpt < t->message.nrcpts ? t->message.rcpts[rcpt].lane : STR_LIT("");
}

void own_route_settle(struct arena *a, const struct own_route_case *k, struct cause *c)
{
	struct str lane = filter_lane_own(k->lane), route = lane_smarthost(lane);
	if (route.len && is_about_route(k, c->entry))
		cause_of_route(a, c,
			       &(struct cause_route){ .name = arena_str(a, route).p,
						      .lane = arena_str(a, lane).p,
						      .host = arena_str(a, k->host).p });
}
