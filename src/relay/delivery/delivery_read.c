/* SPDX-License-Identifier: Apache-2.0 */
/* A claimed message is read from the store. */
#include "relay/delivery/delivery.h"

/* Its record cannot be read: the trail says why, it is tried again like what else fails, and in the end its
 * sender is told.  Else it would wait for ever, and nobody could see for what. */
static void tell_unreadable(struct delivery *d, struct job *j, const struct store_claim *c,
			    const struct err *why)
{
	char text[400];
	struct err e = { 0 };
	const struct failure f = {
		.finding = "", .host = "", .address = "", .why = err_text(why, text, sizeof(text))
	};
	bool known =
		store_fetch(d->relay->store, c->id, j->arena, &j->message, &e) && c->rcpt < j->message.nrcpts;
	if (known) { /* else it comes back when its lease is over */
		j->v = arena_alloc(j->arena, sizeof(*j->v));
		job_add(j, c);
		job_fail(d, j, &f);
	}
	job_end(&j);
}

struct job *job_open(struct delivery *d, const struct store_claim *c)
{
	struct arena *a = arena_new();
	struct job *j = arena_alloc(a, sizeof(*j));
	struct err e = { 0 };
	j->relay = d->relay;
	j->arena = a;
	j->reader = store_fetch_open(d->relay->store, c->id, a, &j->message, &e);
	if (j->reader && c->rcpt < j->message.nrcpts) {
		size_t room = j->message.nrcpts < JOB_RCPTS_MAX ? j->message.nrcpts : JOB_RCPTS_MAX;
		j->v = arena_alloc(a, room * sizeof(*j->v));
		job_add(j, c);
		return j;
	}
	if (d->relay->log && e.kind != ERR_NONE)
		relay_log_trouble(d->relay->log, relay_now_ms(), &e);
	tell_unreadable(d, j, c, &e);
	return NULL;
}
