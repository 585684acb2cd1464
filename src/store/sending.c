/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sending.h"

#include <stdlib.h>

static int in_order(const void *a, const void *b)
{
	const struct store_in_hand *x = a, *y = b;
	if (x->id.seq != y->id.seq)
		return x->id.seq < y->id.seq ? -1 : 1;
	return x->rcpt < y->rcpt ? -1 : x->rcpt > y->rcpt;
}

void store_sending_sort(struct store_sending *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), in_order);
}

enum store_state store_state_seen(const struct store_sending *s, struct store_id id, uint32_t rcpt,
				  enum store_state kept)
{
	const struct store_in_hand want = { id, rcpt };
	bool in_hand = s && s->n && store_state_live(kept) &&
		       bsearch(&want, s->v, s->n, sizeof(*s->v), in_order);
	return in_hand ? STORE_SENDING : kept;
}

void store_message_seen(const struct store_sending *s, struct store_message *m)
{
	for (uint32_t i = 0; i < m->nrcpts; i++)
		m->rcpts[i].state = store_state_seen(s, m->id, i, m->rcpts[i].state);
}
