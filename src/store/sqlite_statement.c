/* SPDX-License-Identifier: Apache-2.0 */
/* One statement: prepared once, its values bound, run; and what went wrong with it. */
#include <errno.h>

#include "store/fault.h"
#include "store/sqlite_inner.h"

enum index_trouble sql_trouble(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return INDEX_FINE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return INDEX_BROKEN;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
	case SQLITE_RANGE:
		return INDEX_SKIP;
	default:
		return INDEX_LATER;
	}
}

static const struct {
	int rc, code;
} errnos[] = {
	{ SQLITE_FULL, ENOSPC }, { SQLITE_READONLY, EROFS }, { SQLITE_IOERR, EIO },
	{ SQLITE_PERM, EACCES }, { SQLITE_NOMEM, ENOMEM },
};

/* A bad sector.  In a statement SQLite calls it damage itself, elsewhere (the schema, the log) it does not.
 */
static bool is_unreadable(sqlite3 *db)
{
	int rc = sqlite3_extended_errcode(db);
	return rc == SQLITE_IOERR_CORRUPTFS || (rc == SQLITE_IOERR_READ && sqlite3_system_errno(db) == EIO);
}

bool sql_fault(struct index *x, const char *doing, struct err *e)
{
	int rc = sqlite3_errcode(x->db), code = sqlite3_system_errno(x->db);
	x->broken = x->broken || is_unreadable(x->db);
	if (x->broken &&
	    (sql_trouble(rc) == INDEX_FINE || is_unreadable(x->db))) /* its own word is another */
		rc = SQLITE_CORRUPT;
	x->broken = x->broken || sql_trouble(rc) == INDEX_BROKEN;
	for (size_t i = 0; i < ARRAY_LEN(errnos); i++)
		if (rc == errnos[i].rc && (rc != SQLITE_IOERR || !code))
			code = errnos[i].code;
	if (sql_trouble(rc) == INDEX_LATER && code)
		return store_fault(e, code, doing, "the index of the store");
	ERR_FILL(e, ERR_LIMIT, rc, doing, "the index of the store: %s",
		 rc == sqlite3_errcode(x->db) ? sqlite3_errmsg(x->db) : sqlite3_errstr(rc));
	if (sql_trouble(rc) == INDEX_BROKEN)
		return err_detail(e, "it is made anew from the messages themselves; look at `dmesg`");
	return err_detail(e, "one row is passed over");
}

bool sql_is_nrcpts(struct index *x, int64_t n)
{
	bool sane = n >= 0 && n <= STORE_RCPTS_MAX;
	x->broken = x->broken || !sane;
	return sane;
}

sqlite3_stmt *sql_of(struct index *x, enum sql which)
{
	if (!x->sql[which])
		sqlite3_prepare_v3(x->db, sql_texts[which], -1, SQLITE_PREPARE_PERSISTENT, &x->sql[which],
				   NULL);
	else
		sqlite3_reset(x->sql[which]);
	return x->sql[which];
}

void bind_s(sqlite3_stmt *st, int at, struct str s)
{
	if (s.len)
		sqlite3_bind_blob(st, at, s.p, (int)s.len, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, at);
}

void bind_i(sqlite3_stmt *st, int at, int64_t v)
{
	sqlite3_bind_int64(st, at, v);
}

void bind_seq(sqlite3_stmt *st, int at, uint64_t seq)
{
	sqlite3_bind_int64(st, at, (int64_t)seq);
}

struct str column_s(sqlite3_stmt *st, int at)
{
	const char *p = sqlite3_column_blob(st, at);
	return (struct str){ p ? p : "", (size_t)sqlite3_column_bytes(st, at) };
}

struct str column_copy(sqlite3_stmt *st, int at, struct arena *a)
{
	return arena_str(a, column_s(st, at));
}

enum index_trouble sql_run(struct index *x, sqlite3_stmt *st, struct err *e)
{
	int rc = st ? sqlite3_step(st) : sqlite3_errcode(x->db);
	enum index_trouble t = sql_trouble(rc);
	if (t != INDEX_FINE)
		sql_fault(x, "write", e);
	if (st)
		sqlite3_reset(st);
	return t;
}
