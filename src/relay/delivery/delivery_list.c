/* SPDX-License-Identifier: Apache-2.0 */
/* The lists in which a session stands, and how it is called when it waits there. */
#include "relay/delivery/delivery.h"

void delivery_begin_idle(struct delivery *d)
{
	d->listening = true;
	d->next_idle = d->lane->idle;
	d->lane->idle = d;
}

void delivery_leave_idle(struct delivery *d)
{
	d->listening = false;
	for (struct delivery **p = &d->lane->idle; *p; p = &(*p)->next_idle) {
		if (*p != d)
			continue;
		*p = d->next_idle;
		return;
	}
}

static void begin_taking(struct delivery *d)
{
	d->lane->takers++;
	d->taker = d->bidder = true;
	d->turn = d->lane->turn; /* nobody else's */
	d->lane->turn = (struct lane_turn){ 0 };
	d->sent = 0;
	d->lane->bidders++;
	d->lane->group->bidders++;
}

void delivery_enlist(struct lanes *l, struct delivery *d)
{
	d->next = l->sessions;
	if (d->next)
		d->next->prev = d;
	l->sessions = d;
	l->nsessions++;
	d->lane->sessions++;
	d->lane->group->sessions++;
	d->seat = lane_seat(l, d->lane);
	seats_take(&l->seats, d->seat);
	begin_taking(d);
}

void delivery_delist(struct lanes *l, struct delivery *d)
{
	if (d->prev)
		d->prev->next = d->next;
	else
		l->sessions = d->next;
	if (d->next)
		d->next->prev = d->prev;
}

/* Nothing is said of the next domain's server before its hosts are known. */
static void change_lane(struct delivery *d, struct lane *x)
{
	lane_due(d->lanes, d->lane, relay_now_ms());
	d->lane->sessions--;
	d->lane = x;
	x->sessions++;
	d->known_fails = x->fails;
	d->planned = false;
	delivery_forget_host(d);
}

void delivery_turn(struct delivery *d, struct lane *x)
{
	bool idle = d->listening;
	if (idle)
		delivery_leave_idle(d);
	if (d->lane != x)
		change_lane(d, x);
	d->called = true;
	begin_taking(d);
	if (idle)
		session_call(d->session);
}

void delivery_call(struct delivery *d)
{
	d->called = true;
	if (d->listening)
		delivery_turn(d, d->lane);
}

bool delivery_may_go_on(const struct delivery *d)
{
	return !d->over && !d->hurry && !d->lanes->draining && d->settings == d->relay->settings &&
	       d->done < DELIVERY_MESSAGES_MAX && !(d->mails_max && d->done >= d->mails_max) &&
	       net_loop_now_ms(d->relay->loop) - d->begun_ms < DELIVERY_SESSION_MS;
}

/* A provider's customers may have hosts of their own each: a connection to those of one is not given up for
 * another while there is room for both. */
bool delivery_may_suit(const struct delivery *d, const struct lane *x)
{
	return d->lane == x || !d->of_provider || x->group->sessions >= lane_group_max(d->lanes, x);
}

static bool is_of_use(const struct delivery *d, const struct lane *x, const struct mx_plan *plan)
{
	size_t target;
	if (!d->listening || !delivery_may_go_on(d))
		return false;
	return plan ? ride_ask(&d->line, d->route, plan, &target) <= RIDE_PROVE : delivery_may_suit(d, x);
}

struct delivery *delivery_idle_beside(const struct lanes *l, const struct lane *x, const struct mx_plan *plan)
{
	if (x->group->sessions == x->sessions)
		return NULL;
	for (struct delivery *d = l->sessions; d; d = d->next)
		if (d->lane->group == x->group && d->lane != x && is_of_use(d, x, plan))
			return d;
	return NULL;
}

/* Who has greeted is not silent: it gets the time of each step, and what is between STARTTLS and the login's
 * answer is never broken off for want of seats. */
static bool has_had_its_time(const struct delivery *d)
{
	return d->seat == SEAT_NEW && d->session && !d->greeted && !d->mailing && !d->pressed &&
	       net_loop_now_ms(d->relay->loop) - d->line_ms >= LANE_PATIENCE_MS;
}

void delivery_press(struct lanes *l, size_t n)
{
	for (struct delivery *d = l->sessions; d && n; d = d->next) {
		if (!has_had_its_time(d))
			continue;
		d->pressed = true;
		session_hurry(d->session, net_loop_now_ms(l->relay->loop));
		n--;
	}
}

void delivery_yield(struct lanes *l, const struct lane_group *g)
{
	for (struct delivery *d = l->sessions; d; d = d->next) {
		if (!d->listening || d->lane->group != g)
			continue;
		d->over = true;
		delivery_call(d);
		return;
	}
}

/* The group of a provider has other hosts, too. */
static bool is_of_its_hosts(const struct delivery *x, const struct mx_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (z_eq(x->line.address, p->v[i].address))
			return true;
	return false;
}

static unsigned others_of(const struct delivery *d, bool greeted)
{
	unsigned n = 0;
	for (const struct delivery *x = d->lanes->sessions; x; x = x->next)
		n += x != d && x->lane->group == d->lane->group && x->session && x->greeted == greeted &&
		     is_of_its_hosts(x, &d->plan);
	return n;
}

unsigned delivery_let_in(const struct delivery *d)
{
	return others_of(d, true);
}

unsigned delivery_at_the_gate(const struct delivery *d)
{
	return others_of(d, false);
}

void delivery_finish(struct delivery *d)
{
	if (d->mailing || d->listening)
		delivery_call(d);
	else
		delivery_hurry(d);
}

void delivery_hurry(struct delivery *d)
{
	d->hurry = true;
	if (d->session)
		session_hurry(d->session, net_loop_now_ms(d->relay->loop));
}
