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

enum sts_word {
	STS_NONE,     /* no policy, or none that binds: "testing" is not enforced */
	STS_ENFORCED, /* as .policy says */
	STS_UNTOLD    /* there may be one: it could not be had, for a reason that may pass */
};

struct sts {
	enum sts_word word;
	struct mta_sts_policy policy;
	const char *why; /* of STS_UNTOLD, and who can mend it; else "" */
	int lack;        /* of STS_UNTOLD; errno: this machine had no socket to fetch it with; 0 it had */
};

/* Texts go to a. */
void sts_find(struct relay *r, struct sts_cache *c, struct dns *dns, const char *domain, uint64_t until_ms,
	      struct arena *a, struct sts *out);

#endif
