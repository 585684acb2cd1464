/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "store/sqlite_inner.h"
#include "store/words.h"

/* Writing what a record says.  Every statement can be repeated without harm. */

struct str id_bare(struct str id)
{
	id = str_trim(id);
	if (id.len > 1 && id.p[0] == '<' && id.p[id.len - 1] == '>')
		id = str_cut(id, 1, id.len - 1);
	return id;
}

struct str domain_of(struct str address)
{
	const char *at = memrchr(address.p, '@', address.len);
	return at ? str_cut(address, (size_t)(at - address.p) + 1, address.len) : (struct str){ "", 0 };
}

struct word word_of(const struct index *x, enum word_kind kind, struct str text)
{
	struct word w;
	struct sip s;
	char small[WORD_KEY_MAX];
	size_t n = words_lower(text, small, sizeof(small));
	w.bytes[0] = (char)kind;
	if (kind == WORD_RECIPIENT) {
		memcpy(w.bytes + 1, small, n);
		w.len = 1 + n;
		return w;
	}
	sip_begin(&s, x->key);
	sip_add(&s, (struct str){ w.bytes, 1 });
	sip_add(&s, (struct str){ small, n });
	uint64_t h = sip_end(&s, NULL);
	memcpy(w.bytes + 1, &h, sizeof(h));
	w.len = 1 + sizeof(h);
	return w;
}

static enum index_trouble add_word(struct index *x, int64_t bucket, uint64_t seq, enum word_kind kind,
				   struct str text, struct err *e)
{
	if (!text.len)
		return INDEX_FINE;
	struct word w = word_of(x, kind, text);
	sqlite3_stmt *st = sql_of(x, SQL_WORD);
	bind_i(st, 1, bucket);
	bind_s(st, 2, (struct str){ w.bytes, w.len });
	bind_seq(st, 3, seq);
	enum index_trouble t = sql_run(x, st, e);
	const struct bucket *b = sieve_takes(kind) ? bucket_of(x, seq) : NULL;
	return t == INDEX_FINE && b && b->sieved ? sieve_add(x, bucket, &w, e) : t;
}

static bool bucket_full(const struct bucket *b, uint64_t seq)
{
	return seq > b->since &&
	       (b->n >= BUCKET_MESSAGES || (int64_t)((seq - b->since) >> STORE_ID_STEP_BITS) >= BUCKET_MS);
}

static enum index_trouble make_bucket(struct index *x, struct bucket b, struct err *e)
{
	if (x->nbuckets == x->room) {
		x->room = x->room ? x->room * 2 : 16;
		x->buckets = mem_grow(x->buckets, x->room, sizeof(*x->buckets));
	}
	x->buckets[x->nbuckets++] = b;
	sqlite3_stmt *st = sql_of(x, SQL_BUCKET);
	bind_i(st, 1, b.no);
	bind_seq(st, 2, b.first);
	bind_seq(st, 3, b.since);
	return sql_run(x, st, e);
}

/* The bucket for a new message: the newest, or one more when that is full; an older one for
 * an old message that comes again when the index is made anew. */
static enum index_trouble bucket_for(struct index *x, uint64_t seq, int64_t *no, struct err *e)
{
	struct bucket *b = x->nbuckets ? &x->buckets[x->nbuckets - 1] : NULL;
	enum index_trouble t = INDEX_FINE;
	if (b && seq < b->first) {
		*no = bucket_of(x, seq)->no;
		return t;
	}
	if (!b || bucket_full(b, seq)) {
		t = make_bucket(x, (struct bucket){ b ? b->no + 1 : 1, b ? seq : 0, seq, 0, false }, e);
		if (t == INDEX_FINE && x->nbuckets > SIEVE_BEHIND)
			t = sieve_make(x, &x->buckets[x->nbuckets - 1 - SIEVE_BEHIND], e);
		b = &x->buckets[x->nbuckets - 1];
	}
	b->n++;
	x->counted = true;
	*no = b->no;
	return t;
}

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

/* States that few recipients come to are words, so that they are found without reading all. */
static bool state_is_word(enum store_state s)
{
	return s == STORE_REFUSED || s == STORE_EXPIRED || s == STORE_SUPPRESSED || s == STORE_CANCELLED ||
	       s == STORE_BOUNCED || s == STORE_CONFIRMED;
}

static enum index_trouble add_state(struct index *x, int64_t bucket, uint64_t seq, enum store_state state,
				    struct err *e)
{
	return state_is_word(state) ? add_word(x, bucket, seq, WORD_STATE, str_of(store_state_name(state)), e)
				    : INDEX_FINE;
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
		t = add_word(x, bucket, m->id.seq, WORD_RECIPIENT, r->address, e);
	if (t == INDEX_FINE)
		t = add_word(x, bucket, m->id.seq, WORD_DOMAIN, domain_of(r->address), e);
	if (t == INDEX_FINE)
		t = add_state(x, bucket, m->id.seq, r->state, e);
	if (t == INDEX_FINE)
		t = first_event(x, m, n, r, k, e);
	if (t == INDEX_FINE && m->key.len)
		t = put_key(x, m, r, e);
	return t;
}

static enum index_trouble add_words(struct index *x, const struct store_message *m, int64_t bucket,
				    struct err *e)
{
	enum index_trouble t = add_word(x, bucket, m->id.seq, WORD_SENDER, m->reverse_path, e);
	if (t == INDEX_FINE)
		t = add_word(x, bucket, m->id.seq, WORD_MESSAGE_ID, id_bare(m->message_id), e);
	struct str rest = m->subject;
	char w[WORD_BYTES];
	size_t len;
	for (int i = 0; t == INDEX_FINE && i < WORDS_MAX && (len = words_next(&rest, w)); i++)
		t = add_word(x, bucket, m->id.seq, WORD_SUBJECT, (struct str){ w, len }, e);
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
		t = bucket_for(x, m->id.seq, &bucket, e);
	if (t == INDEX_FINE)
		t = add_words(x, m, bucket, e);
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
		t = add_word(x, b->no, m->id.seq, WORD_REMOTE_ID, m->remote_id, e);
	if (t == INDEX_FINE && b)
		t = add_state(x, b->no, m->id.seq, m->state, e);
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

enum index_trouble index_begin(struct index *x, struct err *e)
{
	return sql_run(x, sql_of(x, SQL_BEGIN), e);
}

static enum index_trouble put_counts(struct index *x, struct live_place next, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_POSITION);
	bind_i(st, 1, next.segment);
	bind_i(st, 2, (int64_t)next.offset);
	enum index_trouble t = sql_run(x, st, e);
	if (t != INDEX_FINE || !x->counted || !x->nbuckets)
		return t;
	const struct bucket *b = &x->buckets[x->nbuckets - 1];
	st = sql_of(x, SQL_BUCKET_COUNT);
	bind_i(st, 1, b->no);
	bind_i(st, 2, b->n);
	return sql_run(x, st, e);
}

enum index_trouble index_commit(struct index *x, struct live_place next, struct err *e)
{
	enum index_trouble t = put_counts(x, next, e);
	if (t == INDEX_FINE)
		t = sql_run(x, sql_of(x, SQL_COMMIT), e);
	if (t == INDEX_FINE) {
		x->position = next;
		x->counted = false;
	}
	return t;
}

/* One commit that syncs the log, and with it all the commits before. */
enum index_trouble index_durable(struct index *x, struct err *e)
{
	sqlite3_exec(x->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	enum index_trouble t = index_begin(x, e);
	if (t == INDEX_FINE)
		t = index_commit(x, x->position, e);
	if (t != INDEX_FINE)
		index_rollback(x);
	sqlite3_exec(x->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	return t;
}

void index_rollback(struct index *x)
{
	if (!sqlite3_get_autocommit(x->db))
		sql_run(x, sql_of(x, SQL_ROLLBACK), NULL);
	buckets_read(x, NULL);
	x->counted = false;
}

enum index_trouble index_checkpoint(struct index *x, struct err *e)
{
	if (x->log_pages < CHECKPOINT_PAGES)
		return INDEX_FINE;
	/* A log that readers keep from beginning anew is waited for, once it is long. */
	int how = x->log_pages < LOG_PAGES_LONG ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
	int rc = sqlite3_wal_checkpoint_v2(x->db, NULL, how, NULL, NULL);
	if (rc == SQLITE_BUSY)
		return INDEX_FINE; /* a reader is in the way: next time */
	if (sql_trouble(rc) != INDEX_FINE)
		sql_fault(x, "tidy", e);
	return sql_trouble(rc);
}
