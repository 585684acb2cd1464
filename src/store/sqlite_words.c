/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/sqlite_rows.h"
#include "store/words.h"

/* The words by which messages are found, and the buckets they stand in. */

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

enum index_trouble words_add(struct index *x, int64_t bucket, uint64_t seq, enum word_kind kind,
			     struct str text, struct err *e)
{
	if (!text.len)
		return INDEX_FINE;
	struct word w = word_of(x, kind, text);
	struct cell *v = rows_add(x, ROWS_WORD);
	cell_i(&v[0], bucket);
	cell_s(&v[1], arena_str(rows_texts(x), (struct str){ w.bytes, w.len }));
	cell_i(&v[2], (int64_t)seq);
	const struct bucket *b = sieve_takes(kind) ? bucket_of(x, seq) : NULL;
	return b && b->sieved ? sieve_add(x, bucket, &w, e) : INDEX_FINE;
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

enum index_trouble words_bucket(struct index *x, uint64_t seq, int64_t *no, struct err *e)
{
	struct bucket *b = x->nbuckets ? &x->buckets[x->nbuckets - 1] : NULL;
	enum index_trouble t = INDEX_FINE;
	if (b && seq < b->first) {
		*no = bucket_of(x, seq)->no;
		return t;
	}
	if (!b || bucket_full(b, seq)) {
		t = rows_flush(x, e); /* what is sieved stands in the table */
		if (t != INDEX_FINE)
			return t;
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

/* States that few recipients come to are words, so that they are found without reading all. */
static bool state_is_word(enum store_state s)
{
	return s == STORE_REFUSED || s == STORE_EXPIRED || s == STORE_SUPPRESSED || s == STORE_CANCELLED ||
	       s == STORE_BOUNCED || s == STORE_CONFIRMED;
}

enum index_trouble words_of_state(struct index *x, int64_t bucket, uint64_t seq, enum store_state state,
				  struct err *e)
{
	return state_is_word(state)
		       ? words_add(x, bucket, seq, WORD_STATE, str_of(store_state_name(state)), e)
		       : INDEX_FINE;
}

enum index_trouble words_of_message(struct index *x, const struct store_message *m, int64_t bucket,
				    struct err *e)
{
	enum index_trouble t = words_add(x, bucket, m->id.seq, WORD_SENDER, m->reverse_path, e);
	if (t == INDEX_FINE)
		t = words_add(x, bucket, m->id.seq, WORD_SENDER, m->sender_given, e);
	if (t == INDEX_FINE)
		t = words_add(x, bucket, m->id.seq, WORD_MESSAGE_ID, id_bare(m->message_id), e);
	struct str rest = m->subject;
	char w[WORD_BYTES];
	size_t len;
	for (int i = 0; t == INDEX_FINE && i < WORDS_MAX && (len = words_next(&rest, w)); i++)
		t = words_add(x, bucket, m->id.seq, WORD_SUBJECT, (struct str){ w, len }, e);
	return t;
}
