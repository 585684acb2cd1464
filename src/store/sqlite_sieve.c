/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/sqlite_inner.h"

/* Which buckets may hold a word: two bytes of each rare word's hash, arranged so that those of all buckets
 * stand side by side.  A search reads a few pages here in place of two in every bucket of the month; a
 * print found by chance (once in some hundred buckets) costs one look in vain.
 *
 * A bucket gets its prints when two newer ones stand above it: by then few words still come. */

enum { SLICES = 512, PRINT_BYTES = 2 };

struct place {
	int64_t slice;
	unsigned char print[PRINT_BYTES];
};

bool sieve_takes(enum word_kind kind)
{
	return kind == WORD_RECIPIENT || kind == WORD_MESSAGE_ID || kind == WORD_REMOTE_ID;
}

static struct place place_of(const struct index *x, struct str word)
{
	struct sip s;
	sip_begin(&s, x->key);
	sip_add(&s, word);
	uint64_t h = sip_end(&s, NULL);
	return (struct place){ (int64_t)(h % SLICES),
			       { (unsigned char)(h >> 48), (unsigned char)(h >> 56) } };
}

static enum index_trouble put(struct index *x, int64_t slice, int64_t bucket, struct str prints,
			      struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_SIEVE_PUT);
	if (!st)
		return sql_run(x, st, e);
	bind_i(st, 1, slice);
	bind_i(st, 2, bucket);
	bind_s(st, 3, prints);
	return sql_run(x, st, e);
}

enum index_trouble sieve_add(struct index *x, int64_t bucket, const struct word *w, struct err *e)
{
	struct place p = place_of(x, (struct str){ w->bytes, w->len });
	return put(x, p.slice, bucket, (struct str){ (const char *)p.print, PRINT_BYTES }, e);
}

/* ---- making the prints of a bucket ---- */

static enum index_trouble gather(struct index *x, int64_t bucket, enum word_kind kind, struct buf *slices,
				 struct err *e)
{
	const char from = (char)kind, to = (char)(kind + 1);
	sqlite3_stmt *st = sql_of(x, SQL_SIEVE_WORDS);
	if (!st)
		return sql_run(x, st, e);
	bind_i(st, 1, bucket);
	bind_s(st, 2, (struct str){ &from, 1 });
	bind_s(st, 3, (struct str){ &to, 1 });
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct place p = place_of(x, column_s(st, 0));
		buf_add(&slices[p.slice], p.print, PRINT_BYTES);
	}
	enum index_trouble t = sql_trouble(rc);
	if (t != INDEX_FINE)
		sql_fault(x, "read", e);
	sqlite3_reset(st);
	return t;
}

static enum index_trouble note(struct index *x, struct bucket *b, bool sieved, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_BUCKET_SIEVED);
	if (st) {
		bind_i(st, 1, b->no);
		bind_i(st, 2, sieved);
	}
	enum index_trouble t = sql_run(x, st, e);
	b->sieved = t == INDEX_FINE && sieved;
	return t;
}

enum index_trouble sieve_make(struct index *x, struct bucket *b, struct err *e)
{
	static const enum word_kind kinds[] = { WORD_RECIPIENT, WORD_MESSAGE_ID, WORD_REMOTE_ID };
	enum index_trouble t = INDEX_FINE;
	struct buf *slices = mem_alloc(SLICES * sizeof(*slices));
	for (size_t i = 0; t == INDEX_FINE && i < ARRAY_LEN(kinds); i++)
		t = gather(x, b->no, kinds[i], slices, e);
	for (int64_t i = 0; i < SLICES; i++) {
		if (t == INDEX_FINE && buf_waiting(&slices[i]))
			t = put(x, i, b->no, buf_str(&slices[i]), e);
		buf_clear(&slices[i]);
	}
	mem_free(&slices);
	return t == INDEX_FINE ? note(x, b, true, e) : t;
}

enum index_trouble sieve_leave(struct index *x, struct bucket *b, struct err *e)
{
	return b->sieved ? note(x, b, false, e) : INDEX_FINE;
}

enum index_trouble sieve_drop(struct index *x, int64_t bucket, struct err *e)
{
	enum index_trouble t = INDEX_FINE;
	for (int64_t i = 0; t == INDEX_FINE && i < SLICES; i++) {
		sqlite3_stmt *st = sql_of(x, SQL_SIEVE_DROP);
		if (st) {
			bind_i(st, 1, i);
			bind_i(st, 2, bucket);
		}
		t = sql_run(x, st, e);
	}
	return t;
}

/* ---- asking ---- */

static bool has_print(struct str prints, const unsigned char print[PRINT_BYTES])
{
	for (size_t i = 0; i + PRINT_BYTES <= prints.len; i += PRINT_BYTES)
		if (!memcmp(prints.p + i, print, PRINT_BYTES))
			return true;
	return false;
}

bool sieve_look(struct index *x, const struct word *w, bool *maybe)
{
	struct place p = place_of(x, (struct str){ w->bytes, w->len });
	size_t at = 0;
	int rc;
	for (size_t i = 0; i < x->nbuckets; i++)
		maybe[i] = !x->buckets[i].sieved;
	sqlite3_stmt *st = sql_of(x, SQL_SIEVE_LOOK);
	if (!st)
		return false;
	bind_i(st, 1, p.slice);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		while (at < x->nbuckets && x->buckets[at].no < sqlite3_column_int64(st, 0))
			at++;
		if (at < x->nbuckets && x->buckets[at].no == sqlite3_column_int64(st, 0))
			maybe[at] = maybe[at] || has_print(column_s(st, 1), p.print);
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE;
}
