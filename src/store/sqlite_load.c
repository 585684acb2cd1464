/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_inner.h"

/* What the rest of the store asks of the index: live rows, keys, states, places. */

static struct body_piece *pieces_of(struct str bytes, struct arena *a, size_t *n)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	*n = bytes.len / 16;
	struct body_piece *v = arena_alloc(a, *n * sizeof(*v) + 1);
	for (size_t i = 0; i < *n; i++, p += 16)
		v[i] = (struct body_piece){ get_le32(p), get_le64(p + 4), get_le32(p + 12) };
	return v;
}

static struct live_message *load_message(struct live *l, sqlite3_stmt *st, struct store_id id)
{
	struct live_place place = { (uint32_t)sqlite3_column_int64(st, 2),
				    (uint64_t)sqlite3_column_int64(st, 3) };
	struct live_message *m =
		live_add(l, id, (uint32_t)sqlite3_column_int64(st, 6), place, sqlite3_column_int64(st, 4),
			 (uint64_t)sqlite3_column_int64(st, 5), column_s(st, 7));
	struct str pieces = column_s(st, 8);
	if (!pieces.len)
		return m;
	CLEANUP(arena_free) struct arena *a = arena_new();
	size_t n;
	struct body_piece *p = pieces_of(pieces, a, &n);
	live_set_pieces(l, m, p, n);
	return m;
}

static void reserve(struct index *x, struct live *l)
{
	sqlite3_stmt *st = sql_of(x, SQL_COUNT_LIVE);
	if (st && sqlite3_step(st) == SQLITE_ROW)
		live_reserve(l, (size_t)sqlite3_column_int64(st, 0));
	sqlite3_reset(st);
}

/* What a clock that was ahead wrote waits as long as it was meant to, from now on; a person means the time.
 */
static int64_t next_of(sqlite3_stmt *st, int64_t now_ms)
{
	int64_t next = sqlite3_column_int64(st, 12), ahead = sqlite3_column_int64(st, 17) - now_ms;
	bool waits = next != STORE_NEVER && sqlite3_column_int(st, 10) != STORE_HELD;
	return now_ms && waits && ahead > 0 ? next - ahead : next;
}

bool index_load(struct index *x, struct live *l, int64_t now_ms, struct err *e)
{
	reserve(x, l);
	sqlite3_stmt *st = sql_of(x, SQL_LOAD);
	struct live_message *m = NULL;
	uint64_t last = 0;
	int rc;
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW && sql_is_nrcpts(x, sqlite3_column_int64(st, 6))) {
		struct store_id id = { (uint64_t)sqlite3_column_int64(st, 0),
				       (uint32_t)sqlite3_column_int64(st, 1) };
		if (!m || id.seq != last)
			m = load_message(l, st, id);
		last = id.seq;
		const struct store_rcpt r = { .state = (enum store_state)sqlite3_column_int(st, 10),
					      .lane = column_s(st, 11),
					      .next_ms = next_of(st, now_ms),
					      .expires_ms = sqlite3_column_int64(st, 13),
					      .tries = (unsigned)sqlite3_column_int64(st, 14),
					      .finding = column_s(st, 18) };
		live_add_rcpt(l, m, (uint32_t)sqlite3_column_int64(st, 9), &r,
			      sqlite3_column_int(st, 15) ? LIVE_DOT_SENT : LIVE_NO_DOT);
		if (sqlite3_column_type(st, 16) != SQLITE_NULL)
			live_lane_reply(l, r.lane, id.seq, sqlite3_column_int64(st, 16));
	}
	bool ok = st && rc == SQLITE_DONE;
	if (!ok)
		sql_fault(x, "read", e);
	sqlite3_reset(st);
	return ok;
}

bool index_unfinished(struct index *x, const struct live_open *open, struct arena *a, struct store_mark *m,
		      struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_UNFINISHED);
	int rc = SQLITE_ERROR;
	*m = (struct store_mark){ .id = open->id, .rcpt = open->rcpt, .tries = open->tries };
	m->state = open->dot ? STORE_IN_DOUBT : open->tries ? STORE_DELAYED : STORE_QUEUED;
	m->why = open->dot ? STR_LIT("the relay stopped after the final dot, before the reply")
			   : STR_LIT("the relay stopped during the session");
	if (st) {
		bind_seq(st, 1, open->id.seq);
		bind_i(st, 2, open->rcpt);
		rc = sqlite3_step(st);
	}
	if (rc == SQLITE_ROW) {
		m->config = column_copy(st, 0, a);
		m->host = column_copy(st, 1, a);
		m->address = column_copy(st, 2, a);
		m->tls = column_copy(st, 3, a);
		m->proof = (enum store_proof)(sqlite3_column_int(st, 4) / EVENT_PROOF);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE || sql_fault(x, "read", e);
}

void index_hold(struct index *x)
{
	if (sqlite3_get_autocommit(x->db))
		(void)sql_run(x, sql_of(x, SQL_LOOK), NULL);
}

void index_let_go(struct index *x)
{
	if (!sqlite3_get_autocommit(x->db))
		(void)sql_run(x, sql_of(x, SQL_COMMIT), NULL);
	if (!sqlite3_get_autocommit(x->db))
		(void)sql_run(x, sql_of(x, SQL_ROLLBACK), NULL);
}

/* One row or none: 1, 0, or -1 with *e. */
static int only_row(struct index *x, sqlite3_stmt *st, struct err *e)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		sql_fault(x, "read", e);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

int index_seen(struct index *x, const uint64_t key[2], int64_t now_ms, struct store_id *id, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_KEY_GET);
	if (st) {
		bind_i(st, 1, (int64_t)key[0]);
		bind_i(st, 2, (int64_t)key[1]);
		bind_i(st, 3, now_ms);
	}
	int found = only_row(x, st, e);
	if (found > 0)
		*id = (struct store_id){ (uint64_t)sqlite3_column_int64(st, 0),
					 (uint32_t)sqlite3_column_int64(st, 1) };
	sqlite3_reset(st);
	return found;
}

enum store_state index_state(struct index *x, struct store_id id, uint32_t rcpt, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_STATE);
	if (st) {
		bind_seq(st, 1, id.seq);
		bind_i(st, 2, rcpt);
		bind_i(st, 3, id.tail);
	}
	enum store_state state =
		only_row(x, st, e) > 0 ? (enum store_state)sqlite3_column_int(st, 0) : STORE_NO_STATE;
	sqlite3_reset(st);
	return state;
}

int index_place(struct index *x, struct store_id id, struct live_place *place, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_PLACE);
	if (st) {
		bind_seq(st, 1, id.seq);
		bind_i(st, 2, id.tail);
	}
	int found = only_row(x, st, e);
	if (found > 0)
		*place = (struct live_place){ (uint32_t)sqlite3_column_int64(st, 0),
					      (uint64_t)sqlite3_column_int64(st, 1) };
	sqlite3_reset(st);
	return found;
}
