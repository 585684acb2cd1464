/* SPDX-License-Identifier: Apache-2.0 */
/* The next message of a lane, with its recipients there: claimed when its turn has come, and paid for. */
#include "relay/delivery/delivery.h"

void delivery_has_claimed(struct delivery *d)
{
	if (d->taker)
		d->lane->takers--;
	d->taker = false;
}

void delivery_has_bid(struct delivery *d)
{
	if (!d->bidder)
		return;
	d->bidder = false;
	lane_group_bid_over(d->lanes, d->lane);
}

size_t job_rcpts_most(const struct delivery *d)
{
	const unsigned known[] = { d->rcpts_max, d->lane->rcpts_max };
	size_t most = JOB_RCPTS_MAX;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) /* it may say more than it has been seen to take */
		most = known[i] && known[i] < most ? known[i] : most;
	return most;
}

static void claim_siblings(struct delivery *d, struct job *j, struct str lane, int64_t now)
{
	struct store_claim c[JOB_RCPTS_MAX];
	size_t most = job_rcpts_most(d);
	bool alone = job_signs_path(d, &j->message) && !j->unreadable;
	if (j->message.nrcpts < 2 || j->n >= most || alone)
		return;
	size_t n = store_claim_message(d->relay->store, j->message.id, lane, JOB_OWNER, now, JOB_LEASE_MS, c,
				       most - j->n);
	for (size_t i = 0; i < n; i++)
		job_add(j, &c[i]);
}

static bool has_open(const struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN)
			return true;
	return false;
}

void delivery_take_slot(struct delivery *d, int64_t now)
{
	long slot = lane_slot(d->route);
	if (slot)
		d->lane->group->slot_ms = now + slot;
}

/* With all who go with it; false: none of it is to be tried here and now. */
static bool is_ours(struct delivery *d, struct job *j, struct str lane, int64_t now)
{
	claim_siblings(d, j, lane, now);
	job_leave(d, j);
	if (!job_is_readable(d, j) || !has_open(j) || !job_pay(d, j, now))
		return false;
	delivery_take_slot(d, now);
	delivery_has_bid(d);
	return true;
}

struct job *job_take(struct delivery *d)
{
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	for (;;) {
		struct store_claim c;
		int64_t now = relay_now_ms();
		if (job_detour(d, now))
			return NULL;
		bool pause = lane_slot_ms(d->lane) > now || d->lane->stop_ms > now ||
			     (d->lane->pause_ms > now && !d->session) || !job_may_begin(d, now);
		if (lane_slot_ms(d->lane) > now)
			lane_wait(d->lanes, d->lane, lane_slot_ms(d->lane));
		size_t n =
			pause ? 0 : store_claim(d->relay->store, lane, JOB_OWNER, now, JOB_LEASE_MS, &c, 1);
		delivery_has_claimed(d);
		struct job *j = n ? job_open(d, &c) : NULL;
		if (!n)
			return NULL;
		if (j && is_ours(d, j, lane, now))
			return j;
		if (j)
			job_end(&j);
		delivery_has_bid(d);
		if (d->over ||
		    !job_pace(d)) /* a whole queue may have to move to other lanes, or be unreadable */
			return NULL;
	}
}
