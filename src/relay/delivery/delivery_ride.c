/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that was made for one domain carries the mail of the next. */
#include "relay/delivery/delivery_tls.h"

/* What one domain's records or policy were satisfied with says nothing to another's. */
static bool proves(struct delivery *d)
{
	const char *finding = "";
	return !delivery_judge_peer(d, ride_need(d->route, d->plan.v[d->target].need), &finding);
}

static bool rides(struct delivery *d)
{
	enum ride r = ride_ask(&d->line, d->route, &d->plan, &d->target);
	if (r > RIDE_PROVE)
		return false;
	d->host = d->line.host;
	d->address = d->line.address;
	d->tls = d->line_tls;
	d->proof = d->line.encrypted ? STORE_UNPROVEN : STORE_PROOF_UNKNOWN;
	return r == RIDE || proves(d);
}

void delivery_forget_host(struct delivery *d)
{
	d->host = d->address = d->tls = "";
	d->proof = STORE_PROOF_UNKNOWN;
}

bool delivery_ride(struct delivery *d)
{
	if (rides(d)) {
		ride_lead(&d->plan, d->target);
		d->target = 0;
		delivery_learn_limits(d);
		return true;
	}
	delivery_close(d, true);
	d->target = 0;
	delivery_forget_host(d);
	return false;
}
