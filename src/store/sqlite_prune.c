/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/sqlite_inner.h"

/* Forgetting, a bucket at a time: a range of rows in each table, whose pages are used again.  What is
 * still live in it goes over to the next bucket, so that one long wait keeps nothing else. */

enum { KEY_SLICES = 64 }; /* a power of two; one a minute */
#define AHEAD_MS (INT64_C(366) * 24 * 3600 * 1000)

static enum index_trouble below(struct index *x, enum sql which, int64_t bound, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, which);
	if (st)
		bind_i(st, 1, bound);
	return sql_run(x, st, e);
}

static bool any_row(struct index *x, sqlite3_stmt *st)
{
	(void)x;
	bool found = st && sqlite3_step(st) == SQLITE_ROW;
	sqlite3_reset(st);
	return found;
}

static bool live_below(struct index *x, uint64_t seq)
{
	sqlite3_stmt *st = sql_of(x, SQL_LIVE_BELOW);
	if (st)
		bind_seq(st, 1, seq);
	return any_row(x, st);
}

static bool message_before(struct index *x, enum sql which, uint64_t seq, int64_t from_ms, int64_t to_ms)
{
	sqlite3_stmt *st = sql_of(x, which);
	if (st) {
		bind_seq(st, 1, seq);
		bind_i(st, 2, from_ms);
		if (which == SQL_NEWER)
			bind_i(st, 3, to_ms);
	}
	return any_row(x, st);
}

/* All messages of the oldest bucket came before the time.  Those that came more than a year later came
 * under a clock that was ahead: they keep nothing, as long as others there are old. */
static bool oldest_is_over(struct index *x, int64_t before_ms)
{
	uint64_t end = x->buckets[1].first, near = x->nbuckets > 2 ? x->buckets[2].first : INT64_MAX;
	return !message_before(x, SQL_NEWER, end, before_ms, before_ms + AHEAD_MS) &&
	       message_before(x, SQL_OLDER, near, before_ms, 0);
}

/* The words of live messages before `seq` go from the oldest bucket to the next. */
static enum index_trouble carry(struct index *x, uint64_t seq, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_CARRY_WORDS);
	if (st) {
		bind_seq(st, 1, seq);
		bind_i(st, 2, x->buckets[1].no);
		bind_i(st, 3, x->buckets[0].no);
	}
	enum index_trouble t = sql_run(x, st, e);
	return t == INDEX_FINE ? sieve_leave(x, &x->buckets[1], e) : t;
}

static enum index_trouble forget(struct index *x, uint64_t seq, const struct bucket *whole, struct err *e)
{
	const struct {
		enum sql sql;
		int64_t bound;
	} steps[] = {
		{ SQL_PRUNE_EVENTS, (int64_t)seq },   { SQL_PRUNE_RCPTS, (int64_t)seq },
		{ SQL_PRUNE_MESSAGES, (int64_t)seq }, { SQL_PRUNE_WORDS, whole->no },
		{ SQL_PRUNE_BUCKET, whole->no },
	};
	enum index_trouble t = live_below(x, seq) ? carry(x, seq, e) : INDEX_FINE;
	for (size_t i = 0; t == INDEX_FINE && i < ARRAY_LEN(steps); i++)
		t = below(x, steps[i].sql, steps[i].bound, e);
	return t == INDEX_FINE ? sieve_drop(x, whole->no, e) : t;
}

static enum index_trouble forget_oldest(struct index *x, int64_t before_ms, bool *more, struct err *e)
{
	*more = false;
	if (x->nbuckets < 2)
		return INDEX_FINE;
	struct bucket oldest = x->buckets[0];
	uint64_t end = x->buckets[1].first;
	if (!oldest_is_over(x, before_ms))
		return INDEX_FINE;
	enum index_trouble t = forget(x, end, &oldest, e);
	if (t != INDEX_FINE)
		return t;
	memmove(x->buckets, x->buckets + 1, --x->nbuckets * sizeof(*x->buckets));
	x->buckets[0].first = 0;
	*more = true;
	return t;
}

/* Hashes stand evenly, and no key is found past its time: so a part of them at a time is looked through.  All
 * at once hold up the index for half a second with four millions of them. */
static enum index_trouble prune_keys(struct index *x, int64_t now_ms, struct err *e)
{
	const uint64_t width = UINT64_MAX / KEY_SLICES + 1;
	int64_t low = (int64_t)(x->key_slice * width + ((uint64_t)1 << 63));
	sqlite3_stmt *st = sql_of(x, SQL_KEYS_PRUNE);
	if (st) {
		bind_i(st, 1, low);
		bind_i(st, 2, low + (int64_t)(width - 1));
		bind_i(st, 3, now_ms);
	}
	x->key_slice = (x->key_slice + 1) % KEY_SLICES;
	return sql_run(x, st, e);
}

enum index_trouble index_prune(struct index *x, int64_t before_ms, int64_t now_ms, bool *more, struct err *e)
{
	*more = false;
	enum index_trouble t = index_begin(x, e);
	if (t == INDEX_FINE)
		t = prune_keys(x, now_ms, e);
	if (t == INDEX_FINE)
		t = forget_oldest(x, before_ms, more, e);
	if (t == INDEX_FINE)
		t = index_commit(x, x->position, e);
	if (t != INDEX_FINE)
		index_rollback(x);
	return t;
}
