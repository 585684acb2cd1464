/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/fault.h"
#include "store/sqlite_rows.h"

enum { SCHEMA = 2, CACHE_KIB = 64 * 1024, BUSY_MS = 2000 };

#define SIEVE "CREATE TABLE sieve(slice INT, bucket INT, prints, PRIMARY KEY(slice, bucket)) WITHOUT ROWID;"

static const char schema[] =
	"CREATE TABLE meta(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
	"CREATE TABLE message(seq INTEGER PRIMARY KEY, tail INT, segment INT, offset INT, arrived INT, size "
	"INT,"
	" flags INT, nrcpts INT, sender, account, listener, client, envid, message_id, subject, header_from, "
	"config, pieces);"
	"CREATE TABLE rcpt(seq INT, n INT, address, orcpt, notify INT, lane, state INT, next INT, expires "
	"INT, tries INT,"
	" finding, changed INT, reply INT, dot INT, PRIMARY KEY(seq, n)) WITHOUT ROWID;"
	"CREATE INDEX rcpt_live ON rcpt(seq, n) WHERE state <= 5;"
	"CREATE TABLE event(seq INT, k INT, n INT, at INT, state INT, dot INT, code INT, tries INT, next INT,"
	" host, address, tls, reply, finding, remote_id, config, why, PRIMARY KEY(seq, k)) WITHOUT ROWID;"
	"CREATE TABLE word(bucket INT, word, seq INT, PRIMARY KEY(bucket, word, seq)) WITHOUT ROWID;"
	"CREATE TABLE bucket(no INTEGER PRIMARY KEY, first INT, since INT, n INT, sieved INT);" SIEVE
	"CREATE TABLE key(h INTEGER PRIMARY KEY, g INT, seq INT, tail INT, until INT);"
	"INSERT INTO meta VALUES('segment', 0), ('offset', 0);"
	"PRAGMA user_version = 2;";

/* Buckets of before are looked into as they were then, until they are forgotten. */
static const char from_1_to_2[] =
	"BEGIN IMMEDIATE; ALTER TABLE bucket ADD COLUMN sieved INT;" SIEVE "PRAGMA user_version = 2; COMMIT";

static bool exec(struct index *x, const char *sql, struct err *e)
{
	return sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK || sql_fault(x, "open", e);
}

static bool number(struct index *x, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = NULL;
	bool ok =
		sqlite3_prepare_v2(x->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
	if (ok)
		*out = sqlite3_column_int64(st, 0);
	else
		sql_fault(x, "read", e);
	sqlite3_finalize(st);
	return ok;
}

static bool make_schema(struct index *x, struct err *e)
{
	uint64_t k[2];
	if (getrandom(k, sizeof(k), 0) != (ssize_t)sizeof(k))
		return store_fault(e, errno, "draw", "random numbers");
	char sql[160];
	sqlite3_snprintf(sizeof(sql), sql, "INSERT INTO meta VALUES('sip0', %lld), ('sip1', %lld)",
			 (long long)k[0], (long long)k[1]);
	return exec(x, "BEGIN IMMEDIATE", e) && exec(x, schema, e) && exec(x, sql, e) && exec(x, "COMMIT", e);
}

static bool read_meta(struct index *x, struct err *e)
{
	int64_t segment, offset, sip0, sip1;
	if (!number(x, "SELECT v FROM meta WHERE k = 'segment'", &segment, e) ||
	    !number(x, "SELECT v FROM meta WHERE k = 'offset'", &offset, e) ||
	    !number(x, "SELECT v FROM meta WHERE k = 'sip0'", &sip0, e) ||
	    !number(x, "SELECT v FROM meta WHERE k = 'sip1'", &sip1, e))
		return false;
	x->position = (struct live_place){ (uint32_t)segment, (uint64_t)offset };
	x->key = (struct sip_key){ { (uint64_t)sip0, (uint64_t)sip1 } };
	return buckets_read(x, e);
}

bool buckets_read(struct index *x, struct err *e)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(x->db, "SELECT no, first, since, n, sieved FROM bucket ORDER BY no", -1, &st,
			       NULL) != SQLITE_OK)
		return sql_fault(x, "read", e);
	x->nbuckets = 0;
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (x->nbuckets == x->room) {
			x->room = x->room ? x->room * 2 : 16;
			x->buckets = mem_grow(x->buckets, x->room, sizeof(*x->buckets));
		}
		x->buckets[x->nbuckets++] =
			(struct bucket){ sqlite3_column_int64(st, 0), (uint64_t)sqlite3_column_int64(st, 1),
					 (uint64_t)sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
					 sqlite3_column_int(st, 4) != 0 };
	}
	if (sqlite3_finalize(st) != SQLITE_OK)
		return sql_fault(x, "read", e);
	if (x->nbuckets)
		x->buckets[0].first = 0; /* also of a message that comes after its bucket was forgotten */
	return number(x, "SELECT coalesce((SELECT v FROM meta WHERE k = 'late'), 0)", &x->late_ms, e);
}

const struct bucket *bucket_of(const struct index *x, uint64_t seq)
{
	size_t low = 0, high = x->nbuckets;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (x->buckets[mid].first <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &x->buckets[low - 1] : NULL;
}

static int log_grew(void *user, sqlite3 *db, const char *name, int pages)
{
	struct index *x = user;
	(void)db;
	(void)name;
	x->log_pages = pages;
	return SQLITE_OK;
}

static void write_smoothly(struct index *x)
{
	sqlite3_file *f = NULL;
	if (sqlite3_file_control(x->db, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f->pMethods)
		smooth_take(&x->file, f);
	if (sqlite3_file_control(x->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) == SQLITE_OK && f->pMethods)
		smooth_take(&x->log, f);
}

static bool prepare_own(struct index *x, struct err *e)
{
	int64_t version;
	/* NORMAL: the log is synced when it is moved into the file, and by index_durable.
	 * What is lost with the power is read again from the segments. */
	if (!exec(x, "PRAGMA journal_mode = WAL", e) || !exec(x, "PRAGMA synchronous = NORMAL", e) ||
	    !exec(x, "PRAGMA wal_autocheckpoint = 0", e) ||
	    !exec(x, "PRAGMA journal_size_limit = 67108864", e) ||
	    !number(x, "PRAGMA user_version", &version, e))
		return false;
	sqlite3_wal_hook(x->db, log_grew, x); /* after wal_autocheckpoint, which takes the hook away */
	if (version == 0 ? !make_schema(x, e) : version == 1 && !exec(x, from_1_to_2, e))
		return false;
	write_smoothly(x);
	return rows_open(x, e);
}

static bool configure(struct index *x, enum index_mode mode, struct err *e)
{
	char sql[80];
	int64_t version;
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA cache_size = -%d", mode == INDEX_OWN ? CACHE_KIB : 4096);
	if (!exec(x, sql, e))
		return false;
	if (mode == INDEX_OWN && !prepare_own(x, e))
		return false;
	if (!number(x, "PRAGMA user_version", &version, e))
		return false;
	if (version == SCHEMA)
		return true;
	ERR_FILL(e, ERR_USAGE, (long)version, "read", "a store of form %lld", (long long)version);
	return err_detail(e, version < SCHEMA
				     ? "an older program made it: `postrider serve` brings it up to date"
				     : "a newer program made it: use that one");
}

/* A reader, too, makes files beside it ("-shm"); where it can't, and the owner left none when it ended, the
 * file is whole and nobody writes to it. */
static bool is_at_rest(const char *path)
{
	CLEANUP(mem_free) char *log = mem_printf("%s-wal", path);
	CLEANUP(mem_free) char *folder = mem_printf("%.*s", (int)(strrchr(path, '/') - path), path);
	return access(folder, W_OK) && access(log, F_OK) && errno == ENOENT;
}

/* Of https://sqlite.org/uri.html: immutable=1 says that the file does not change. */
static char *uri_of_resting(const char *path)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_adds(&b, "file:");
	for (const char *p = path; *p; p++)
		buf_addf(&b, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	buf_adds(&b, "?immutable=1");
	return mem_dup(buf_str(&b).p, buf_waiting(&b));
}

static int open_file(const char *path, enum index_mode mode, sqlite3 **db)
{
	int flags = mode == INDEX_OWN ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	bool resting = mode == INDEX_READ && is_at_rest(path);
	CLEANUP(mem_free) char *uri = resting ? uri_of_resting(path) : NULL;
	flags |= resting ? SQLITE_OPEN_URI : 0;
	return sqlite3_open_v2(uri ? uri : path, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
			       NULL);
}

bool index_open(const char *path, enum index_mode mode, struct index **out, bool *broken, struct err *e)
{
	CLEANUP(index_close) struct index *x = mem_alloc(sizeof(*x));
	bool there = open_file(path, mode, &x->db) == SQLITE_OK || sql_fault(x, "open", e);
	sqlite3_busy_timeout(x->db, BUSY_MS);
	bool good = there && configure(x, mode, e) && read_meta(x, e);
	*broken = !good && x->broken;
	if (good)
		*out = STEAL(x);
	return good;
}

void index_close(struct index **xp)
{
	struct index *x = *xp;
	if (!x)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(x->sql[i]);
	sqlite3_close(x->db);
	rows_close(&x->fresh);
	free(x->buckets);
	mem_free(xp);
}

bool index_broken(const struct index *x)
{
	return x && x->broken;
}

struct live_place index_position(const struct index *x)
{
	return x->position;
}

bool index_set_key(struct index *x, struct sip_key key, struct err *e)
{
	char sql[160];
	sqlite3_snprintf(sizeof(sql), sql, "REPLACE INTO meta VALUES('sip0', %lld), ('sip1', %lld)",
			 (long long)key.k[0], (long long)key.k[1]);
	x->key = key;
	return exec(x, sql, e);
}

struct sip_key index_key(const struct index *x)
{
	return x->key;
}

void index_set_key_keep(struct index *x, int64_t ms)
{
	x->key_keep_ms = ms;
}

bool index_newest(struct index *x, uint64_t *seq, int64_t *arrived_ms)
{
	sqlite3_stmt *st = sql_of(x, SQL_NEWEST);
	bool found = st && sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		*seq = (uint64_t)sqlite3_column_int64(st, 0);
		*arrived_ms = sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	return found;
}

uint64_t index_last_seq(struct index *x)
{
	uint64_t seq;
	int64_t arrived;
	return index_newest(x, &seq, &arrived) ? seq : 0;
}

static int64_t pragma(struct index *x, const char *sql)
{
	int64_t n = 0;
	return number(x, sql, &n, NULL) ? n : 0;
}

void index_bytes(struct index *x, uint64_t *used, uint64_t *reusable)
{
	uint64_t page = (uint64_t)pragma(x, "PRAGMA page_size");
	*used = page * (uint64_t)pragma(x, "PRAGMA page_count");
	*reusable = page * (uint64_t)pragma(x, "PRAGMA freelist_count");
}
