/* SPDX-License-Identifier: Apache-2.0 */
/* What is held for a limit: by which, and whether letting it go would help. */
#include "relay/lane/lanes_inner.h"

bool lane_limit_wrote(const struct store_event *v)
{
	return (v->state == STORE_HELD || v->state == STORE_IN_DOUBT) && caps_wrote(v->why);
}

static bool held_by_limit(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i; i--)
		if (t->events[i - 1].rcpt == rcpt)
			return lane_limit_wrote(&t->events[i - 1]);
	return false;
}

bool lanes_held_by_limit(struct lanes *l, struct store_id id, uint32_t rcpt)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	return store_trail(l->relay->store, id, a, &t, &e) == 1 && held_by_limit(&t, rcpt);
}

const char *lanes_hold_reason(struct lanes *l, struct str lane, struct str account, struct arena *a,
			      int64_t *at_ms)
{
	struct lane_caps c;
	int64_t now = relay_now_ms();
	lane_caps_of_mail(l, lane, account, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	*at_ms = w.at_ms;
	return w.at_ms > now + LANE_HOLD_MS ? lane_caps_reason(&c, &w, a) : "";
}
