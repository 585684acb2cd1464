/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* Whether a message that came before with the same key still keeps one from being sent
 * (store_state_protects). Read only where a key did come before: a new message costs nothing. */

static bool all_live(struct embedded *s, struct store_id id)
{
	pthread_mutex_lock(&s->live_lock);
	const struct live_message *m = live_find(s->live, id);
	bool all = m && live_is_whole(m);
	pthread_mutex_unlock(&s->live_lock);
	return all;
}

/* Those of it whom nothing protects, by their keys; what cannot be read protects. */
static void learn(struct embedded *s, const struct store_message *m, struct earlier *x, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message was;
	uint32_t segment;
	keys_free(&x->free);
	if (all_live(s, x->id))
		return;
	(void)lookup_all_of(s, x->id); /* what it does not know yet is live there, and protects */
	if (index_envelope(s->lookup, x->id, a, &was, &segment, e) != 1)
		return;
	x->free = keys_new();
	for (size_t i = 0; i < was.nrcpts; i++) {
		uint64_t key[2];
		keys_hash(s->sip, m->account, m->key, was.rcpts[i].address, key);
		if (!store_state_protects(was.rcpts[i].state))
			keys_put(x->free, key, x->id, 1);
	}
}

bool write_again(struct embedded *s, const struct store_message *m, const uint64_t key[2],
		 struct store_id before, struct earlier *x, struct err *e)
{
	struct store_id id;
	if (!s->lookup)
		return false;
	if (!store_id_same(x->id, before)) {
		x->id = before;
		learn(s, m, x, e);
	}
	return x->free && keys_get(x->free, key, &id);
}
