/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/sts_cache.h - MTA-STS policies for as long as they count (RFC 8461, 3.2), also over
 * restarts.
 *
 * A file of lines, one a policy, the last of a domain counts.  It is a memory, not a record: what cannot be
 * written is remembered until the relay ends, what cannot be read is fetched again. */
#ifndef RELAY_STS_CACHE_H
#define RELAY_STS_CACHE_H

#include <stdint.h>

#include "base/arena.h"
#include "mail/mta_sts.h"

enum {
	STS_CACHE_MAX = 10000,    /* domains */
	STS_AGAIN_MS = 5 * 60000, /* between two vain tries to fetch one that is known (RFC 8461, 3.3) */
};

struct sts_cache;

/* path: made when missing, NULL: none is kept. */
struct sts_cache *sts_cache_new(const char *path, int64_t now_ms) MUST_USE;
void sts_cache_free(struct sts_cache **c);

/* The domain's policy, copied into a, and in *id its record's; false: none that still counts. */
bool sts_cache_get(const struct sts_cache *c, const char *domain, int64_t now_ms, struct arena *a,
		   struct mta_sts_policy *out, const char **id);
/* Whether it is to be fetched now, where the record names that id: it is not known, it has changed, or half
 * of its time is over (an attacker who can keep us from it must not wait for its end: RFC 8461, 10.2). */
bool sts_cache_wants(struct sts_cache *c, const char *domain, const char *id, int64_t now_ms);
void sts_cache_put(struct sts_cache *c, const char *domain, const char *id, const struct mta_sts_policy *p,
		   int64_t now_ms);

#endif
