/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_walk.h"

#include <stdio.h>

static bool show_page(struct queue_walk *w, const struct store_hits *hits, struct err *e)
{
	for (size_t i = 0; i < hits->n; i++)
		if (!w->hit(w->ctx, &hits->v[i], e))
			return false;
	return true;
}

bool queue_walk(struct queue_walk *w, struct store_query q, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const size_t limit = w->run->o->limit;
	struct store_hits hits = { 0 };
	q.sending = &w->run->sending;
	do {
		bool full = w->n == limit; /* a cursor does not say that a hit comes: look for one */
		size_t room = full ? 1 : limit - w->n;
		q.limit = room < STORE_FIND_MAX ? room : STORE_FIND_MAX;
		if (!store_find(queue_hand_store(w->run->hand), &q, a, &hits, e))
			return false;
		if (full && hits.n)
			return w->more = true;
		if (!show_page(w, &hits, e))
			return false;
		w->n += hits.n;
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor);
	return true;
}

void queue_walk_end(const struct queue_walk *w)
{
	if (w->more)
		fprintf(stderr, "There is more: --limit %zu\n", w->run->o->limit * 10);
}
