/* SPDX-License-Identifier: Apache-2.0 */
/* A look at one lane: whether its next message may go now, and who takes it. */
#include <stdlib.h>

#include "relay/delivery/delivery.h"
#include "relay/lane/lanes_inner.h"

static struct str name_of(const struct lane *x)
{
	return (struct str){ x->named.name, x->named.len };
}

/* What would be forgotten with it: others may keep the rate that its hosts share. */
static int64_t kept_ms(const struct lane *x)
{
	int64_t slot = x->group->named.users > 1 ? x->slot_ms : lane_slot_ms(x);
	return x->pause_ms > slot ? x->pause_ms : slot;
}

static void drop(struct lanes *l, struct lane *x)
{
	lane_due(l, x, STORE_NEVER);
	lane_seat_pass(l, x);
	lane_leave_group(l, x);
	if (!names_leave(&l->names, &x->named))
		return;
	lane_forget_word(x);
	names_free(&x->named);
}

/* Who can do its work over a connection that stands: its own session, one that is at the end of its turn, or
 * one that waits for work of other lanes.  NULL: nobody. */
static struct delivery *at_hand(struct lanes *l, struct lane *x)
{
	if (x->idle)
		return x->idle;
	if (l->spare && l->spare->lane->group == x->group && delivery_may_suit(l->spare, x))
		return l->spare;
	return delivery_idle_beside(l, x, NULL);
}

/* What is due goes to the next route: nobody is asked anything. */
static bool leaves_only(const struct lane *x)
{
	return x->detour && x->pause_ms > relay_now_ms();
}

/* Gives the lane's work to a session at hand, or to a new one.  False: it has as many as it may. */
static bool take_on(struct lanes *l, struct lane *x)
{
	struct delivery *hand = at_hand(l, x);
	if (!hand && l->nsessions >= LANES_SESSIONS_MAX) {
		lane_due(l, x, relay_now_ms()); /* its turn comes when one ends */
		x->wants_seat = true;
		return false;
	}
	unsigned own = x->sessions - (hand && hand->lane == x);
	if (!x->idle && own >= lane_sessions_max(l, x)) {
		lane_group_full(l, x);
		return false;
	}
	if (!hand && !lane_lack_room(l, x))
		return false;
	if (!hand && !leaves_only(x) && !lane_seat_room(l, x)) {
		lane_group_pass(l, x); /* who stands there for a seat keeps no turn from the others */
		return false;
	}
	if (!lane_group_room(l, x, hand))
		return false;
	if (hand == l->spare)
		l->spare = NULL;
	if (hand)
		delivery_turn(hand, x);
	else
		l->begin(l, x);
	lane_seat_pass(l, x); /* for the next one it stands behind the others */
	lane_group_pass(l, x);
	return true;
}

/* Until its caps let it go, it waits: in line with the others of its hosts where the limit is that of them
 * all. What waits long is held instead: a session does that, without connecting.  False: it may go. */
static bool waits_for_caps(struct lanes *l, struct lane *x, int64_t now)
{
	struct lane_caps c;
	lane_caps_of(l, l->relay->settings, x, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	int64_t caps = w.at_ms > now + LANE_HOLD_MS ? now : w.at_ms,
		at = x->slot_ms > caps ? x->slot_ms : caps;
	if (at <= now)
		return false;
	if (lane_wait_is_shared(&c, &w, now))
		lane_group_stay(l, x);
	else
		lane_group_pass(l, x);
	lane_due(l, x, at);
	return true;
}

/* False: it is gone. */
static bool look(struct lanes *l, struct lane *x)
{
	size_t ready;
	int64_t now = relay_now_ms(), at = store_lane_next(l->relay->store, name_of(x), &ready);
	lane_due(l, x, STORE_NEVER);
	if (l->draining)
		return true;
	if (at == STORE_NEVER) {
		lane_group_pass(l, x);
		if (!x->sessions && kept_ms(x) <= now) {
			drop(l, x);
			return false;
		}
		if (!x->sessions)
			lane_due(l, x, kept_ms(x));
		return true;
	}
	if (at <= now && leaves_only(x) && !x->sessions) {
		(void)take_on(l, x);
		return true;
	}
	at = at > x->pause_ms ? at : x->pause_ms;
	if (at > now) {
		lane_group_pass(l, x);
		lane_due(l, x, at);
		return true;
	}
	if (waits_for_caps(l, x, now))
		return true;
	while (ready > x->takers && take_on(l, x))
		continue;
	if (ready <= x->takers)
		lane_group_pass(l, x);
	return true;
}

void lane_look(struct lanes *l, struct lane *x)
{
	x->wants_seat = false;
	if (look(l, x) && !x->wants_seat)
		lane_seat_pass(l, x);
}

/* Each is looked at once: who cannot go on now stays first, or waits no more.  Its own lane comes last, and
 * only where something was sent, so that none is looked at for ever. */
bool lanes_hand_on(struct lanes *l, struct delivery *d)
{
	if (l->nsessions >= LANES_SESSIONS_MAX)
		return false;
	struct lane_group *g = d->lane->group; /* as long as its lane is in it */
	struct lane *before = NULL, *x;
	l->spare = d;
	while (l->spare && (x = lane_group_next(g)) && x != before) {
		before = x;
		lane_look(l, x);
	}
	if (l->spare && d->sent)
		lane_look(l, d->lane);
	bool taken = !l->spare;
	l->spare = NULL;
	lanes_set_timer(l);
	return taken;
}
