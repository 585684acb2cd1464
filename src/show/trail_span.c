/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths of time as people say them. */
#include "show/trail_words.h"

const char *trail_length(struct arena *a, int64_t ms)
{
	static const struct {
		const char *one;
		int64_t ms;
	} units[] = { { "day", 86400000 }, { "hour", 3600000 }, { "minute", 60000 }, { "second", 1000 } };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		long long n = (ms + units[i].ms / 2) / units[i].ms;
		if (ms >= units[i].ms)
			return arena_printf(a, "%lld %s%s", n, units[i].one, n == 1 ? "" : "s");
	}
	return "a moment";
}

const char *trail_span(struct arena *a, int64_t from_ms, int64_t to_ms)
{
	if (to_ms - from_ms < 1000 && from_ms - to_ms < 1000)
		return "now";
	return to_ms > from_ms ? arena_printf(a, "in %s", trail_length(a, to_ms - from_ms))
			       : arena_printf(a, "%s ago", trail_length(a, from_ms - to_ms));
}
