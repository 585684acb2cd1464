/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/route_caps.h - which limits hold for a route: its own settings, else what is known of its
 * provider. Pure. */
#ifndef RELAY_ROUTE_CAPS_H
#define RELAY_ROUTE_CAPS_H

#include "relay/settings.h"

/* proven: the account has handed over enough before (relay/lane/ramp).  Also for a dry run. */
void route_caps(const struct relay_route *r, bool proven, struct caps *out);
/* A smarthost's account, which comes back slowly after a failure. */
bool route_has_account(const struct relay_route *r);
/* What holds of an account of ours when its mail leaves. */
void account_caps(const struct relay_account *a, struct caps *out);

/* The whole reason, for trail and person: "Microsoft 365 takes 30 messages a minute (learn.microsoft.com,
 * as of 2026-05)", "the configuration allows 100 recipients a day (route m365)". */
const char *caps_reason(const struct caps_limit *x, const struct relay_route *r, const char *whose,
			struct arena *a);
/* True of a trail's `why` that caps_reason wrote. */
bool caps_wrote(struct str why);

/* Of what a cap holds until its time is over: nothing lets it go before that but another cap. */
#define CAPS_OUTLAST_FINDING "rs-cap-past-expire"
/* True of one that waits for its end so, and not for a person's time. */
bool caps_outlast(struct str finding, struct str why);

#endif
