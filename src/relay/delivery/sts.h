/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/sts.h - MTA-STS policies of recipients' domains (RFC 8461): found, fetched, remembered.
 *
 * A policy counts for its max_age, also when its record or its web host is gone meanwhile: that is
 * what it is for (relay/delivery/sts_cache.h).  Called in a fiber. */
#ifndef RELAY_STS_H
#define RELAY_STS_H

#include "mail/mta_sts.h"
#include "net/dns.h"
#include "relay/relay_inner.h"
#include "relay/delivery/sts_cache.h"

enum { STS_FETCH_MS = 10000 };

/* True when the domain has a policy that is to be enforced; it lives in a.  "testing" is not enforced. */
bool sts_find(struct relay *r, struct sts_cache *c, struct dns *dns, const char *domain, uint64_t until_ms,
	      struct arena *a, struct mta_sts_policy *out);

#endif
