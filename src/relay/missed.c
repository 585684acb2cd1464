/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/missed.h"

#include <stdlib.h>

#include "base/mem.h"

static const struct store_mark *copy_of(struct arena *a, const struct store_mark *mark)
{
	struct store_mark *own = arena_alloc(a, sizeof(*own));
	*own = *mark;
	struct str *const texts[] = { &own->lane,    &own->host,      &own->address, &own->tls, &own->reply,
				      &own->finding, &own->remote_id, &own->config,  &own->why };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(a, *texts[i]);
	return own;
}

bool missed_add(struct missed *m, struct store_id id, const struct store_mark *mark)
{
	if (!m->arena)
		m->arena = arena_new();
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 64;
		m->v = mem_grow(m->v, m->room, sizeof(*m->v));
	}
	m->v[m->n++] = (struct missed_change){ id, mark ? copy_of(m->arena, mark) : NULL };
	return m->n < MISSED_MAX;
}

void missed_clear(struct missed *m)
{
	arena_free(&m->arena);
	free(m->v);
	*m = (struct missed){ 0 };
}

bool missed_look_up(struct missed_message *x, struct store *s, struct store_id id)
{
	struct err none = { 0 };
	if (x->arena && store_id_same(x->id, id))
		return x->there;
	arena_free(&x->arena);
	x->arena = arena_new();
	x->id = id;
	x->there = store_trail(s, id, x->arena, &x->trail, &none) > 0;
	return x->there;
}

void missed_as_taken(struct store_message *m)
{
	for (size_t i = 0; i < m->nrcpts; i++) {
		m->rcpts[i].state = STORE_QUEUED;
		m->rcpts[i].finding = STR_LIT("");
	}
}
