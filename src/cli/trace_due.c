/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_due.h"

#include "show/trail_events.h"

/* The event that tells of its next try; NULL: nothing is tried by itself. */
static struct store_event *waiting(struct store_trail *t, uint32_t rcpt)
{
	const struct store_event *last = trail_last(t, rcpt);
	enum store_state s = rcpt < t->message.nrcpts ? t->message.rcpts[rcpt].state : STORE_NO_STATE;
	bool waits = (s == STORE_DELAYED || s == STORE_IN_DOUBT) && last && last->rcpt == rcpt;
	return waits && last->next_ms && last->next_ms != STORE_NEVER ? &t->events[last - t->events] : NULL;
}

void trace_due(struct queue_hand *h, struct store_trail *t, const uint32_t *only, size_t n)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < n; i++) {
		uint32_t rcpt = only ? only[i] : (uint32_t)i;
		struct store_event *v = waiting(t, rcpt);
		struct lane_view lane;
		if (!v)
			continue;
		if (queue_hand_lane(h, t->message.rcpts[rcpt].lane, a, &lane) && lane.next_ms > v->next_ms)
			v->next_ms = t->message.rcpts[rcpt].next_ms = lane.next_ms;
	}
}
