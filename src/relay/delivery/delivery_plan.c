/* SPDX-License-Identifier: Apache-2.0 */
/* Where a lane's mail goes: its plan, and with whom it shares its hosts from then on. */
#include <string.h>
#include <strings.h>

#include "relay/delivery/delivery.h"
#include "relay/delivery/delivery_tls.h"

/* The plan's hosts, each once, in the order of their names. */
static size_t hosts_of(const struct delivery *d, const char *v[MX_ADDRESSES_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < d->plan.n; i++) {
		size_t at = n;
		while (at && strcasecmp(v[at - 1], d->plan.v[i].host) > 0)
			at--;
		if (at && !strcasecmp(v[at - 1], d->plan.v[i].host))
			continue;
		memmove(&v[at + 1], &v[at], (n - at) * sizeof(v[0]));
		v[at] = d->plan.v[i].host;
		n++;
	}
	return n;
}

static void join_group(struct delivery *d)
{
	const char *v[MX_ADDRESSES_MAX];
	size_t n = hosts_of(d, v);
	d->of_provider = lane_provider(d->route, v, n);
	lane_join(d->lanes, d->lane,
		  d->route->mx ? lane_group_name(d->route, v, n, d->site) : d->route->name);
	lane_seat_settle(d->lanes, d);
}

void delivery_plan(struct delivery *d)
{
	arena_free(&d->site);
	d->site = arena_new();
	d->target = 0;
	const char *name = d->route->mx ? arena_str(d->site, lane_domain(d->route, d->lane->named.name)).p
					: d->route->smarthost;
	const struct mx_ask ask = {
		.name = name, .host_only = !d->route->mx, .port = delivery_port(d), .waived = d->waived
	};
	mx_find(d->relay, d->lanes->mx, &ask, d->site, &d->plan);
	d->planned = true;
	if (d->plan.result == MX_READY)
		join_group(d);
}

const struct failure *delivery_no_way(struct delivery *d)
{
	bool for_good = d->route->mx && (d->plan.result == MX_NO_DOMAIN || d->plan.result == MX_NO_MAIL ||
					 d->plan.result == MX_NO_ADDRESS || d->plan.result == MX_LOOP);
	d->failure = (struct failure){
		.seen = { .at = TROUBLE_DNS,
			  .smarthost = !d->route->mx,
			  .text = STR_LIT(""),
			  .no_such_domain = for_good },
		.finding = d->route->mx || d->plan.result == MX_TROUBLE ? d->plan.finding
									: "server-name-not-found",
		.why = d->plan.why,
		.host = "",
		.address = "",
	};
	d->failure.judged = trouble_judge(&d->failure.seen);
	return &d->failure;
}

void delivery_choose_plan(struct delivery *d, const struct job *j)
{
	bool waives = delivery_waives_tls(d->route, j->message.flags);
	bool fits = d->waived ? waives : !waives || d->session;
	if (d->planned && !fits) {
		delivery_close(d, true);
		delivery_forget_host(d);
		d->planned = false;
		d->target = 0;
	}
	if (!d->planned)
		d->waived = waives;
}
