/* SPDX-License-Identifier: Apache-2.0 */
#include "store/crc.h"
#include "store/embedded_inner.h"

/* One message or one call's marks as a record, and the queues it goes through. */

static void seal(struct change *c)
{
	struct str meta = buf_str(&c->meta), head = buf_str(&c->head), tail = buf_str(&c->tail);
	c->record.meta_len = (uint32_t)meta.len;
	c->record.meta_crc = store_crc(0, meta.p, meta.len);
	c->record.body_len = (uint32_t)(head.len + tail.len);
	c->record.body_crc = store_crc(store_crc(0, head.p, head.len), tail.p, tail.len);
}

struct change *message_change(struct embedded *s, struct body *b, const struct store_message *m,
			      enum record_type type)
{
	struct change *c = mem_alloc(sizeof(*c));
	struct store_message full = *m;
	struct body_shape shape = { (uint32_t)buf_waiting(&b->head), b->pieces, b->npieces };
	full.size = body_size(&b->base);
	c->record.type = type;
	c->internal = type == RECORD_MOVED;
	c->record.id = b->id;
	c->body = b;
	pack_message(&c->meta, &full, &shape);
	c->head = b->head;
	c->tail = b->tail;
	b->head = b->tail = (struct buf){ 0 };
	c->has_key = type == RECORD_MESSAGE && m->key.len > 0;
	c->renews = m->key_renews;
	if (c->has_key && !keys_whole(s->sip, m->account, m->key, c->whole, c->key) && m->nrcpts == 1)
		keys_hash(s->sip, m->account, m->key, m->rcpts[0].address, c->key);
	seal(c);
	return c;
}

/* A message that ended: should the machine stop before this is on disk, "dot sent" is, and the trail says
 * in-doubt. */
static bool is_patient(const struct store_mark *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (marks[i].state != STORE_HANDED_OVER)
			return false;
	return true;
}

struct change *marks_change(const struct store_mark *marks, size_t n)
{
	struct change *c = mem_alloc(sizeof(*c));
	c->record.type = RECORD_MARKS;
	c->patient = is_patient(marks, n);
	pack_marks(&c->meta, marks, n);
	seal(c);
	return c;
}

void queue_init(struct queue *q)
{
	*q = (struct queue){ NULL, &q->head, 0 };
}

void queue_put(struct queue *q, struct change *c)
{
	c->next = NULL;
	*q->tail = c;
	q->tail = &c->next;
	q->n++;
}

void queue_join(struct queue *q, struct queue *more)
{
	if (!more->head)
		return;
	*q->tail = more->head;
	q->tail = more->tail;
	q->n += more->n;
	queue_init(more);
}

struct change *queue_get(struct queue *q)
{
	struct change *c = q->head;
	if (!c)
		return NULL;
	q->head = c->next;
	if (!q->head)
		q->tail = &q->head;
	q->n--;
	return c;
}

void change_free(struct change **cp)
{
	struct change *c = *cp;
	if (!c)
		return;
	buf_clear(&c->meta);
	buf_clear(&c->head);
	buf_clear(&c->tail);
	if (c->body)
		body_free(&c->body->base);
	mem_free(cp);
}
