/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_rows.h"

/* Transactions of the index, and the log they go to. */

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
	enum index_trouble t = rows_flush(x, e);
	if (t == INDEX_FINE)
		t = put_counts(x, next, e);
	if (t == INDEX_FINE)
		t = sql_run(x, sql_of(x, SQL_COMMIT), e);
	if (t == INDEX_FINE) {
		x->position = next;
		x->counted = false;
		rows_drop(x);
	}
	return t;
}

enum index_trouble index_note_unread(struct index *x, uint32_t segment, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_UNREAD_NOTE);
	bind_i(st, 1, segment);
	return sql_run(x, st, e);
}

enum index_trouble index_forget_unread(struct index *x, uint32_t from, uint32_t to, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_UNREAD_FORGET);
	bind_i(st, 1, from);
	bind_i(st, 2, to);
	return sql_run(x, st, e);
}

uint32_t index_next_unread(struct index *x, uint32_t no)
{
	sqlite3_stmt *st = sql_of(x, SQL_UNREAD_NEXT);
	bind_i(st, 1, no);
	uint32_t next = sqlite3_step(st) == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return next;
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
	rows_drop(x);
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
