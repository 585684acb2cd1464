/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_marked.h"

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

static void put_message(struct index *x, const struct store_message *m, struct live_place place,
			struct str pieces)
{
	struct cell *v = rows_add(x, ROWS_MESSAGE);
	const int64_t n[] = { (int64_t)m->id.seq, m->id.tail,       place.segment, (int64_t)place.offset,
			      m->arrived_ms,      (int64_t)m->size, m->flags,      (int64_t)m->nrcpts };
	const struct str s[] = { m->reverse_path, m->account, m->listener, m->client, m->envid,
				 m->message_id,   m->subject, m->from,     m->config, pieces };
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		cell_i(v++, n[i]);
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		cell_s(v++, s[i]);
}

static void put_rcpt(struct index *x, const struct store_message *m, uint32_t n, const struct store_rcpt *r)
{
	struct cell *v = rows_rcpt(x, m->id.seq, n);
	cell_i(&v[0], (int64_t)m->id.seq);
	cell_i(&v[1], n);
	cell_s(&v[2], r->address);
	cell_s(&v[3], r->orcpt);
	cell_i(&v[4], r->notify);
	cell_s(&v[RCPT_LANE], r->lane);
	cell_i(&v[RCPT_STATE], r->state);
	cell_i(&v[RCPT_NEXT], r->next_ms);
	cell_i(&v[8], r->expires_ms);
	cell_i(&v[RCPT_TRIES], r->tries);
	cell_s(&v[RCPT_FINDING], r->finding);
	cell_i(&v[RCPT_CHANGED], m->arrived_ms);
}

static void put_event(struct index *x, int64_t k, const struct store_mark *m)
{
	struct cell *v = rows_add(x, ROWS_EVENT);
	const int64_t flags =
		(m->dot ? EVENT_DOT : 0) | (m->owed ? EVENT_OWED : 0) | (int64_t)m->proof * EVENT_PROOF;
	const int64_t n[] = { (int64_t)m->id.seq, k, m->rcpt, m->at_ms, m->state, flags, m->code, m->tries };
	const struct str s[] = { m->host,    m->address,   m->tls,    m->reply,
				 m->finding, m->remote_id, m->config, m->why };
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		cell_i(v++, n[i]);
	if (store_state_live(m->state))
		cell_i(v++, m->next_ms);
	else
		cell_s(v++, (struct str){ "", 0 });
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		cell_s(v++, s[i]);
}

/* Before those of its recipients: why the sender is not the client's own; `address` is that one. */
static void sender_event(struct index *x, const struct store_message *m, int64_t k)
{
	struct store_mark mark = { .id = m->id,
				   .rcpt = EVENT_OF_ALL,
				   .state = STORE_QUEUED,
				   .at_ms = m->arrived_ms,
				   .address = m->sender_given,
				   .why = m->sender_why };
	put_event(x, k, &mark);
}

/* A recipient that begins as held or suppressed says so on its trail. */
static void first_event(struct index *x, const struct store_message *m, uint32_t n,
			const struct store_rcpt *r, int64_t k)
{
	if (r->state == STORE_QUEUED)
		return;
	struct store_mark mark = { .id = m->id,
				   .rcpt = n,
				   .state = r->state,
				   .at_ms = m->arrived_ms,
				   .next_ms = r->next_ms,
				   .tries = r->tries,
				   .finding = r->finding,
				   .config = m->config };
	put_event(x, k, &mark);
}

static void put_hash(struct index *x, const struct store_message *m, const uint64_t key[2])
{
	struct cell *v = rows_add(x, ROWS_KEY);
	const int64_t n[] = { (int64_t)key[0], (int64_t)key[1], (int64_t)m->id.seq, m->id.tail,
			      m->arrived_ms + x->key_keep_ms };
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		cell_i(v++, n[i]);
}

static void put_rcpt_key(struct index *x, const struct store_message *m, const struct store_rcpt *r)
{
	uint64_t key[2];
	keys_hash(x->key, m->account, m->key, r->address, key);
	put_hash(x, m, key);
}

/* True: its recipients have none of their own. */
static bool put_whole_key(struct index *x, const struct store_message *m)
{
	uint64_t spent[2], same[2];
	if (!keys_whole(x->key, m->account, m->key, spent, same))
		return false;
	put_hash(x, m, spent);
	put_hash(x, m, same);
	return true;
}

static enum index_trouble apply_rcpt(struct index *x, const struct store_message *m, uint32_t n, int64_t k,
				     const struct store_rcpt *r, int64_t bucket, struct err *e)
{
	put_rcpt(x, m, n, r);
	first_event(x, m, n, r, k);
	enum index_trouble t = words_add(x, bucket, m->id.seq, WORD_RECIPIENT, r->address, e);
	if (t == INDEX_FINE)
		t = words_add(x, bucket, m->id.seq, WORD_DOMAIN, str_domain(r->address), e);
	return t == INDEX_FINE ? words_of_state(x, bucket, m->id.seq, r->state, e) : t;
}

/* The pieces of a long body as bytes: 16 each. */
static struct str pieces_bytes(const struct body_shape *shape, struct arena *a)
{
	unsigned char *p = arena_raw(a, shape->npieces * 16 + 1);
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
	enum index_trouble t = note_late(x, m, e);
	if (t == INDEX_FINE)
		t = words_bucket(x, m->id.seq, &bucket, e); /* which may write what was gathered */
	put_message(x, m, place, pieces);
	if (t == INDEX_FINE)
		t = words_of_message(x, m, bucket, e);
	if (m->sender_why.len)
		sender_event(x, m, k++);
	bool keys = m->key.len && !put_whole_key(x, m);
	message_reader_begin(&r, meta);
	for (uint32_t n = 0; t == INDEX_FINE && message_reader_rcpt(&r); n++) {
		if (keys)
			put_rcpt_key(x, m, &r.rcpt);
		t = apply_rcpt(x, m, n, k + n, &r.rcpt, bucket, e);
	}
	return t;
}

/* A message that moved; *known: it was there. */
static enum index_trouble move(struct index *x, struct store_id id, struct live_place place,
			       struct str pieces, bool *known, struct err *e)
{
	enum index_trouble t = rows_flush(x, e);
	if (t != INDEX_FINE)
		return t;
	sqlite3_stmt *st = sql_of(x, SQL_MOVE);
	bind_seq(st, 1, id.seq);
	bind_i(st, 2, place.segment);
	bind_i(st, 3, (int64_t)place.offset);
	bind_s(st, 4, pieces);
	t = sql_run(x, st, e);
	*known = t == INDEX_FINE && sqlite3_changes(x->db) > 0;
	return t;
}

static enum index_trouble apply_message(struct index *x, struct live_place place, const struct record *rec,
					struct str meta, struct err *e)
{
	struct message_reader r;
	struct body_shape shape = { 0 };
	bool known = false;
	if (!message_reader_begin(&r, meta))
		return damaged(e);
	while (message_reader_rcpt(&r))
		;
	if (r.u.bad || !message_reader_shape(&r, rows_texts(x), &shape))
		return damaged(e);
	r.m.id = rec->id;
	struct str pieces = pieces_bytes(&shape, rows_texts(x));
	enum index_trouble t = INDEX_FINE;
	if (rec->type == RECORD_MOVED)
		t = move(x, rec->id, place, pieces, &known, e);
	return t == INDEX_FINE && !known ? apply_new(x, meta, &r.m, place, pieces, e) : t;
}

static enum index_trouble apply_mark(struct index *x, int64_t k, const struct store_mark *m, struct err *e)
{
	rows_mark(x, m, k);
	put_event(x, k, m);
	const struct bucket *b = bucket_of(x, m->id.seq);
	enum index_trouble t =
		b ? words_add(x, b->no, m->id.seq, WORD_REMOTE_ID, m->remote_id, e) : INDEX_FINE;
	if (t == INDEX_FINE && b && m->owed)
		t = words_add(x, b->no, m->id.seq, WORD_OWED, OWED_WORD, e);
	return t == INDEX_FINE && b ? words_of_state(x, b->no, m->id.seq, m->state, e) : t;
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
	if (rows_full(x)) {
		enum index_trouble t = rows_flush(x, e);
		if (t != INDEX_FINE)
			return t;
		rows_drop(x);
	}
	struct str kept = arena_str(rows_texts(x), meta);
	return r->type == RECORD_MARKS ? apply_marks(x, place, kept, e) : apply_message(x, place, r, kept, e);
}
