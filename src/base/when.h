/* SPDX-License-Identifier: Apache-2.0 */
/* base/when.h - a point in time as people type it: --since yesterday, --until 2026-11-20T14:30Z.
 *
 *   when = rfc3339 | date [ ("T" | " ") clock ] | clock | span [ "ago" ] | "now" | "today" | "yesterday"
 *   date = YYYY-MM-DD    clock = HH:MM [ ":" SS ]    span = number ("s" | "m" | "h" | "d" | "w")
 *
 * What names a day or a clock without a zone is read in the zone given.  Pure:
 * the clock is the caller's. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/str.h"

struct when_base {
	long long now_s;
	long long zone_s; /* seconds east of UTC */
	bool end;         /* a whole day means its end: --until 2026-11-20 includes that day */
};

bool when_read(struct str s, const struct when_base *base, long long *unix_s) MUST_USE;

/* "+01:00", "-0530", "utc", "z" -> seconds east of UTC. */
bool when_zone_read(struct str s, long long *zone_s) MUST_USE;

#endif
