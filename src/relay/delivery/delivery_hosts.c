/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of a plan: one has several addresses, and a destination several hosts. */
#include <strings.h>

#include "relay/delivery/delivery.h"
#include "relay/lane/schedule.h"

bool delivery_same_host(const struct delivery *d, size_t a, size_t b)
{
	return !strcasecmp(d->plan.v[a].host, d->plan.v[b].host);
}

bool delivery_has_next_host(const struct delivery *d)
{
	for (size_t i = d->target + 1; i < d->plan.n; i++)
		if (!delivery_same_host(d, i, d->target))
			return true;
	return false;
}

/* A host that puts it off again and again is not the only one of the destination. */
void delivery_choose_first(struct delivery *d, const struct job *j)
{
	const struct store_claim *c = &j->v[0].claim;
	if (c->state != STORE_DELAYED || !schedule_begins_elsewhere(c->tries))
		return;
	for (size_t i = 1; i < d->plan.n; i++) {
		if (delivery_same_host(d, i, 0))
			continue;
		ride_lead(&d->plan, i);
		return;
	}
}
