/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fresh.h"

#include "store/id.h"

void fresh_body_clear(struct fresh_body *b)
{
	buf_clear(&b->meta);
	buf_clear(&b->head);
	buf_clear(&b->tail);
}

void fresh_clear(struct fresh *f)
{
	for (size_t i = 0; i < FRESH_KEPT; i++)
		fresh_body_clear(&f->v[i]);
	*f = (struct fresh){ 0 };
}

void fresh_put(struct fresh *f, struct store_id id, struct str meta, struct buf *head, struct buf *tail)
{
	size_t at = f->next;
	if (meta.len + head->room + tail->room > FRESH_BYTES_MAX)
		return;
	f->next = (at + 1) % FRESH_KEPT;
	if (f->seqs[at] && id.seq - f->seqs[at] < (uint64_t)FRESH_STALE_MS << STORE_ID_STEP_BITS)
		return;
	fresh_body_clear(&f->v[at]);
	f->seqs[at] = id.seq;
	f->ids[at] = id;
	buf_add(&f->v[at].meta, meta.p, meta.len);
	f->v[at].head = *head;
	f->v[at].tail = *tail;
	*head = *tail = (struct buf){ 0 };
}

bool fresh_take(struct fresh *f, struct store_id id, struct fresh_body *out)
{
	for (size_t i = 0; i < FRESH_KEPT; i++) {
		if (f->seqs[i] != id.seq || f->ids[i].tail != id.tail)
			continue;
		*out = f->v[i];
		f->v[i] = (struct fresh_body){ 0 };
		f->seqs[i] = 0;
		return true;
	}
	return false;
}
