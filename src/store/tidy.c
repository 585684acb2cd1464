/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/ahead.h"
#include "store/embedded_inner.h"
#include "store/spare.h"

/* Keeping house, on the indexer's thread.
 *
 * Segments go in the order they were made, so that what is left always tells every live message
 * whole: its acceptance and all that became of it since. */

enum { DROP_TOGETHER = 2 }; /* segments: the index is synced before they go */

#define HOUR_MS   (INT64_C(3600) * 1000)
#define UNREAD_MS (30 * 24 * HOUR_MS) /* longer what the disk did not give stays, at most */

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

/* *unread: the disk never gave all of it, so mail that was answered may be gone with it. */
static uint32_t oldest(struct embedded *s, bool *unread)
{
	pthread_mutex_lock(&s->segments.lock);
	uint32_t no = s->segments.n ? s->segments.v[0]->no : 0;
	*unread = no && s->segments.v[0]->unread;
	pthread_mutex_unlock(&s->segments.lock);
	return no;
}

/* How many segments at the front can go: nobody needs them, their time is over, and the index has read them
 * up to that place.  What the disk did not give may be mail: it stays a while, as long as there is room, for
 * all behind it stays with it. */
static size_t free_at_front(struct embedded *s, int64_t now, const struct live_place *read)
{
	size_t n = 0;
	bool unread, tight = is_tight(s);
	(void)oldest(s, &unread);
	bool dear = unread && (room_is_dear(s, 0) || room_is_low(s)); /* asked behind each batch: rarely */
	pthread_mutex_lock(&s->segments.lock);
	for (; n + 1 < s->segments.n; n++) {
		const struct segment *g = s->segments.v[n];
		if (g == s->segments.current || g->live || g->pins || g->writing || g->no >= read->segment ||
		    !(tight || body_age_over(s, n, now, g->unread && !dear ? UNREAD_MS : 0)))
			break;
	}
	pthread_mutex_unlock(&s->segments.lock);
	return n;
}

static bool drop_oldest(struct embedded *s, struct err *e)
{
	char what[80];
	bool unread;
	uint32_t no = oldest(s, &unread);
	if (!segments_drop_first(&s->segments, e))
		return false;
	snprintf(what, sizeof(what), "segment %u", no);
	if (unread && segments_dropped(&s->segments, no))
		trouble_text(s, "keep bodies", what,
			     "the disk did not give a part of it, and now it had to go, for room or by its "
			     "age: mail that stood there and nowhere else is lost");
	return true;
}

static void drop_segments(struct embedded *s, int64_t now, size_t most)
{
	struct err e = { 0 };
	if (index_durable(s->index, &e) != INDEX_FINE) {
		trouble_report(s, &e);
		return;
	}
	s->full = s->indexed;
	size_t n = free_at_front(s, now, &s->full);
	for (n = n < most ? n : most; n; n--)
		if (!drop_oldest(s, &e)) {
			trouble_report(s, &e);
			return;
		}
}

/* Under load a segment is soon over: it is needed again before the next minute. */
void tidy_between(struct embedded *s)
{
	int64_t now = time_now(s);
	if (free_at_front(s, now, &s->indexed) >= DROP_TOGETHER)
		drop_segments(s, now, SPARES_MOST);
	if (!room_is_dear(s, s->segments.making ? 0 : s->segments.plan))
		ahead_prepare(&s->segments);
}

void tidy_run(struct embedded *s)
{
	int64_t now = time_now(s);
	int64_t house = house_time(s);
	forget(s, house);
	suppressed_forget(s->suppressed, house - s->o.trail_keep_ms);
	drop_segments(s, now, SIZE_MAX);
	spares_grow_old(&s->segments);
	if (room_is_dear(s, 0)) {
		spares_release(&s->segments);
		ahead_release(&s->segments);
	}
	compact(s, now);
}
