/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/embedded_inner.h"

enum stage { AT_HEAD, AT_PIECES, AT_TAIL, AT_END };

struct reader {
	struct store_reader base;
	struct embedded *s;
	enum stage stage;
	struct str head, tail;
	const struct body_piece *pieces;
	size_t npieces, at;
	struct record_bytes piece, whole;
	struct arena *arena;
	int fd;                  /* of the segment `open` */
	struct segment open;     /* no 0: none */
	uint32_t pinned;         /* segment of the message's own record; 0 none */
	struct fresh_body fresh; /* or all of it, from memory */
};

static struct reader *reader_new(struct embedded *s)
{
	struct reader *r = mem_alloc(sizeof(*r));
	r->base.ops = s->base.ops;
	r->s = s;
	r->fd = -1;
	return r;
}

struct store_reader *body_look(const struct store_body *base)
{
	const struct body *b = (const struct body *)base;
	struct reader *r = reader_new(b->s);
	r->head = buf_str(&b->head);
	r->tail = buf_str(&b->tail);
	r->pieces = b->pieces;
	r->npieces = b->npieces;
	return &r->base;
}

/* Pins the pieces' segments while they are read, so that no file is used anew under the reader. */
static void pin_all(struct reader *r, int by)
{
	if (!r->pinned)
		return;
	segments_pin(&r->s->segments, r->pinned, by);
	for (size_t i = 0; i < r->npieces; i++)
		segments_pin(&r->s->segments, r->pieces[i].segment, by);
}

static bool place_of(struct embedded *s, struct store_id id, struct live_place *place, struct err *e)
{
	pthread_mutex_lock(&s->live_lock);
	struct live_message *m = s->live ? live_find(s->live, id) : NULL;
	if (m)
		*place = live_place_of(m);
	pthread_mutex_unlock(&s->live_lock);
	if (m)
		return true;
	pthread_mutex_lock(&s->ask_lock);
	int found = index_place(s->ask, id, place, e);
	pthread_mutex_unlock(&s->ask_lock);
	char text[STORE_ID_TEXT];
	return found > 0 ||
	       (found == 0 && ERR_FILL(e, ERR_USAGE, 0, "find message", "%s", store_id_text(id, text)));
}

static bool same_place(struct live_place a, struct live_place b)
{
	return a.segment == b.segment && a.offset == b.offset;
}

static bool read_at(struct embedded *s, struct store_id id, struct live_place place, struct record_bytes *out,
		    struct err *e)
{
	if (!segment_read(&s->segments, place.segment, place.offset, out, e))
		return false;
	if (out->record.id.seq == id.seq && out->record.id.tail == id.tail)
		return true;
	char text[STORE_ID_TEXT];
	ERR_FILL(e, ERR_SYNTAX, 0, "read message", "%s", store_id_text(id, text));
	return err_detail(e, "another message stands in its place");
}

bool stored_message(struct embedded *s, struct store_id id, struct record_bytes *out,
		    struct live_place *place, struct err *e)
{
	struct live_place at, now;
	if (!place_of(s, id, &at, e))
		return false;
	for (;; at = now) {
		struct err why = { 0 };
		if (place)
			*place = at;
		if (read_at(s, id, at, out, &why))
			return true;
		/* Moved meanwhile? */
		if (!place_of(s, id, &now, NULL) || same_place(at, now)) {
			if (e && e->kind == ERR_NONE)
				*e = why;
			return false;
		}
	}
}

static bool open_once(struct reader *r, struct store_id id, struct live_place *place, struct err *e)
{
	struct store_message m;
	struct body_shape shape;
	if (!stored_message(r->s, id, &r->whole, place, e))
		return false;
	struct str body = record_body(&r->whole);
	if (!unpack_message(record_meta(&r->whole), r->arena, &m, &shape) || shape.head_len > body.len)
		return ERR_FILL(e, ERR_SYNTAX, 0, "read message", "of a form this program does not know");
	r->head = str_cut(body, 0, shape.head_len);
	r->tail = str_cut(body, shape.head_len, body.len);
	r->pieces = shape.pieces;
	r->npieces = shape.npieces;
	r->pinned = place->segment;
	pin_all(r, 1);
	return true;
}

/* What came just now is still in memory, once. */
static bool open_fresh(struct reader *r, struct store_id id)
{
	struct embedded *s = r->s;
	pthread_mutex_lock(&s->live_lock);
	bool there = s->live && live_find(s->live, id) && fresh_take(&s->fresh, id, &r->fresh);
	pthread_mutex_unlock(&s->live_lock);
	if (!there)
		return false;
	r->head = buf_str(&r->fresh.head);
	r->tail = buf_str(&r->fresh.tail);
	return true;
}

struct store_reader *body_open(struct store *base, struct store_id id, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct reader *r = reader_new(s);
	struct live_place place, now;
	if (open_fresh(r, id))
		return &r->base;
	r->arena = arena_new();
	while (open_once(r, id, &place, e)) {
		/* Unless it was moved meanwhile, all of it is there and pinned. */
		if (!place_of(s, id, &now, NULL) || same_place(place, now))
			return &r->base;
		pin_all(r, -1);
		r->pinned = 0;
	}
	reader_free(&r->base);
	return NULL;
}

struct str reader_envelope(const struct store_reader *base)
{
	const struct reader *r = (const struct reader *)base;
	return buf_waiting(&r->fresh.meta) ? buf_str(&r->fresh.meta) : record_meta(&r->whole);
}

static int next_piece(struct reader *r, struct str *piece, struct err *e)
{
	const struct body_piece *p = &r->pieces[r->at++];
	if (r->open.no != p->segment) {
		close_fd(&r->fd);
		r->fd = -1;
		r->open.no = 0;
		bool there = segments_look(&r->s->segments, p->segment, &r->open);
		if (there && !segments_know(&r->s->segments, &r->open, e)) {
			r->open.no = 0; /* asked again by who comes again */
			return -1;
		}
		if (there)
			r->fd = segment_open(&r->s->segments, p->segment, e);
	}
	if (r->fd < 0) {
		ERR_FILL(e, ERR_LIMIT, 0, "read message", "a part of its text has been dropped by age");
		return -1;
	}
	if (!segment_read_fd(r->fd, &r->open, p->offset, &r->piece, e))
		return -1;
	*piece = record_body(&r->piece);
	if (piece->len == p->len)
		return 1;
	ERR_FILL(e, ERR_SYNTAX, 0, "read message", "a part of another length stands in its place");
	return -1;
}

int reader_next(struct store_reader *base, struct str *piece, struct err *e)
{
	struct reader *r = (struct reader *)base;
	if (r->stage == AT_HEAD) {
		r->stage = AT_PIECES;
		*piece = r->head;
		if (piece->len)
			return 1;
	}
	if (r->stage == AT_PIECES) {
		if (r->at < r->npieces)
			return next_piece(r, piece, e);
		r->stage = AT_TAIL;
		*piece = r->tail;
		if (piece->len)
			return 1;
	}
	r->stage = AT_END;
	return 0;
}

void reader_free(struct store_reader *base)
{
	struct reader *r = (struct reader *)base;
	pin_all(r, -1);
	close_fd(&r->fd);
	buf_clear(&r->piece.bytes);
	buf_clear(&r->whole.bytes);
	fresh_body_clear(&r->fresh);
	arena_free(&r->arena);
	free(r);
}
