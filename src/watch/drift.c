/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/drift.h"

static const char *add_line(struct arena *a, const char *text, int64_t at_ms, struct str address)
{
	return arena_printf(a, "%s%lld " STR_FMT "\n", text, (long long)at_ms, STR_ARG(address));
}

static struct drift addresses(const char *recent, const char *now, int64_t now_ms, struct arena *a)
{
	struct drift d = { .recent = "" };
	struct str rest = str_of(now), line;
	bool known = false, any = false, remembered = false;
	size_t n = 0;
	while (str_next(&rest, "\n", &line) && n++ < DRIFT_ADDRESSES_MAX) {
		d.recent = add_line(a, d.recent, now_ms, line);
		any = true;
	}
	rest = str_of(recent);
	while (str_next(&rest, "\n", &line) && n < DRIFT_ADDRESSES_MAX) {
		struct str word;
		unsigned long at;
		if (!str_next(&line, " ", &word) || !str_number(word, INT64_MAX / 2, &at) ||
		    !str_next(&line, " ", &word) || (int64_t)at + DRIFT_RECENT_MS < now_ms)
			continue;
		remembered = true;
		if (str_lists(str_of(now), "\n", word)) {
			known = true;
			continue;
		}
		d.recent = add_line(a, d.recent, (int64_t)at, word);
		n++;
	}
	d.changed = remembered && !known && any;
	return d;
}

struct drift drift_of(const char *before, const char *recent, const char *now, bool address, int64_t now_ms,
		      struct arena *a)
{
	struct drift d = { .recent = "" };
	if (address && *now)
		d = addresses(recent, now, now_ms, a);
	/* It went away, came, or is of a kind that does not take turns. */
	if (before && (!address || !*now || !*before))
		d.changed = !z_eq(before, now);
	d.changed = d.changed && before;
	return d;
}
