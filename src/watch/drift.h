/* SPDX-License-Identifier: Apache-2.0 */
/* watch/drift.h - did a DNS record change, or do its servers only take turns?
 *
 * Pure.  A large provider answers with other addresses each minute: an address record has changed
 * when none of its addresses was seen within DRIFT_RECENT_MS. */
#ifndef WATCH_DRIFT_H
#define WATCH_DRIFT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define DRIFT_RECENT_MS (INT64_C(7) * 86400 * 1000)
enum { DRIFT_ADDRESSES_MAX = 200 /* remembered of one record */ };

struct drift {
	bool changed;
	const char *recent; /* the memory from now on: "TIME ADDRESS" a line, in a */
};

/* before: what was kept (NULL: nothing; then nothing has changed).  recent: the memory so far. */
struct drift drift_of(const char *before, const char *recent, const char *now, bool address, int64_t now_ms,
		      struct arena *a);

#endif
