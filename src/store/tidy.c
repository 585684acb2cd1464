/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* Keeping house, on the indexer's thread.
 *
 * Segments go in the order they were made, so that what is left always tells every live message
 * whole: its acceptance and all that became of it since. */

#define HOUR_MS (INT64_C(3600) * 1000)

/* The time by which things are forgotten.  It follows the clock by an hour at a time and never goes back,
 * so that a clock that jumps ahead for a while costs hours of memory, not all of it. */
static int64_t house_time(struct embedded *s)
{
	int64_t now = time_now(s), house = __atomic_load_n(&s->house_ms, __ATOMIC_RELAXED);
	int64_t next = now < house + HOUR_MS ? now : house + HOUR_MS;
	if (next > house)
		__atomic_store_n(&s->house_ms, house = next, __ATOMIC_RELAXED);
	return house;
}

void house_begin(struct embedded *s)
{
	uint64_t seq;
	int64_t arrived;
	bool any = index_newest(s->index, &seq, &arrived);
	s->house_ms = any && arrived < s->o.now_ms ? arrived : s->o.now_ms;
}

static void forget(struct embedded *s, int64_t now)
{
	struct err e = { 0 };
	bool more = true;
	while (more)
		if (index_prune(s->index, now - s->o.trail_keep_ms, now, &more, &e) != INDEX_FINE) {
			trouble_report(s, &e);
			return;
		}
}

/* True when the first segment can go: nobody needs it, the index has read it for good, its time is over. */
static bool first_is_free(struct embedded *s, int64_t now, bool tight)
{
	pthread_mutex_lock(&s->segments.lock);
	const struct segment *g = s->segments.n > 1 ? s->segments.v[0] : NULL;
	bool free_now = g && g != s->segments.current && !g->live && !g->pins && !g->writing &&
			g->no < s->full.segment && (tight || body_age_over(s, now));
	pthread_mutex_unlock(&s->segments.lock);
	return free_now;
}

static void drop_segments(struct embedded *s, int64_t now)
{
	struct err e = { 0 };
	if (index_durable(s->index, &e) != INDEX_FINE) {
		trouble_report(s, &e);
		return;
	}
	s->full = s->indexed;
	while (first_is_free(s, now, is_tight(s)))
		if (!segments_drop_first(&s->segments, &e)) {
			trouble_report(s, &e);
			return;
		}
}

void tidy_run(struct embedded *s)
{
	int64_t now = time_now(s);
	forget(s, house_time(s));
	drop_segments(s, now);
	compact(s, now);
}
