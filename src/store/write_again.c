/* SPDX-License-Identifier: Apache-2.0 */
#include "store/copies.h"
#include "store/embedded_inner.h"

/* Whether a message that came before with the same key still keeps one from being sent
 * (store_state_protects), or a copy of it that was never answered.  Read only where a key did come before: a
 * new message costs nothing. */

static bool all_live(struct embedded *s, struct store_id id)
{
	pthread_mutex_lock(&s->live_lock);
	const struct live_message *m = live_find(s->live, id);
	bool all = m && live_is_whole(m);
	pthread_mutex_unlock(&s->live_lock);
	return all;
}

/* Somebody whom a doubt would protect and nothing else does. */
static bool doubt_matters(const struct store_message *m)
{
	for (size_t i = 0; i < m->nrcpts; i++)
		if (!store_state_protects(m->rcpts[i].state) && m->rcpts[i].state != STORE_BOUNCED)
			return true;
	return false;
}

/* With its events where they are asked for: of mail for many that waited for long they are many, and all who
 * send wait meanwhile. */
static bool read_earlier(struct embedded *s, const struct earlier *x, struct arena *a,
			 struct store_trail *was, struct err *e)
{
	uint32_t segment;
	if (index_envelope(s->lookup, x->id, a, &was->message, &segment, e) != 1)
		return false;
	return !x->renews || !doubt_matters(&was->message) || index_dots(s->lookup, a, was, e);
}

/* Of a copy that came back in a report it is known what became of it, whatever was in doubt before. */
static bool is_protected(const struct store_rcpt *r, bool in_doubt)
{
	return store_state_protects(r->state) || (in_doubt && r->state != STORE_BOUNCED);
}

/* Those of it whom nothing protects, by their keys; what cannot be read protects.  Who asks with a key that
 * does not renew hears how it ended, and sends nothing. */
static void learn(struct embedded *s, const struct store_message *m, struct earlier *x, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail was = { .nevents = 0 };
	keys_free(&x->free);
	if (all_live(s, x->id))
		return;
	(void)lookup_all_of(s, x->id); /* what it does not know yet is live there, and protects */
	if (!read_earlier(s, x, a, &was, e))
		return;
	const bool *in_doubt = copies_of_all(&was, a);
	x->free = keys_new();
	for (size_t i = 0; i < was.message.nrcpts; i++) {
		const struct store_rcpt *r = &was.message.rcpts[i];
		uint64_t key[2];
		keys_hash(s->sip, m->account, m->key, r->address, key);
		if (!is_protected(r, in_doubt[i]))
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
