/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/embedded_inner.h"

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

void outcomes_init(struct outcomes *o)
{
	*o = (struct outcomes){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	pthread_mutex_init(&o->lock, NULL);
}

void outcomes_clear(struct outcomes *o)
{
	close_fd(&o->fd);
	free(o->v);
	pthread_mutex_destroy(&o->lock);
}

void outcome_put(struct outcomes *o, const struct store_done *d)
{
	pthread_mutex_lock(&o->lock);
	bool first = o->start == o->n;
	if (first)
		o->start = o->n = 0;
	if (o->n == o->room) {
		o->room = o->room ? o->room * 2 : 64;
		o->v = mem_grow(o->v, o->room, sizeof(*o->v));
	}
	o->v[o->n++] = *d;
	uint64_t one = 1;
	if (first && write(o->fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort(); /* an eventfd takes 8 bytes or is full */
	pthread_mutex_unlock(&o->lock);
}

size_t outcomes_take(struct outcomes *o, struct store_done *out, size_t max)
{
	pthread_mutex_lock(&o->lock);
	size_t n = o->n - o->start < max ? o->n - o->start : max;
	if (n)
		memcpy(out, o->v + o->start, n * sizeof(*out));
	o->start += n;
	uint64_t count;
	if (o->start == o->n && read(o->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	pthread_mutex_unlock(&o->lock);
	return n;
}

struct store_id new_id(struct embedded *s, int64_t now_ms)
{
	uint64_t rnd = 0;
	if (getrandom(&rnd, sizeof(rnd), 0) != (ssize_t)sizeof(rnd))
		abort();
	pthread_mutex_lock(&s->lock);
	struct store_id id = store_id_next(s->last_seq, now_ms, rnd);
	s->last_seq = id.seq;
	pthread_mutex_unlock(&s->lock);
	return id;
}

static void seal(struct change *c)
{
	struct str meta = buf_str(&c->meta), head = buf_str(&c->head), tail = buf_str(&c->tail);
	c->record.meta_len = (uint32_t)meta.len;
	c->record.meta_crc = store_crc(0, meta.p, meta.len);
	c->record.body_len = (uint32_t)(head.len + tail.len);
	c->record.body_crc = store_crc(store_crc(0, head.p, head.len), tail.p, tail.len);
}

bool submit(struct embedded *s, struct change *c, int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	time_given(s, now_ms);
	bool wake = !s->waiting.head || (!c->patient && !s->urgent);
	s->urgent += !c->patient;
	wake = wake || s->urgent == COMPANY_ENOUGH;
	queue_put(&s->waiting, c);
	if (wake)
		pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	return true;
}

/* What the store can't do right now is said before anybody relies on it; asks the disk again, so that it
 * heals. */
static bool may_take(struct embedded *s, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	bool refusing = s->refusing;
	pthread_mutex_unlock(&s->lock);
	if (!refusing)
		return true;
	room_check(s);
	pthread_mutex_lock(&s->lock);
	refusing = s->refusing;
	if (refusing && e && e->kind == ERR_NONE)
		*e = s->refusal;
	pthread_mutex_unlock(&s->lock);
	return !refusing;
}

static bool texts_fit(const struct store_message *m)
{
	const struct str texts[] = { m->reverse_path, m->envid,   m->account, m->listener, m->client,
				     m->message_id,   m->subject, m->from,    m->key,      m->config };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].len > STORE_TEXT_MAX)
			return false;
	for (size_t i = 0; i < m->nrcpts; i++)
		if (m->rcpts[i].address.len + m->rcpts[i].orcpt.len + m->rcpts[i].lane.len > STORE_TEXT_MAX)
			return false;
	return true;
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
	if (c->has_key && m->nrcpts == 1)
		keys_hash(s->sip, m->account, m->key, m->rcpts[0].address, c->key);
	seal(c);
	return c;
}

bool submit_message(struct store *base, struct store_body *body, const struct store_message *m, void *user,
		    struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct body *b = (struct body *)body;
	bool fits = texts_fit(m);
	if (!fits || b->failed || !may_take(s, e)) {
		body_free(body);
		return !fits ? ERR_FILL(e, ERR_LIMIT, STORE_TEXT_MAX, "store message",
					"with a text over the limit")
			     : ERR_FILL(e, ERR_LIMIT, 0, "store message", "whose body could not be written");
	}
	struct change *c = message_change(s, b, m, RECORD_MESSAGE);
	c->user = user;
	if (buf_waiting(&c->meta) > STORE_META_MAX) {
		change_free(&c);
		return ERR_FILL(e, ERR_LIMIT, STORE_META_MAX, "store message", "with too long an envelope");
	}
	return submit(s, c, m->arrived_ms);
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

static struct change *marks_change(const struct store_mark *marks, size_t n)
{
	struct change *c = mem_alloc(sizeof(*c));
	c->record.type = RECORD_MARKS;
	c->patient = is_patient(marks, n);
	pack_marks(&c->meta, marks, n);
	seal(c);
	return c;
}

bool submit_marks(struct store *base, const struct store_mark *marks, size_t n, void *user, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct change *c = marks_change(marks, n);
	c->user = user;
	if (buf_waiting(&c->meta) > STORE_META_MAX) {
		change_free(&c);
		return ERR_FILL(e, ERR_LIMIT, STORE_META_MAX, "store states", "with too long replies");
	}
	return submit(s, c, marks[n - 1].at_ms);
}

bool submit_suppression(struct store *base, const struct store_suppressed *v, void *user, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct store_suppressed kept = *v;
	if (suppressed_count(s->suppressed) >= STORE_SUPPRESSED_MAX && v->until_ms > v->since_ms)
		return ERR_FILL(e, ERR_LIMIT, STORE_SUPPRESSED_MAX, "suppress", "one more address");
	kept.why.len = v->why.len < STORE_REPLY_MAX ? v->why.len : STORE_REPLY_MAX;
	kept.proof.len = v->proof.len < STORE_REPLY_MAX ? v->proof.len : STORE_REPLY_MAX;
	struct change *c = mem_alloc(sizeof(*c));
	c->suppression = true;
	c->user = user;
	suppressed_pack(&c->meta, &kept);
	return submit(s, c, v->since_ms);
}

void submit_internal(struct embedded *s, const struct store_mark *m)
{
	struct change *c = marks_change(m, 1);
	c->internal = true;
	submit(s, c, m->at_ms);
}
