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

static bool is_about_route(const struct own_route_case *k, const struct finding_entry *e)
{
	const struct class_entry *class = finding_class_find(e->class);
	if (e->actor == ACTOR_NOBODY || !class || class->retry == RETRY_WAIT)
		return false;
	if (!k->code)
		return is_before_mail(e->step);
	if (!strcmp(e->class, "relay-denied"))
		return true;
	return k->state != STORE_REFUSED && trouble_is_mendable(e->class);
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
