/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one session: a message, the next one, and when there is none for a while, goodbye. */
#include "relay/delivery/delivery.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t now_of(const struct delivery *d)
{
	return net_loop_now_ms(d->relay->loop);
}

static bool has_its_turn(const struct delivery *d)
{
	return d->sent < LANE_TURN || !lane_group_is_wanted(d->lane);
}

/* A login for each mail is more than a server likes: where the next one's turn comes soon, until then. */
static uint64_t linger_ms(const struct delivery *d)
{
	int64_t slot = lane_slot_ms(d->lane) - relay_now_ms();
	bool soon = slot > 0 && slot < LANE_OPEN_MS;
	return LANE_LINGER_MS + (soon ? (uint64_t)slot : 0);
}

/* Who waits for its hosts would have called it, or waits for the next slot of their rate, or of the route's:
 * that one is worth waiting for. */
static bool may_linger(const struct delivery *d)
{
	bool slot = lane_slot(d->route) || d->lane->slot_ms > relay_now_ms();
	return d->lanes->nsessions < LANES_SESSIONS_MAX && (slot || !lane_group_is_wanted(d->lane));
}

/* Waits with the connection open for more to do.  False: none came, or the server left. */
static bool linger(struct delivery *d)
{
	if (!may_linger(d))
		return false;
	d->called = false;
	delivery_begin_idle(d);
	lane_group_idle(d->lanes, d->lane); /* where no more sessions may be, this one is who can go on */
	enum session_event ev = session_listen(d->session, now_of(d) + linger_ms(d));
	delivery_log(d);
	if (d->listening)
		delivery_leave_idle(d);
	if (ev != SESSION_IDLE)
		delivery_close(d, false);
	return d->called;
}

/* This connection's next work: of its own lane, or of the one whose turn it is at its hosts. */
static bool goes_on(struct delivery *d)
{
	return d->session && delivery_may_go_on(d) && (lanes_hand_on(d->lanes, d) || linger(d));
}

static void work(struct delivery *d)
{
	do {
		struct job *j;
		while (delivery_may_go_on(d) && has_its_turn(d) && (j = job_take(d))) {
			arena_free(&d->scratch);
			d->scratch = arena_new();
			company_heard(&d->relay->deliveries, &d->heard, now_of(d));
			delivery_attempt(d, j);
			job_end(&j);
		}
		if (!d->sent)
			lane_group_unspent(d->lane, &d->turn);
		delivery_has_claimed(d);
		delivery_has_bid(d);
	} while (goes_on(d));
}

static void run(void *ctx)
{
	struct delivery *d = ctx;
	struct lanes *l = d->lanes;
	struct arena *a = d->arena; /* d is in it */
	work(d);
	delivery_close(d, true);
	arena_free(&d->scratch);
	arena_free(&d->site);
	delivery_delist(l, d);
	company_left(&l->relay->deliveries, d->heard);
	lane_session_over(l, d);
	relay_settings_drop(&d->settings);
	arena_free(&a);
}

void delivery_start(struct lanes *l, struct lane *x)
{
	struct arena *a = arena_new();
	struct delivery *d = arena_alloc(a, sizeof(*d));
	*d = (struct delivery){
		.lanes = l,
		.lane = x,
		.relay = l->relay,
		.settings = relay_settings_hold(l->relay->settings),
		.route = lane_route(l->relay->settings, x->named.name), /* of the same settings */
		.arena = a,
		.known_fails = x->fails,
		.begun_ms = net_loop_now_ms(l->relay->loop),
		.host = "",
		.address = "",
		.tls = "",
		.line_tls = "",
	};
	snprintf(d->name, sizeof(d->name), "d%llu", ++l->number);
	delivery_enlist(l, d);
	net_fiber_start(l->relay->loop, run, d);
}
