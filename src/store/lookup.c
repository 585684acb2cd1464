/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* What the writer asks of the index, and whether the index knows it yet.  Mail that comes again and reports
 * about mail that has ended ask for states: of messages that changed a moment ago only must the writer, and
 * with it all who wait for their 250, wait until the index has them. */

/* The random part first: keys.c takes the low bits of the first as they are, and those of seq are nearly
 * always small. */
static void by_id(struct store_id id, uint64_t key[2])
{
	key[0] = id.tail;
	key[1] = id.seq;
}

void lookup_renew(struct embedded *s)
{
	pthread_mutex_lock(&s->index_lock);
	uint64_t order = s->indexed_order, done = s->index_done;
	pthread_mutex_unlock(&s->index_lock);
	/* Behind that, so that it knows as much at least. */
	struct index *fresh = __atomic_exchange_n(&s->next_lookup, NULL, __ATOMIC_ACQ_REL);
	if (fresh) {
		index_close(&s->lookup);
		s->lookup = fresh;
		s->lookup_broken = false;
	}
	if (done == s->lookup_done)
		return;
	s->lookup_done = done;
	keys_forget(s->keys, order);
	keys_forget(s->changed, done);
}

void lookup_changes(struct embedded *s, struct store_id id, size_t n)
{
	uint64_t key[2];
	by_id(id, key);
	keys_put(s->changed, key, id, s->index_given + n);
}

static bool stands_still(struct embedded *s)
{
	pthread_mutex_lock(&s->index_lock);
	bool still = s->index_err.kind != ERR_NONE;
	pthread_mutex_unlock(&s->index_lock);
	return still;
}

bool lookup_all_of(struct embedded *s, struct store_id id)
{
	uint64_t key[2];
	by_id(id, key);
	if (!keys_is_after(s->changed, key, s->lookup_done))
		return true;
	/* It is tried again in its own time: a try may read all segments, and who sends waits here. */
	if (stands_still(s))
		return false;
	index_let_go(s->lookup); /* what is flushed now is to be seen */
	indexer_flush(s);
	lookup_renew(s);
	return !keys_is_after(s->changed, key, s->lookup_done);
}
