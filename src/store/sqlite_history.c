/* SPDX-License-Identifier: Apache-2.0 */
/* The history's database: a table a kind of row, prepared when first needed. */
#include "store/sqlite_history_inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/fault.h"

enum { SCHEMA = 1, BUSY_MS = 5000, CACHE_KIB = 2048 };

static const char schema[] =
	"CREATE TABLE run(monitor TEXT, at INT, elapsed INT, verdict TEXT, finding TEXT, title TEXT, step "
	"TEXT,"
	" summary TEXT, steps TEXT, away INT, PRIMARY KEY(monitor, at)) WITHOUT ROWID;"
	"CREATE INDEX run_at ON run(at);"
	"CREATE TABLE document(monitor TEXT, kind TEXT, at INT, json TEXT, PRIMARY KEY(monitor, kind));"
	"CREATE TABLE state(monitor TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;"
	"CREATE TABLE expiry(kind TEXT, name TEXT, detail TEXT, monitor TEXT, expires INT, seen INT, told "
	"INT,"
	" PRIMARY KEY(kind, name)) WITHOUT ROWID;"
	"CREATE TABLE record(name TEXT, type TEXT, list TEXT, recent TEXT, since INT, seen INT,"
	" PRIMARY KEY(name, type)) WITHOUT ROWID;"
	"CREATE TABLE change(n INTEGER PRIMARY KEY, at INT, name TEXT, type TEXT, old TEXT, new TEXT);"
	"CREATE TABLE day(day TEXT, key TEXT, n INT, PRIMARY KEY(day, key)) WITHOUT ROWID;"
	"CREATE TABLE sample(at INTEGER PRIMARY KEY, waiting INT, held INT, sending INT, oldest INT);"
	"CREATE TABLE cap(kind TEXT, name TEXT, lim TEXT, used INT, most INT, at INT,"
	" PRIMARY KEY(kind, name, lim)) WITHOUT ROWID;"
	"CREATE TABLE alert(n INTEGER PRIMARY KEY, at INT, alert TEXT, way TEXT, kind TEXT, subject TEXT,"
	" result TEXT);"
	"PRAGMA user_version = 1;";

static const char *const texts[HISTORY_SQL_COUNT] = {
	[RUN_ADD] = "INSERT OR REPLACE INTO run VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
	[RUN_EACH] = ("SELECT monitor, at, elapsed, verdict, finding, title, step, summary, steps, away FROM"
		      " (SELECT * FROM run WHERE monitor = ?1 AND at >= ?2 ORDER BY at DESC LIMIT ?3) ORDER "
		      "BY at"),
	[DOCUMENT_PUT] = "INSERT OR REPLACE INTO document VALUES(?1,?2,?3,?4)",
	[DOCUMENT_GET] = "SELECT json FROM document WHERE monitor = ?1 AND kind = ?2",
	[STATE_PUT] = "INSERT OR REPLACE INTO state VALUES(?1,?2)",
	[STATE_GET] = "SELECT text FROM state WHERE monitor = ?1",
	[STATE_EACH] = "SELECT monitor FROM state",
	[EXPIRY_PUT] =
		("INSERT INTO expiry VALUES(?1,?2,?3,?4,?5,?6,-1) ON CONFLICT(kind, name) DO UPDATE SET"
		 " detail = ?3, monitor = ?4, told = CASE WHEN expires = ?5 THEN told ELSE -1 END,"
		 " expires = ?5, seen = ?6"),
	[EXPIRY_TOLD] = "UPDATE expiry SET told = ?3 WHERE kind = ?1 AND name = ?2",
	[EXPIRY_EACH] =
		"SELECT kind, name, detail, monitor, expires, seen, told FROM expiry ORDER BY expires",
	[RECORD_PUT] = "INSERT OR REPLACE INTO record VALUES(?1,?2,?3,?4,?5,?6)",
	[RECORD_GET] =
		"SELECT name, type, list, recent, since, seen FROM record WHERE name = ?1 AND type = ?2",
	[RECORD_EACH] = "SELECT name, type, list, recent, since, seen FROM record ORDER BY name, type",
	[CHANGE_ADD] = "INSERT INTO change(at, name, type, old, new) VALUES(?1,?2,?3,?4,?5)",
	[CHANGE_EACH] = "SELECT at, name, type, old, new FROM change WHERE at >= ?1 ORDER BY n DESC LIMIT ?2",
	[DAY_ADD] = "INSERT INTO day VALUES(?1,?2,?3) ON CONFLICT(day, key) DO UPDATE SET n = n + ?3",
	[DAY_EACH] = "SELECT day, key, n FROM day WHERE day >= ?1 ORDER BY day, key",
	[SAMPLE_ADD] = "INSERT OR REPLACE INTO sample VALUES(?1,?2,?3,?4,?5)",
	[SAMPLE_EACH] = "SELECT at, waiting, held, sending, oldest FROM sample WHERE at >= ?1 ORDER BY at",
	[CAP_CLEAR] = "DELETE FROM cap",
	[CAP_PUT] = "INSERT OR REPLACE INTO cap VALUES(?1,?2,?3,?4,?5,?6)",
	[CAP_EACH] = "SELECT kind, name, lim, used, most, at FROM cap ORDER BY kind, name, lim",
	[ALERT_ADD] = "INSERT INTO alert(at, alert, way, kind, subject, result) VALUES(?1,?2,?3,?4,?5,?6)",
	[ALERT_EACH] = ("SELECT at, alert, way, kind, subject, result FROM alert WHERE at >= ?1"
			" ORDER BY n DESC LIMIT ?2"),
	[FORGET_STATE] = "DELETE FROM state WHERE monitor = ?1",
	[FORGET_EXPIRIES] = "DELETE FROM expiry WHERE monitor = ?1",
	[TIDY_RUN] = "DELETE FROM run WHERE at < ?1",
	[TIDY_CHANGE] = "DELETE FROM change WHERE at < ?1",
	[TIDY_ALERT] = "DELETE FROM alert WHERE at < ?1",
	[TIDY_SAMPLE] = "DELETE FROM sample WHERE at < ?1",
	[TIDY_DAY] = "DELETE FROM day WHERE day < strftime('%Y-%m-%d', ?1 / 1000, 'unixepoch')",
	[TIDY_RECORD] = "DELETE FROM record WHERE seen < ?1",
	[TIDY_EXPIRY] = "DELETE FROM expiry WHERE seen < ?1",
	[TIDY_DOCUMENT] = "DELETE FROM document WHERE at < ?1",
	[MOST_RUN] = "DELETE FROM run WHERE at <= (SELECT at FROM run ORDER BY at DESC LIMIT 1 OFFSET ?1)",
	[MOST_CHANGE] =
		"DELETE FROM change WHERE n <= (SELECT n FROM change ORDER BY n DESC LIMIT 1 OFFSET ?1)",
	[MOST_ALERT] = "DELETE FROM alert WHERE n <= (SELECT n FROM alert ORDER BY n DESC LIMIT 1 OFFSET ?1)",
	[MOST_SAMPLE] =
		"DELETE FROM sample WHERE at <= (SELECT at FROM sample ORDER BY at DESC LIMIT 1 OFFSET ?1)",
};

bool history_fault(struct history *h, const char *doing, struct err *e)
{
	int rc = sqlite3_errcode(h->db), code = sqlite3_system_errno(h->db);
	if ((rc & 0xff) == SQLITE_FULL)
		code = ENOSPC;
	if (code)
		return store_fault(e, code, doing, h->path);
	return ERR_FILL(e, ERR_LIMIT, rc, doing, "%s: %s", h->path, sqlite3_errmsg(h->db));
}

sqlite3_stmt *history_sql(struct history *h, enum history_sql which)
{
	if (!h->sql[which])
		sqlite3_prepare_v3(h->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, &h->sql[which], NULL);
	else
		sqlite3_reset(h->sql[which]);
	return h->sql[which];
}

void history_bind_text(sqlite3_stmt *st, int at, const char *z)
{
	struct str s = str_cut(str_of(z), 0, HISTORY_TEXT_MAX);
	sqlite3_bind_text(st, at, s.p, (int)s.len, SQLITE_STATIC);
}

const char *history_text(sqlite3_stmt *st, int at)
{
	const char *z = (const char *)sqlite3_column_text(st, at);
	return z ? z : "";
}

void history_bind_number(sqlite3_stmt *st, int at, long long n)
{
	sqlite3_bind_int64(st, at, n);
}

long long history_number(sqlite3_stmt *st, int at)
{
	return sqlite3_column_int64(st, at);
}

bool history_write(struct history *h, sqlite3_stmt *st, struct err *e)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;
	bool ok = rc == SQLITE_DONE || history_fault(h, "write", e);
	if (st) {
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	return ok;
}

bool history_walk(struct history *h, sqlite3_stmt *st, bool (*row)(void *walk, sqlite3_stmt *st), void *walk,
		  struct err *e)
{
	int rc = SQLITE_ERROR;
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW)
		if (!row(walk, st)) {
			rc = SQLITE_DONE;
			break;
		}
	bool ok = rc == SQLITE_DONE || history_fault(h, "read", e);
	if (st) {
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	return ok;
}

static bool exec(struct history *h, const char *sql, struct err *e)
{
	return sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK || history_fault(h, "open", e);
}

static long long version_of(struct history *h)
{
	sqlite3_stmt *st = NULL;
	long long version = -1;
	if (sqlite3_prepare_v2(h->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return version;
}

static bool configure(struct history *h, enum history_mode mode, struct err *e)
{
	char sql[60];
	sqlite3_busy_timeout(h->db, BUSY_MS);
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA cache_size = -%d", CACHE_KIB);
	if (!exec(h, sql, e))
		return false;
	if (mode == HISTORY_OWN &&
	    (!exec(h, "PRAGMA journal_mode = WAL", e) || !exec(h, "PRAGMA synchronous = NORMAL", e) ||
	     !exec(h, "PRAGMA journal_size_limit = 8388608", e)))
		return false;
	long long version = version_of(h);
	if (version < 0)
		return history_fault(h, "read", e);
	if (version == 0 && mode == HISTORY_OWN)
		return exec(h, "BEGIN IMMEDIATE", e) && exec(h, schema, e) && exec(h, "COMMIT", e);
	if (version == SCHEMA)
		return true;
	ERR_FILL(e, ERR_USAGE, (long)version, "read", "%s", h->path);
	return err_detail(e, version ? "a newer program made it: use that one" : "nothing was written yet");
}

static bool is_damaged(const struct history *h)
{
	int rc = sqlite3_errcode(h->db) & 0xff;
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB;
}

static bool open_once(const char *path, enum history_mode mode, struct history **out, bool *damaged,
		      struct err *e)
{
	CLEANUP(history_close) struct history *h = mem_alloc(sizeof(*h));
	int flags = mode == HISTORY_OWN ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	h->path = mem_strdup(path);
	int rc = sqlite3_open_v2(path, &h->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (rc != SQLITE_OK || !configure(h, mode, e)) {
		*damaged = is_damaged(h);
		return history_fault(h, "open", e);
	}
	*out = STEAL(h);
	return true;
}

static void put_aside(const char *path)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		CLEANUP(mem_free) char *from = mem_printf("%s%s", path, parts[i]);
		CLEANUP(mem_free) char *to = mem_printf("%s.damaged%s", path, parts[i]);
		(void)rename(from, to);
	}
}

bool history_open(const char *folder, enum history_mode mode, struct history **out, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/watch.db", folder);
	struct err first = { 0 };
	bool damaged = false;
	if (mode == HISTORY_READ && access(path, F_OK)) {
		ERR_FILL(e, ERR_USAGE, errno, "read", "%s", path);
		return err_detail(
			e, "nothing was written there yet: is `postrider serve` running with a monitor?");
	}
	if (open_once(path, mode, out, &damaged, &first))
		return true;
	if (damaged && mode == HISTORY_OWN) {
		put_aside(path);
		return open_once(path, mode, out, &damaged, e);
	}
	if (e && e->kind == ERR_NONE)
		*e = first;
	return false;
}

void history_close(struct history **hp)
{
	struct history *h = *hp;
	if (!h)
		return;
	for (size_t i = 0; i < HISTORY_SQL_COUNT; i++)
		sqlite3_finalize(h->sql[i]);
	sqlite3_close(h->db);
	free(h->path);
	mem_free(hp);
}

void history_begin(struct history *h)
{
	(void)sqlite3_exec(h->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
}

bool history_end(struct history *h, bool ok, struct err *e)
{
	if (sqlite3_get_autocommit(h->db)) /* it could not begin, or SQLite gave it up */
		return ok;
	if (ok && sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		return true;
	if (ok)
		history_fault(h, "write", e);
	(void)sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool history_tidy(struct history *h, int64_t before_ms, struct err *e)
{
	static const enum history_sql ages[] = { TIDY_RUN, TIDY_CHANGE, TIDY_ALERT,  TIDY_SAMPLE,
						 TIDY_DAY, TIDY_RECORD, TIDY_EXPIRY, TIDY_DOCUMENT };
	static const struct {
		enum history_sql sql;
		int most;
	} limits[] = { { MOST_RUN, HISTORY_RUNS_MAX },
		       { MOST_CHANGE, HISTORY_CHANGES_MAX },
		       { MOST_ALERT, HISTORY_ALERTS_MAX },
		       { MOST_SAMPLE, HISTORY_SAMPLES_MAX } };
	bool ok = true;
	history_begin(h);
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		sqlite3_stmt *st = history_sql(h, ages[i]);
		sqlite3_bind_int64(st, 1, before_ms);
		ok &= history_write(h, st, e);
	}
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		sqlite3_stmt *st = history_sql(h, limits[i].sql);
		sqlite3_bind_int(st, 1, limits[i].most);
		ok &= history_write(h, st, e);
	}
	return history_end(h, ok, e);
}
