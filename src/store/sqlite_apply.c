/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"
#include "store/sqlite_inner.h"
#include "store/words.h"

/* Writing what a record says.  Every statement can be repeated without harm. */

/* An id may be given long before its message has come whole: searches by time reach back that far. */
static enum index_trouble note_late(struct index *x, const struct store_message *m, struct err *e)
{
	uint64_t came = store_id_floor(m->arrived_ms);
	int64_t late = came > m->id.seq ? (int64_t)((came - m->id.seq) >> STORE_ID_STEP_BITS) + 1 : 0;
	if (late <= x->late_ms)
		return INDEX_FINE;
	x->late_ms = late;
	sqlite3_stmt *st = sql_of(x, SQL_LATE);
	bind_i(st, 1, late);
	return sql_run(x, st, e);
}

static enum index_trouble put_message(struct index *x, const struct store_message *m, struct live_place place,
				      struct str pieces, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_MESSAGE);
	if (!st)
		return sql_run(x, st, e);
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, m->id.tail);
	bind_i(st, 3, place.segment);
	bind_i(st, 4, (int64_t)place.offset);
	bind_i(st, 5, m->arrived_ms);
	bind_i(st, 6, (int64_t)m->size);
	bind_i(st, 7, m->flags);
	bind_i(st, 8, (int64_t)m->nrcpts);
	const struct str s[] = { m->reverse_path, m->account, m->listener, m->client, m->envid,
				 m->message_id,   m->subject, m->from,     m->config, pieces };
	for (int i = 0; i < (int)ARRAY_LEN(s); i++)
		bind_s(st, 9 + i, s[i]);
	return sql_run(x, st, e);
}

static enum index_trouble put_rcpt(struct index *x, const struct store_message *m, uint32_t n,
				   const struct store_rcpt *r, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_RCPT);
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, n);
	bind_s(st, 3, r->address);
	bind_s(st, 4, r->orcpt);
	bind_i(st, 5, r->notify);
	bind_s(st, 6, r->lane);
	bind_i(st, 7, r->state);
	bind_i(st, 8, r->next_ms);
	bind_i(st, 9, r->expires_ms);
	bind_i(st, 10, r->tries);
	bind_s(st, 11, r->finding);
	bind_i(st, 12, m->arrived_ms);
	return sql_run(x, st, e);
}

static void bind_event(sqlite3_stmt *st, int64_t k, const struct store_mark *m)
{
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, k);
	bind_i(st, 3, m->rcpt);
	bind_i(st, 4, m->at_ms);
	bind_i(st, 5, m->state);
	bind_i(st, 6, m->dot);
	bind_i(st, 7, m->code);
	bind_i(st, 8, m->tries);
	if (store_state_live(m->state))
		bind_i(st, 9, m->next_ms);
	else
		sqlite3_bind_null(st, 9);
	const struct str s[] = { m->host,    m->address,   m->tls,    m->reply,
				 m->finding, m->remote_id, m->config, m->why };
	for (int i = 0; i < (int)ARRAY_LEN(s); i++)
		bind_s(st, 10 + i, s[i]);
}

static enum index_trouble put_event(struct index *x, int64_t k, const struct store_mark *m, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_EVENT);
	bind_event(st, k, m);
	return sql_run(x, st, e);
}

/* A recipient that begins as held or suppressed says so on its trail. */
static enum index_trouble first_event(struct index *x, const struct store_message *m, uint32_t n,
				      const struct store_rcpt *r, int64_t k, struct err *e)
{
	if (r->state == STORE_QUEUED)
		return INDEX_FINE;
	struct store_mark mark = { .id = m->id,
				   .rcpt = n,
				   .state = r->state,
				   .at_ms = m->arrived_ms,
				   .next_ms = r->next_ms,
				   .tries = r->tries,
				   .finding = r->finding,
				   .config = m->config };
	return put_event(x, k, &mark, e);
}

static enum index_trouble put_key(struct index *x, const struct store_message *m, const struct store_rcpt *r,
				  struct err *e)
{
	uint64_t key[2];
	keys_hash(x->key, m->account, m->key, r->address, key);
	sqlite3_stmt *st = sql_of(x, SQL_KEY_PUT);
	bind_i(st, 1, (int64_t)key[0]);
	bind_i(st, 2, (int64_t)key[1]);
	bind_seq(st, 3, m->id.seq);
	bind_i(st, 4, m->id.tail);
	bind_i(st, 5, m->arrived_ms + x->key_keep_ms);
	return sql_run(x, st, e);
}

static enum index_trouble apply_rcpt(struct index *x, const struct store_message *m, uint32_t n, int64_t k,
				     const struct store_rcpt *r, int64_t bucket, struct err *e)
{
	enum index_trouble t = put_rcpt(x, m, n, r, e);
	if (t == INDEX_FINE)
		t = words_add(x, bucket, m->id.seq, WORD_RECIPIENT, r->address, e);
	if (t == INDEX_FINE)
		t = words_add(x, bucket, m->id.seq, WORD_DOMAIN, domain_of(r->address), e);
	if (t == INDEX_FINE)
		t = words_of_state(x, bucket, m->id.seq, r->state, e);
	if (t == INDEX_FINE)
		t = first_event(x, m, n, r, k, e);
	if (t == INDEX_FINE && m->key.len)
		t = put_key(x, m, r, e);
	return t;
}

/* The pieces of a long body as bytes: 16 each. */
static struct str pieces_bytes(const struct body_shape *shape, struct arena *a)
{
	unsigned char *p = arena_alloc(a, shape->npieces * 16 + 1);
	for (size_t i = 0; i < shape->npieces; i++) {
		put_le32(p + i * 16, shape->pieces[i].segment);
		put_le64(p + i * 16 + 4, shape->pieces[i].offset);
		put_le32(p + i * 16 + 12, shape->pieces[i].len);
	}
	return (struct str){ (const char *)p, shape->npieces * 16 };
}

static enum index_trouble damaged(struct err *e)
{
	ERR_FILL(e, ERR_SYNTAX, 0, "read", "a record of a form this program does not know");
	return INDEX_SKIP;
}

static enum index_trouble apply_new(struct index *x, struct str meta, const struct store_message *m,
				    struct live_place place, struct str pieces, struct err *e)
{
	struct message_reader r;
	int64_t bucket, k = (int64_t)place.segment << 32 | (int64_t)place.offset;
	enum index_trouble t = put_message(x, m, place, pieces, e);
	if (t == INDEX_FINE)
		t = note_late(x, m, e);
	if (t == INDEX_FINE)
		t = words_bucket(x, m->id.seq, &bucket, e);
	if (t == INDEX_FINE)
		t = words_of_message(x, m, bucket, e);
	message_reader_begin(&r, meta);
	for (uint32_t n = 0; t == INDEX_FINE && message_reader_rcpt(&r); n++)
		t = apply_rcpt(x, m, n, k + n, &r.rcpt, bucket, e);
	return t;
}

static enum index_trouble apply_message(struct index *x, struct live_place place, const struct record *rec,
					struct str meta, struct arena *a, struct err *e)
{
	struct message_reader r;
	struct body_shape shape = { 0 };
	if (!message_reader_begin(&r, meta))
		return damaged(e);
	while (message_reader_rcpt(&r))
		;
	if (r.u.bad || !message_reader_shape(&r, a, &shape))
		return damaged(e);
	r.m.id = rec->id;
	struct str pieces = pieces_bytes(&shape, a);
	if (rec->type == RECORD_MOVED) {
		sqlite3_stmt *st = sql_of(x, SQL_MOVE);
		bind_seq(st, 1, rec->id.seq);
		bind_i(st, 2, place.segment);
		bind_i(st, 3, (int64_t)place.offset);
		bind_s(st, 4, pieces);
		enum index_trouble t = sql_run(x, st, e);
		if (t != INDEX_FINE || sqlite3_changes(x->db))
			return t;
	}
	return apply_new(x, meta, &r.m, place, pieces, e);
}

static enum index_trouble apply_mark(struct index *x, int64_t k, const struct store_mark *m, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_MARK);
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, m->rcpt);
	bind_i(st, 3, m->state);
	bind_i(st, 4, m->next_ms);
	bind_i(st, 5, m->tries);
	bind_s(st, 6, m->finding);
	bind_i(st, 7, m->at_ms);
	bind_i(st, 8, m->dot);
	bind_s(st, 9, m->lane);
	if (m->code)
		bind_i(st, 10, k);
	else
		sqlite3_bind_null(st, 10);
	enum index_trouble t = sql_run(x, st, e);
	if (t == INDEX_FINE)
		t = put_event(x, k, m, e);
	const struct bucket *b = bucket_of(x, m->id.seq);
	if (t == INDEX_FINE && b)
		t = words_add(x, b->no, m->id.seq, WORD_REMOTE_ID, m->remote_id, e);
	if (t == INDEX_FINE && b)
		t = words_of_state(x, b->no, m->id.seq, m->state, e);
	return t;
}

static enum index_trouble apply_marks(struct index *x, struct live_place place, struct str meta,
				      struct err *e)
{
	struct mark_reader r;
	enum index_trouble t = INDEX_FINE;
	if (!mark_reader_begin(&r, meta))
		return damaged(e);
	while (t == INDEX_FINE && mark_reader_next(&r)) {
		int64_t k = (int64_t)place.segment << 32 | (int64_t)(place.offset + RECORD_HEADER + r.at);
		t = apply_mark(x, k, &r.mark, e);
	}
	return r.u.bad ? damaged(e) : t;
}

enum index_trouble index_apply(struct index *x, uint32_t segment, uint64_t offset, const struct record *r,
			       struct str meta, struct err *e)
{
	struct live_place place = { segment, offset };
	if (r->type == RECORD_MARKS)
		return apply_marks(x, place, meta, e);
	CLEANUP(arena_free) struct arena *a = arena_new();
	return apply_message(x, place, r, meta, a, e);
}
