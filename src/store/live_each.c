/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/live_inner.h"

/* Walks over the whole table. */

static bool each_row(struct live_message *m, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	for (uint32_t i = 0; i < m->nrcpts; i++) {
		const struct live_row *row = &m->rows[i];
		if (!row->lane)
			continue;
		struct store_live out = { m->id,
					  i,
					  row_shown(row),
					  row->tries,
					  m->arrived_ms,
					  row->next_ms,
					  row->expires_ms,
					  m->size,
					  row->lane->named.name,
					  m->account->name };
		if (!fn(user, &out))
			return false;
	}
	return true;
}

struct by_age {
	uint64_t seq;
	struct live_message *m;
};

static int older(const void *a, const void *b)
{
	const struct by_age *x = a, *y = b;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void live_each(struct live *l, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	CLEANUP(mem_free) struct by_age *all = mem_alloc((l->n + 1) * sizeof(*all));
	size_t n = 0;
	for (size_t i = 0; i < l->room; i++)
		if (l->v[i])
			all[n++] = (struct by_age){ l->v[i]->id.seq, l->v[i] };
	qsort(all, n, sizeof(*all), older);
	for (size_t i = 0; i < n && each_row(all[i].m, fn, user); i++)
		;
}

void live_each_message(struct live *l, void (*fn)(void *user, struct live_message *m), void *user)
{
	for (size_t i = 0; i < l->room; i++)
		if (l->v[i])
			fn(user, l->v[i]);
}

size_t live_open_sessions(struct live *l, struct live_open **out)
{
	size_t n = 0, room = 0;
	*out = NULL;
	for (size_t i = 0; i < l->room; i++)
		for (uint32_t k = 0; l->v[i] && k < l->v[i]->nrcpts; k++) {
			const struct live_row *row = &l->v[i]->rows[k];
			if (!row->lane || row->claim || row->state != STORE_SENDING)
				continue;
			if (n == room)
				*out = mem_grow(*out, room = room ? room * 2 : 16, sizeof(**out));
			(*out)[n++] = (struct live_open){ l->v[i]->id, k, row->tries, row->flags & ROW_DOT };
		}
	return n;
}

static bool touches(const struct live_message *m, uint32_t last)
{
	bool does = m->place.segment <= last;
	for (uint32_t i = 0; i < m->npieces && !does; i++)
		does = m->pieces[i].segment <= last;
	return does;
}

size_t live_touching(struct live *l, uint32_t last, size_t *at, size_t slots, struct store_id *out,
		     size_t max)
{
	size_t n = 0, left = *at < l->room ? l->room - *at : 0, end = left < slots ? l->room : *at + slots;
	for (; *at < end && n < max; ++*at)
		if (l->v[*at] && touches(l->v[*at], last))
			out[n++] = l->v[*at]->id;
	if (*at >= l->room)
		*at = SIZE_MAX;
	return n;
}
