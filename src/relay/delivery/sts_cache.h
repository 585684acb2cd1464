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

enum { STS_CACHE_MAX = 10000 /* domains */ };

struct sts_cache;

/* path: made when missing, NULL: none is kept. */
struct sts_cache *sts_cache_new(const char *path, int64_t now_ms) MUST_USE;
void sts_cache_free(struct sts_cache **c);

/* The domain's policy, copied into a, and in *id its record's; false: none that still counts. */
bool sts_cache_get(const struct sts_cache *c, const char *domain, int64_t now_ms, struct arena *a,
		   struct mta_sts_policy *out, const char **id);
void sts_cache_put(struct sts_cache *c, const char *domain, const char *id, const struct mta_sts_policy *p,
		   int64_t now_ms);

#endif
