/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_gather.h"

#include <stdlib.h>

#include "relay/keep.h"
#include "relay/notice/notice_span.h"

enum { FIRST_MARKS = 4 };

struct notice_gather *notice_gather_new(const struct store_message *m, uint64_t now_ms)
{
	struct arena *a = arena_new();
	struct notice_gather *g = arena_alloc(a, sizeof(*g));
	g->arena = a;
	g->message = *m;
	keep_message(a, &g->message);
	g->message.rcpts = arena_alloc(a, m->nrcpts * sizeof(*m->rcpts));
	g->notify = arena_alloc(a, m->nrcpts * sizeof(*g->notify));
	for (size_t i = 0; i < m->nrcpts; i++)
		g->notify[i] = (unsigned char)m->rcpts[i].notify;
	g->since_ms = INT64_MAX;
	g->until_ms = now_ms + NOTICE_GATHER_MS;
	g->look_ms = UINT64_MAX;
	return g;
}

void notice_gather_free(struct notice_gather **gp)
{
	struct arena *a = *gp ? (*gp)->arena : NULL; /* g is in it */
	*gp = NULL;
	arena_free(&a);
}

void notice_gather_add(struct notice_gather *g, const struct store_message *m, enum notice_kind kind,
		       const struct store_mark *k)
{
	struct notice_group *to = &g->groups[kind];
	struct store_mark *own = arena_alloc(g->arena, sizeof(*own));
	*own = *k;
	keep_mark(g->arena, own);
	g->message.rcpts[k->rcpt] = m->rcpts[k->rcpt];
	keep_rcpt(g->arena, &g->message.rcpts[k->rcpt]);
	to->v = arena_grow(g->arena, to->v, to->n, &to->room, FIRST_MARKS, sizeof(*to->v));
	to->v[to->n++] = own;
	g->since_ms = k->at_ms < g->since_ms ? k->at_ms : g->since_ms;
	g->newest_ms = k->at_ms > g->newest_ms ? k->at_ms : g->newest_ms;
}

unsigned notice_gather_kinds(const struct notice_gather *g)
{
	unsigned kinds = 0;
	for (unsigned kind = 0; kind < NOTICE_KINDS; kind++)
		kinds |= g->groups[kind].n ? 1u << kind : 0;
	return kinds;
}

void notice_gather_withdraw(struct notice_gather *g, uint32_t rcpt)
{
	static const enum notice_kind kinds[] = { NOTICE_DELAYED, NOTICE_DOUBT };
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct notice_group *of = &g->groups[kinds[k]];
		size_t n = 0;
		for (size_t i = 0; i < of->n; i++)
			if (of->v[i]->rcpt != rcpt)
				of->v[n++] = of->v[i];
		of->n = n;
	}
}

static int earlier(const void *x, const void *y)
{
	const struct store_mark *a = *(const struct store_mark *const *)x;
	const struct store_mark *b = *(const struct store_mark *const *)y;
	return notice_place_compare((struct notice_place){ a->at_ms, a->rcpt },
				    (struct notice_place){ b->at_ms, b->rcpt });
}

void notice_group_sort(struct notice_group *g)
{
	if (g->n > 1)
		qsort(g->v, g->n, sizeof(*g->v), earlier);
}

struct notice_gather *notice_gathers_find(const struct notice_gathers *l, struct store_id id)
{
	struct notice_gather *g = l->first;
	while (g && !store_id_same(g->message.id, id))
		g = g->next;
	return g;
}

void notice_gathers_put(struct notice_gathers *l, struct notice_gather *g)
{
	struct notice_gather **at = &l->first;
	while (*at)
		at = &(*at)->next;
	*at = g;
	g->next = NULL;
	l->n++;
	l->rcpts += g->message.nrcpts;
}

void notice_gathers_take(struct notice_gathers *l, struct notice_gather *g)
{
	struct notice_gather **at = &l->first;
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	l->n--;
	l->rcpts -= g->message.nrcpts;
}

bool notice_gathers_full(const struct notice_gathers *l, size_t rcpts)
{
	return l->n && (l->n >= NOTICE_GATHERS_MAX || l->rcpts + rcpts > NOTICE_GATHER_RCPTS);
}

void notice_gather_stir(struct notice_gather *g, uint64_t now_ms)
{
	if (g->look_ms == UINT64_MAX)
		g->look_ms = now_ms + NOTICE_LOOK_MS + g->message.nrcpts / NOTICE_LOOK_RCPTS;
}

uint64_t notice_gathers_next(const struct notice_gathers *l)
{
	uint64_t next = UINT64_MAX;
	for (const struct notice_gather *g = l->first; g; g = g->next) {
		next = g->until_ms < next ? g->until_ms : next;
		next = g->look_ms < next ? g->look_ms : next;
	}
	return next;
}

int64_t notice_gathers_since(const struct notice_gathers *l)
{
	int64_t since = INT64_MAX;
	for (const struct notice_gather *g = l->first; g; g = g->next)
		since = g->since_ms < since ? g->since_ms : since;
	return since;
}
