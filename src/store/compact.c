/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* Moving what is long-lived out of the oldest segment, so that this one can be dropped.
 *
 * Segments go oldest first (tidy.c), so one message that waits for weeks would keep all that came
 * after it.  When more than half of the bytes are nobody's, or the files are many and short, the live
 * messages of the oldest are written again at the end: first the pieces of long bodies, then a record with
 * body and present states, in a group of its own.  Only when that group is on disk does the live table name
 * the new place; the old one goes by the ordinary rules, later.  A crash before leaves the old copy, a crash
 * after leaves both, and the record says which is the newer: it stands behind.
 *
 * The states come from the index, which may be behind.  So the writer compares them with the live
 * table before it writes, and a message that changed meanwhile, or has a session on disk, is left for
 * the next time.
 *
 * All here is the indexer's thread. */

enum {
	PASS_BYTES = 4 * 1024 * 1024, /* moved at one go; the next one follows when the index has it */
	PASS_MESSAGES = 256,
	SLICE = 4096,             /* slots of the live table looked at under its lock */
	MESSAGE_BYTES = 1024,     /* of a message beside its body, about */
	PLACE_BYTES = 16,         /* by so many at most a piece's new place is longer to tell */
	SLACK_SEGMENTS = 4,       /* never worth the work below that */
	SLACK_SEGMENTS_TIGHT = 2, /* when the budget is nearly used up */
	SLACK_FILES = 64,         /* more than what there is needs: each start begins a file */
};

static bool worth_it(struct embedded *s, bool tight)
{
	pthread_mutex_lock(&s->live_lock);
	uint64_t live = live_bytes(s->live) + live_messages(s->live) * MESSAGE_BYTES;
	pthread_mutex_unlock(&s->live_lock);
	uint64_t all = segments_bytes(&s->segments), plan = s->segments.plan;
	uint64_t dead = all > live ? all - live : 0;
	if (dead > live && segments_count(&s->segments) > SLACK_FILES + 2 * all / plan)
		return true;
	return tight ? dead > live / 4 + SLACK_SEGMENTS_TIGHT * plan : dead > live + SLACK_SEGMENTS * plan;
}

/* The oldest segment keeps the others, and only its live messages keep it: the newest of the old ones to be
 * emptied at one go.  0: none. */
static uint32_t hindrance(struct embedded *s, int64_t now, bool tight)
{
	uint32_t no = 0;
	pthread_mutex_lock(&s->segments.lock);
	struct segment **v = s->segments.v;
	size_t n = s->segments.n;
	if (n > 1 && v[0]->live && (tight || body_age_over(s, 0, now, 0))) {
		uint64_t bytes = v[0]->bytes;
		no = v[0]->no;
		for (size_t i = 1; i < n / 2 && (bytes += v[i]->bytes) <= SEGMENT_BYTES; i++)
			no = v[i]->no;
	}
	pthread_mutex_unlock(&s->segments.lock);
	return no;
}

/* to: they are written behind it; NULL: only read. */
static bool read_pieces(struct embedded *s, const struct body_shape *shape, struct body *to, struct err *e)
{
	CLEANUP(buf_clear) struct buf keep = { 0 };
	for (size_t i = 0; i < shape->npieces; i++) {
		const struct body_piece *p = &shape->pieces[i];
		struct record_bytes piece = { .bytes = keep };
		bool ok = segment_read(&s->segments, p->segment, p->offset, &piece, e);
		keep = piece.bytes;
		if (!ok || (to && !body_add_piece(to, record_body(&piece), e)))
			return false;
	}
	return true;
}

/* The body of a record whose head stands in it and whose pieces are elsewhere, written anew.  All of it is
 * read before: the pieces of a body that can't be would be written in vain each time. */
static bool copy_body(struct embedded *s, const struct record_bytes *r, const struct body_shape *shape,
		      struct body *to, struct err *e)
{
	struct str body = record_body(r);
	if (shape->head_len > body.len)
		return ERR_FILL(e, ERR_SYNTAX, 0, "move message", "whose head is longer than its text");
	if (!read_pieces(s, shape, NULL, e) || !read_pieces(s, shape, to, e))
		return false;
	buf_add(&to->head, body.p, shape->head_len);
	buf_add(&to->tail, body.p + shape->head_len, body.len - shape->head_len);
	return true;
}

static bool session_open(const struct store_message *m)
{
	for (size_t i = 0; i < m->nrcpts; i++)
		if (m->rcpts[i].state == STORE_SENDING || !m->rcpts[i].address.len)
			return true;
	return false;
}

/* With what was told since: nobody could read it then.  Asked before its text is written anew. */
static bool too_long(const struct store_message *m, const struct body_shape *shape)
{
	CLEANUP(buf_clear) struct buf meta = { 0 };
	pack_message(&meta, m, shape);
	return buf_waiting(&meta) + shape->npieces * PLACE_BYTES > STORE_META_MAX;
}

/* NULL: can't be moved now; *e says why when something is wrong. */
static struct change *moved(struct embedded *s, struct store_id id, struct arena *a, struct err *e)
{
	CLEANUP(record_clear) struct record_bytes r = { 0 };
	struct store_message m = { .id = id };
	struct body_shape shape;
	if (!stored_message(s, id, &r, NULL, e))
		return NULL;
	if (!unpack_message(record_meta(&r), a, &m, &shape)) {
		ERR_FILL(e, ERR_SYNTAX, 0, "move message", "of a form this program does not know");
		return NULL;
	}
	if (!index_rcpts(s->index, a, &m, e) || session_open(&m) || too_long(&m, &shape))
		return NULL;
	struct body *b = (struct body *)body_begin(&s->base);
	b->id = id;
	if (!copy_body(s, &r, &shape, b, e)) {
		body_free(&b->base);
		return NULL;
	}
	return message_change(s, b, &m, RECORD_MOVED);
}

/* Goes on where it stopped, once round the table: what can't be moved for now keeps nothing else from it. */
static size_t collect(struct embedded *s, uint32_t last, struct store_id *ids)
{
	size_t n = 0, begin = s->compact_at, at = begin;
	bool round = false;
	while (n < PASS_MESSAGES && !(round && at >= begin)) {
		size_t slots = round && begin - at < SLICE ? begin - at : SLICE;
		pthread_mutex_lock(&s->live_lock);
		n += live_touching(s->live, last, &at, slots, ids + n, PASS_MESSAGES - n);
		pthread_mutex_unlock(&s->live_lock);
		if (at == SIZE_MAX && !round) {
			at = 0;
			round = true;
		}
	}
	s->compact_at = at == SIZE_MAX ? 0 : at;
	return n;
}

void compact(struct embedded *s, int64_t now)
{
	bool tight = is_tight(s);
	uint32_t last = worth_it(s, tight) ? hindrance(s, now, tight) : 0;
	if (!last || __atomic_load_n(&s->moving, __ATOMIC_ACQUIRE))
		return;
	CLEANUP(mem_free) struct store_id *ids = mem_alloc(PASS_MESSAGES * sizeof(*ids));
	size_t n = collect(s, last, ids);
	uint64_t bytes = 0;
	struct err e = { 0 };
	for (size_t i = 0; i < n && bytes < PASS_BYTES; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct change *c = moved(s, ids[i], a, &e);
		if (!c)
			continue;
		bytes += record_room(&c->record) + c->body->in_pieces;
		__atomic_add_fetch(&s->moving, 1, __ATOMIC_RELEASE);
		submit(s, c, now);
	}
	if (e.kind)
		trouble_report(s, &e);
}
