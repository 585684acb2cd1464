/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients whose routes have changed since they were taken, or that have none. */
#include <string.h>

#include "relay/delivery/delivery.h"
#include "relay/doubt.h"
#include "relay/own_route.h"

/* A later configuration may have one; until then it gets older like all others. */
static void no_route(struct delivery *d, struct job *j, struct job_rcpt *r)
{
	static const struct failure nothing = { .finding = "" };
	bool doubt = r->claim.state == STORE_IN_DOUBT;
	struct store_mark *m = job_mark(d, j, r, STORE_DELAYED);
	job_delay(d, j, r, &nothing, m);
	if (m->state == STORE_DELAYED && doubt)
		m->state = STORE_IN_DOUBT;
	m->tries = r->claim.tries;
	m->why = str_of("no route of the configuration carries it");
}

/* Why a doubt does not go elsewhere: as at a start, a person decides.  What waits without any route has had
 * his word already. */
static const char *stays(const struct delivery *d, const struct job *j)
{
	const char *lane = d->lane->named.name;
	return strcmp(lane, LANE_NONE) ? doubt_kept_why(d->settings, j->message.account, lane, j->arena)
				       : NULL;
}

static void elsewhere(struct delivery *d, struct job *j, struct job_rcpt *r, const char *lane)
{
	bool doubt = r->claim.state == STORE_IN_DOUBT;
	const char *kept = doubt ? stays(d, j) : NULL;
	struct store_mark *m = job_mark(d, j, r, doubt ? STORE_IN_DOUBT : STORE_QUEUED);
	m->tries = r->claim.tries;
	if (kept) {
		m->why = str_of(kept);
		return;
	}
	m->lane = str_of(lane);
	m->next_ms = relay_now_ms();
	m->why = str_of(OWN_ROUTE_CHANGED);
}

/* Routes may have changed since it was taken: it goes where it would go today. */
void job_leave(struct delivery *d, struct job *j)
{
	const struct relay_sender sender = { j->message.reverse_path, j->message.account };
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		const char *lane = lane_today(d->settings, str_of(d->lane->named.name), sender,
					      r->rcpt->address, j->arena);
		bool here = !strcmp(lane, d->lane->named.name);
		if (here && d->route)
			continue;
		if (here)
			no_route(d, j, r);
		else
			elsewhere(d, j, r, lane);
	}
}
