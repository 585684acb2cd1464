/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_missed.h"

#include "relay/missed.h"
#include "relay/relay_inner.h"

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

static void tell(struct relay *r, const struct missed_change *x)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err none = { 0 };
	if (store_trail(r->store, x->id, a, &t, &none) <= 0)
		return; /* dropped by age */
	if (x->mark) {
		relay_log_marks(r->log, &t.message, x->mark, 1);
		return;
	}
	missed_as_taken(&t.message);
	relay_log_taken(r->log, &t.message, x->id);
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
	for (size_t i = 0; i < x.missed.n; i++)
		tell(r, &x.missed.v[i]);
	if (x.missed.n)
		relay_log_flush(r->log); /* the store may drop what it told */
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
