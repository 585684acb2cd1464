/* SPDX-License-Identifier: Apache-2.0 */
/* One message with its claimed recipients: held, and given back with a mark for each. */
#include <stdlib.h>

#include "relay/delivery/delivery.h"
#include "relay/keep.h"

enum { WRITE_AGAIN_MS = 2000 };

/* In the order of the envelope. */
void job_add(struct job *j, const struct store_claim *c)
{
	size_t i = j->n++;
	for (; i && j->v[i - 1].claim.rcpt > c->rcpt; i--)
		j->v[i] = j->v[i - 1];
	j->v[i] = (struct job_rcpt){ .claim = *c, .rcpt = &j->message.rcpts[c->rcpt] };
}

bool job_signs_path(const struct delivery *d, const struct store_message *m)
{
	return d->route && *d->route->return_path && d->route->api == RELAY_API_NONE && m->reverse_path.len &&
	       !(m->flags & STORE_OWN_NOTICE);
}

static void job_free(struct job *j)
{
	store_reader_free(&j->reader);
	sevenbit_free(&j->seven);
	struct arena *a = j->arena; /* j is in it */
	arena_free(&a);
}

bool job_renew(struct job *j)
{
	bool any = false;
	int64_t until = relay_now_ms() + JOB_LEASE_MS;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].fate != FATE_OPEN)
			continue;
		if (store_claim_renew(j->relay->store, &j->v[i].claim, until))
			any = true;
		else
			j->v[i].fate = FATE_GIVEN_BACK;
	}
	return any;
}

void job_give_back(struct job *j, struct job_rcpt *r)
{
	store_claim_release(j->relay->store, &r->claim, relay_now_ms());
	r->fate = FATE_GIVEN_BACK;
}

/* ---- writing ---- */

static void write_marks(struct job *j);

static bool is_ending(const struct job *j)
{
	return !j->relay->lanes || j->relay->lanes->ending;
}

static void write_again(void *ctx)
{
	struct job *j = ctx;
	uint64_t wait = WRITE_AGAIN_MS * (uint64_t)(j->writes < 15 ? j->writes : 15);
	net_loop_sleep(j->relay->loop, net_loop_now_ms(j->relay->loop) + wait);
	if (is_ending(j))
		job_free(j); /* the store gives back what was claimed */
	else
		write_marks(j);
}

static void wake_lanes(struct job *j)
{
	struct lanes *l = j->relay->lanes;
	for (size_t i = 0; i < j->nmarks; i++) {
		const struct store_mark *m = &j->marks[i];
		if (!store_state_live(m->state))
			continue;
		struct str lane = m->lane.len ? m->lane : j->message.rcpts[m->rcpt].lane;
		bool again = i && !m->lane.len && !j->marks[i - 1].lane.len;
		if (!again)
			lanes_wake(l, lane);
	}
}

/* A full disk must not lose a result: it is written as soon as there is room, and until then
 * nobody else may try these recipients. */
static void on_written(void *ctx, const struct store_done *x)
{
	struct job *j = ctx;
	if (is_ending(j)) {
		job_free(j);
		return;
	}
	if (x->verdict == STORE_FAILED) {
		j->writes++;
		for (size_t i = 0; i < j->n; i++)
			(void)store_claim_renew(j->relay->store, &j->v[i].claim,
						relay_now_ms() + JOB_LEASE_MS);
		net_fiber_start(j->relay->loop, write_again, j);
		return;
	}
	wake_lanes(j);
	job_free(j);
}

static void write_marks(struct job *j)
{
	relay_mark(j->relay, &j->message, j->marks, j->nmarks, on_written, j);
}

static bool is_handed_over(const struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_MARKED && j->v[i].mark.state == STORE_HANDED_OVER)
			return true;
	return false;
}

/* It is over: what it cost is known. */
static void settle(struct job *j)
{
	int64_t now = relay_now_ms();
	for (size_t i = 0; i < j->cost.n; i++)
		ledger_end(j->relay->ledger, j->cost.v[i], j->cost.recipients,
			   j->cost.said ? j->cost.recipients : 0, is_handed_over(j), now);
	j->cost.n = 0;
}

/* Its texts are the session's: where it has to be written again, that may have ended. */
static void add_mark(struct job *j, const struct store_mark *m)
{
	j->marks[j->nmarks] = *m;
	keep_mark(j->arena, &j->marks[j->nmarks++]);
}

void job_end(struct job **jp)
{
	struct job *j = STEAL(*jp);
	settle(j);
	store_reader_free(&j->reader);
	j->marks = arena_alloc(j->arena, (j->n + 1) * sizeof(*j->marks));
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		if (r->fate == FATE_MARKED)
			add_mark(j, &r->mark);
		else if (r->fate != FATE_GIVEN_BACK)
			job_give_back(j, r);
	}
	if (j->nmarks)
		write_marks(j);
	else
		job_free(j);
}
