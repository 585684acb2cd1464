/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/random.h>

#include "store/crc.h"
#include "store/embedded_inner.h"

struct store_body *body_begin(struct store *s)
{
	struct body *b = mem_alloc(sizeof(*b));
	b->base.ops = s->ops;
	b->s = embedded_of(s);
	return &b->base;
}

/* Not only groups fill a segment: a long body may, while nothing else comes. */
static void ask_for_segment(struct embedded *s)
{
	pthread_mutex_lock(&s->lock);
	s->need_segment = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

static bool piece_failed(struct body *b, struct err *e)
{
	b->failed = true;
	pthread_mutex_lock(&b->s->lock);
	if (e && e->kind == ERR_NONE)
		*e = b->s->refusal;
	pthread_mutex_unlock(&b->s->lock);
	ask_for_segment(b->s);
	return ERR_FILL(e, ERR_LIMIT, 0, "store a long message", "no room at the moment");
}

static void remember_piece(struct body *b, struct segment *g, uint64_t offset)
{
	if (b->npieces == b->room) {
		b->room = b->room ? b->room * 2 : 8;
		b->pieces = mem_grow(b->pieces, b->room, sizeof(*b->pieces));
	}
	b->pieces[b->npieces++] = (struct body_piece){ g->no, offset, (uint32_t)buf_waiting(&b->tail) };
	b->in_pieces += buf_waiting(&b->tail);
	segments_pin(&b->s->segments, g->no, 1);
}

/* Appends what waits as a record of its own; durable with the message, not before. */
static bool write_piece(struct body *b, struct err *e)
{
	struct str bytes = buf_str(&b->tail);
	struct record r = { .type = RECORD_PIECE,
			    .body_len = (uint32_t)bytes.len,
			    .body_crc = store_crc(0, bytes.p, bytes.len) };
	struct segment *g;
	uint64_t offset;
	if (b->npieces == BODY_PIECES_MAX || !segments_reserve(&b->s->segments, record_room(&r), &g, &offset))
		return piece_failed(b, e);
	unsigned char head[RECORD_HEADER];
	static char padding[RECORD_ALIGN];
	record_write(&r, g->salt, offset, head);
	struct iovec iov[3] = { { head, sizeof(head) },
				{ b->tail.data + b->tail.start, bytes.len },
				{ padding, (size_t)record_room(&r) - sizeof(head) - bytes.len } };
	remember_piece(b, g, offset);
	bool ok = segment_write(g, offset, iov, ARRAY_LEN(iov), e);
	segment_appended(&b->s->segments, g, ok);
	if (segments_full(&b->s->segments, 0))
		ask_for_segment(b->s);
	b->tail.start = b->tail.len = 0;
	return ok || piece_failed(b, e);
}

bool body_add_piece(struct body *b, struct str bytes, struct err *e)
{
	buf_add(&b->tail, bytes.p, bytes.len);
	return write_piece(b, e);
}

bool body_append(struct store_body *base, struct str bytes, struct err *e)
{
	struct body *b = (struct body *)base;
	while (bytes.len && !b->failed) {
		size_t free_room = STORE_BODY_PIECE - buf_waiting(&b->tail);
		struct str now = str_cut(bytes, 0, free_room);
		buf_add(&b->tail, now.p, now.len);
		bytes = str_cut(bytes, now.len, bytes.len);
		if (bytes.len && !write_piece(b, e))
			return false;
	}
	return !b->failed || piece_failed(b, e);
}

bool body_prepend(struct store_body *base, struct str bytes, struct err *e)
{
	struct body *b = (struct body *)base;
	struct buf head = { 0 };
	if (bytes.len > STORE_BODY_HEAD_MAX - buf_waiting(&b->head) || bytes.len > STORE_BODY_HEAD_MAX)
		return ERR_FILL(e, ERR_LIMIT, (long)bytes.len, "add header lines", "of %zu bytes", bytes.len);
	buf_add(&head, bytes.p, bytes.len);
	buf_add(&head, buf_str(&b->head).p, buf_waiting(&b->head));
	buf_clear(&b->head);
	b->head = head;
	return true;
}

uint64_t body_size(const struct store_body *base)
{
	const struct body *b = (const struct body *)base;
	return b->in_pieces + buf_waiting(&b->head) + buf_waiting(&b->tail);
}

/* Drawn many at a time; lock is held. */
static uint64_t random_number(struct embedded *s)
{
	if (!s->nrandom) {
		if (getrandom(s->random, sizeof(s->random), 0) != (ssize_t)sizeof(s->random))
			abort();
		s->nrandom = ARRAY_LEN(s->random);
	}
	return s->random[--s->nrandom];
}

static struct store_id new_id(struct embedded *s, int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	struct store_id id = store_id_next(s->last_seq, now_ms, random_number(s));
	s->last_seq = id.seq;
	pthread_mutex_unlock(&s->lock);
	return id;
}

struct store_id body_id(struct store_body *base, int64_t now_ms)
{
	struct body *b = (struct body *)base;
	if (!b->id.seq)
		b->id = new_id(b->s, now_ms);
	return b->id;
}

void body_take_id(struct store_body *to, struct store_body *from)
{
	struct body *t = (struct body *)to, *f = (struct body *)from;
	t->id = f->id;
	f->id = (struct store_id){ 0 };
}

bool body_still_good(const struct body *b)
{
	for (size_t i = 0; i < b->npieces; i++) {
		struct segment g;
		if (!segments_look(&b->s->segments, b->pieces[i].segment, &g) || g.bad)
			return false;
	}
	return !b->failed;
}

void body_free(struct store_body *base)
{
	struct body *b = (struct body *)base;
	for (size_t i = 0; i < b->npieces; i++)
		segments_pin(&b->s->segments, b->pieces[i].segment, -1);
	free(b->pieces);
	buf_clear(&b->head);
	buf_clear(&b->tail);
	free(b);
}
