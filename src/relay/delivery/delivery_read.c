/* SPDX-License-Identifier: Apache-2.0 */
/* A claimed message is read from the store. */
#include "relay/delivery/delivery.h"

static struct job *nothing(struct arena *a)
{
	arena_free(&a);
	return NULL;
}

/* Where the record cannot be read its envelope may be known all the same. */
static bool read_message(struct delivery *d, struct job *j, const struct store_claim *c)
{
	char text[400];
	struct err e = { 0 }, other = { 0 };
	j->reader = store_fetch_open(d->relay->store, c->id, j->arena, &j->message, &e);
	if (j->reader && c->rcpt < j->message.nrcpts)
		return true;
	store_reader_free(&j->reader);
	if (d->relay->log && e.kind != ERR_NONE)
		relay_log_trouble(d->relay->log, relay_now_ms(), &e);
	j->unreadable = arena_strdup(j->arena, err_text(&e, text, sizeof(text)));
	return store_fetch(d->relay->store, c->id, j->arena, &j->message, &other) &&
	       c->rcpt < j->message.nrcpts;
}

struct job *job_open(struct delivery *d, const struct store_claim *c)
{
	struct arena *a = arena_new();
	struct job *j = arena_alloc(a, sizeof(*j));
	j->relay = d->relay;
	j->arena = a;
	if (!read_message(d, j, c))
		return nothing(a);
	size_t room = j->message.nrcpts < JOB_RCPTS_MAX ? j->message.nrcpts : JOB_RCPTS_MAX;
	j->v = arena_alloc(a, room * sizeof(*j->v));
	job_add(j, c);
	return j;
}

bool job_is_readable(struct delivery *d, struct job *j)
{
	const struct failure f = {
		.finding = FINDING_OWN_COPY, .host = "", .address = "", .why = j->unreadable
	};
	if (j->unreadable && lanes_are_short(d->lanes))
		d->over = true; /* nor could any other be read: it goes back */
	else if (j->unreadable)
		job_fail(d, j, &f);
	return !j->unreadable;
}
