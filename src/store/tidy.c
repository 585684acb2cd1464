/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* Keeping house, on the indexer's thread.
 *
 * Segments go in the order they were made, so that what is left always tells every live message
 * whole: its acceptance and all that became of it since. */

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
			g->no < s->full.segment &&
			(tight || now - s->segments.v[1]->made_ms >= s->o.body_keep_ms);
	pthread_mutex_unlock(&s->segments.lock);
	return free_now;
}

bool is_tight(struct embedded *s)
{
	if (!s->o.budget_bytes)
		return false;
	uint64_t used = segments_bytes(&s->segments) + __atomic_load_n(&s->index_used, __ATOMIC_RELAXED);
	return used > s->o.budget_bytes / 4 * 3;
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
	forget(s, now);
	drop_segments(s, now);
	compact(s, now);
}
