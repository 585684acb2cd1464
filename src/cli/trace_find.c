/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_find.h"

#include <string.h>

#include "cli/folder.h"
#include "show/trail_json.h"

static struct trace_found *found_of(struct tracing *t, struct store_id id)
{
	for (size_t i = t->n; i-- > 0;)
		if (store_id_same(t->v[i].id, id))
			return &t->v[i];
	if (t->n == TRACE_FOUND_MAX)
		return NULL;
	t->v[t->n] = (struct trace_found){ .id = id };
	return &t->v[t->n++];
}

static void add_hit(struct tracing *t, const struct store_hit *h)
{
	struct trace_found *f = found_of(t, h->id);
	if (!f)
		return;
	uint32_t *grown = arena_alloc(t->arena, (f->n + 1) * sizeof(*grown));
	if (f->n)
		memcpy(grown, f->rcpts, f->n * sizeof(*grown));
	grown[f->n++] = h->rcpt;
	f->rcpts = grown;
}

/* All answers up to the limit, over the store's pages. */
static bool find(struct tracing *t, struct store_query q, struct err *e)
{
	size_t n = 0, room = t->o->limit;
	struct store_hit *v = arena_alloc(t->arena, room * sizeof(*v));
	struct store_hits page = { 0 };
	do {
		q.limit = room - n < STORE_FIND_MAX ? room - n : STORE_FIND_MAX;
		if (!store_find(t->store, &q, t->arena, &page, e))
			return false;
		for (size_t i = 0; i < page.n; i++)
			v[n++] = page.v[i];
		q.cursor = str_of(page.cursor);
	} while (page.cursor && n < room);
	t->hits = (struct store_hits){ v, n, page.cursor };
	t->more = page.cursor;
	for (size_t i = 0; i < n; i++)
		add_hit(t, &v[i]);
	return true;
}

/* What is given besides the id must hold as well. */
static bool fits(const struct trace_options *o, const struct store_message *m)
{
	bool state = !o->only;
	for (uint32_t i = 0; i < m->nrcpts && !state; i++)
		state = m->rcpts[i].state == o->only;
	return state && (!o->since_s || m->arrived_ms >= o->since_s * 1000) &&
	       (!o->until_s || m->arrived_ms < o->until_s * 1000);
}

static bool try_id(struct tracing *t, struct store_id id, struct err *e)
{
	struct store_trail trail;
	int r = folder_trail(t->store, id, t->arena, &trail, e);
	if (r > 0)
		store_message_seen(&t->sending, &trail.message);
	t->unfit = r > 0 && !fits(t->o, &trail.message);
	if (r <= 0 || t->unfit)
		return r >= 0;
	t->v[t->n++] = (struct trace_found){ .id = id, .whole = true, .told = trail.nevents };
	if (!t->o->quiet || t->o->json)
		return true;
	struct store_hit *v = arena_alloc(t->arena, (trail.message.nrcpts + 1) * sizeof(*v));
	size_t n = 0;
	for (uint32_t i = 0; i < trail.message.nrcpts; i++)
		if (!t->o->only || trail.message.rcpts[i].state == t->o->only)
			v[n++] = trail_hit(&trail, i);
	t->hits = (struct store_hits){ v, n, NULL };
	return true;
}

static bool try_one(struct tracing *t, const struct trace_try *x, struct err *e)
{
	struct store_query q = x->q;
	if (x->id.seq)
		return try_id(t, x->id, e);
	if (t->o->only && q.state && q.state != t->o->only)
		return true; /* both at once no mail is */
	if (t->o->only)
		q.state = t->o->only;
	q.since_ms = t->o->since_s * 1000;
	q.until_ms = t->o->until_s * 1000;
	q.sending = &t->sending;
	trace_query_forms(&q, t->arena);
	return find(t, q, e);
}

bool trace_find(struct tracing *t, const struct trace_plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n && !t->n; i++)
		if (!try_one(t, &p->v[i], e))
			return false;
	return true;
}
