/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/route_caps.h"

#include <string.h>

#include "base/str.h"

bool route_has_account(const struct relay_route *r)
{
	return r && !r->mx && r->user && *r->user;
}

/* An address of the provider's own domains is a private person's: less is taken of it. */
static bool is_personal(const struct provider *p, const char *user)
{
	const char *at = strrchr(user, '@');
	return at && provider_by_domain(at + 1) == p;
}

/* Where the route says something of the kind, that holds in the provider's place. */
static void add_provider(const struct relay_route *r, const struct provider *p, struct caps *out)
{
	const struct provider_limits *l = &p->limits;
	unsigned day = l->personal_per_day && is_personal(p, r->user) ? l->personal_per_day : l->per_day;
	if (!r->rate && !r->caps.minute)
		caps_add_rate(out, l->per_minute, CAPS_MINUTE_MS, CAPS_PROVIDER);
	if (!r->caps.hour)
		caps_add(out, l->per_hour, CAPS_RECIPIENTS, CAPS_HOUR_MS, CAPS_PROVIDER);
	if (!r->caps.day)
		caps_add(out, day, CAPS_RECIPIENTS, CAPS_DAY_MS, CAPS_PROVIDER);
	if (!r->caps.recipients)
		out->recipients = l->recipients;
	if (!out->connections)
		out->connections = l->connections;
}

void route_caps(const struct relay_route *r, bool proven, struct caps *out)
{
	const struct provider *p = r->provider;
	*out = (struct caps){ .connections = r->connections };
	if (!r->mx) /* to MX hosts each destination has its own rate */
		caps_add_rate(out, r->rate, r->rate_s * 1000LL, CAPS_CONFIGURED);
	caps_add_told(out, &r->caps, CAPS_CONFIGURED);
	if (p)
		add_provider(r, p, out);
	if (route_has_account(r) && !proven && !r->proven && !r->caps.day)
		caps_add(out, CAPS_UNPROVEN_DAY, CAPS_RECIPIENTS, CAPS_DAY_MS, CAPS_UNPROVEN);
}

void account_caps(const struct relay_account *a, struct caps *out)
{
	*out = (struct caps){ 0 };
	caps_add_told(out, &a->caps, CAPS_CONFIGURED);
	if (!a->hold_over_cap)
		return;
	caps_add(out, (unsigned)a->daily_cap, CAPS_RECIPIENTS, CAPS_DAY_MS, CAPS_CONFIGURED);
	caps_add(out, a->rate, CAPS_RECIPIENTS, a->rate_s * 1000LL, CAPS_CONFIGURED);
}

const char *caps_reason(const struct caps_limit *x, const struct relay_route *r, const char *whose,
			struct arena *a)
{
	const struct provider *p = r ? r->provider : NULL;
	const char *limit = caps_limit_text(x, a);
	if (x->source == CAPS_PROVIDER && p)
		return arena_printf(a, "%s takes %s (%s, as of %s)", p->title, limit, p->limits.source,
				    p->limits.as_of);
	if (x->source == CAPS_UNPROVEN)
		return arena_printf(a,
				    "%s until the account of %s has handed over mail on three days "
				    "(daily-cap or proven = true in its route change that)",
				    limit, whose);
	return arena_printf(a, "the configuration allows %s (%s)", limit, whose);
}

bool caps_outlast(struct str finding, struct str why)
{
	return str_eq(finding, CAPS_OUTLAST_FINDING) && caps_wrote(why);
}

bool caps_wrote(struct str why)
{
	return str_istarts(why, "the configuration allows ") ||
	       str_ifind(why, " until the account of ") < why.len ||
	       (str_ifind(why, " takes ") < why.len && str_ifind(why, ", as of ") < why.len);
}
