/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/door_filtered.h"

#include <stdlib.h>

#include "relay/filter/filter_lane.h"
#include "relay/mark.h"

/* One message; in its arena. */
struct late {
	struct relay *relay;
	struct arena *arena;
	struct store_message message;
};

struct found {
	struct store_id *v;
	size_t n, room;
};

static bool collect(void *user, const struct store_live *row)
{
	struct found *f = user;
	bool again = f->n && store_id_same(f->v[f->n - 1], row->id);
	if (row->state != STORE_HELD || again || !filter_lane_is(str_of(row->lane)))
		return true;
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 16;
		f->v = mem_grow(f->v, f->room, sizeof(*f->v));
	}
	f->v[f->n++] = row->id;
	return true;
}

static void end(struct late *l)
{
	struct arena *a = l->arena; /* l is in it */
	l->relay->accepts--;
	arena_free(&a);
}

static void on_marked(void *ctx, const struct store_done *d)
{
	struct late *l = ctx;
	if (d->verdict == STORE_FAILED)
		relay_tell(l->relay, &d->err); /* the next start does it */
	end(l);
}

static void finish(struct relay *r, struct store_id id)
{
	struct arena *a = arena_new();
	struct late *l = arena_alloc(a, sizeof(*l));
	struct err e = { 0 };
	size_t n = 0;
	*l = (struct late){ .relay = r, .arena = a };
	r->accepts++;
	if (!store_fetch(r->store, id, a, &l->message, &e)) {
		relay_tell(r, &e);
		end(l);
		return;
	}
	struct store_mark *marks = filter_lane_marks(&l->message, a, &n);
	for (size_t i = 0; i < n; i++)
		marks[i].why = str_of(arena_printf(a,
						   STR_FMT " (it could not be written at once: the relay "
							   "wrote it at its next start)",
						   STR_ARG(marks[i].why)));
	if (n)
		relay_mark(r, &l->message, marks, n, on_marked, l);
	else
		end(l);
}

void door_filtered_open(struct relay *r)
{
	struct found f = { 0 };
	store_each_live(r->store, collect, &f);
	for (size_t i = 0; i < f.n; i++)
		finish(r, f.v[i]);
	free(f.v);
}
