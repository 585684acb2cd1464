/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_missed.h"

#include "relay/missed.h"
#include "relay/relay_inner.h"

enum { FLUSH_EACH = 4096 };

struct lacking {
	struct relay_log *log;
	bool recalled; /* nearly always nothing came since */
	struct missed missed;
};

static bool note(void *user, struct store_id id, const struct store_mark *mark)
{
	struct lacking *x = user;
	if (!x->recalled)
		relay_log_recall(x->log);
	x->recalled = true;
	bool lacks = mark ? relay_log_lacks(x->log, mark) : relay_log_lacks_taken(x->log, id);
	return !lacks || missed_add(&x->missed, id, mark);
}

static void tell_one(struct relay *r, const struct missed_change *c, struct missed_message *x)
{
	if (!missed_look_up(x, r->store, c->id))
		return;
	if (c->mark) {
		relay_log_marks(r->log, &x->trail.message, c->mark, 1);
		return;
	}
	missed_as_taken(&x->trail.message);
	relay_log_taken(r->log, &x->trail.message, c->id);
}

/* The store may drop what was told, and the logs' memory has an end. */
static void tell_all(struct relay *r, const struct missed *m)
{
	struct missed_message x = { 0 };
	for (size_t i = 0; i < m->n; i++) {
		tell_one(r, &m->v[i], &x);
		if (i + 1 == m->n || (i + 1) % FLUSH_EACH == 0)
			relay_log_flush(r->log);
	}
	arena_free(&x.arena);
}

static void tell_too_many(struct relay *r)
{
	struct err e = { 0 };
	ERR_FILL(&e, ERR_LIMIT, MISSED_MAX, "add to the logs", "all changes they lack");
	err_detail(&e, "the rest stands in the trails (postrider trace) only");
	relay_log_trouble(r->log, relay_now_ms(), &e);
}

void log_missed_tell(struct relay *r)
{
	struct store_place from;
	struct err e = { 0 };
	struct lacking x = { .log = r->log };
	if (!relay_log_noted(r->log, &from))
		return;
	if (!store_changes(r->store, from, note, &x, &e))
		relay_log_trouble(r->log, relay_now_ms(), &e);
	tell_all(r, &x.missed);
	if (x.missed.n == MISSED_MAX)
		tell_too_many(r);
	relay_log_forget(r->log);
	missed_clear(&x.missed);
}

/* What the store's disk had at the look before was told since. */
void log_missed_look(struct relay *r)
{
	bool news = r->logged.segment != r->noted.segment || r->logged.offset != r->noted.offset;
	if (news)
		relay_log_note(r->log, r->logged);
	r->noted = r->logged;
	r->logged = store_place(r->store);
}

void log_missed_end(struct relay *r)
{
	if (r->store && r->log)
		relay_log_note(r->log, store_place(r->store));
}
