/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_inner.h"

static void message_row(sqlite3_stmt *st, struct arena *a, struct store_message *m)
{
	m->id.tail = (uint32_t)sqlite3_column_int64(st, 0);
	m->arrived_ms = sqlite3_column_int64(st, 1);
	m->size = (uint64_t)sqlite3_column_int64(st, 2);
	m->flags = (unsigned)sqlite3_column_int64(st, 3);
	m->nrcpts = (size_t)sqlite3_column_int64(st, 4);
	struct str *const s[] = { &m->reverse_path, &m->account, &m->listener, &m->client, &m->envid,
				  &m->message_id,   &m->subject, &m->from,     &m->config };
	for (int i = 0; i < (int)ARRAY_LEN(s); i++)
		*s[i] = column_copy(st, 5 + i, a);
}

bool index_message(struct index *x, uint64_t seq, struct arena *a, struct store_message *m, uint32_t *segment,
		   bool *failed)
{
	sqlite3_stmt *st = sql_of(x, SQL_GET_MESSAGE);
	int rc = SQLITE_ERROR;
	if (st) {
		bind_seq(st, 1, seq);
		rc = sqlite3_step(st);
	}
	*m = (struct store_message){ .id = { seq, 0 } };
	bool row = rc == SQLITE_ROW && sql_is_nrcpts(x, sqlite3_column_int64(st, 4));
	if (row) {
		message_row(st, a, m);
		*segment = (uint32_t)sqlite3_column_int64(st, 14);
	}
	*failed = *failed || (!row && rc != SQLITE_DONE);
	sqlite3_reset(st);
	return row;
}

bool index_rcpts(struct index *x, struct arena *a, struct store_message *m, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_GET_RCPTS);
	int rc = SQLITE_ERROR;
	m->rcpts = arena_alloc(a, (m->nrcpts + 1) * sizeof(*m->rcpts));
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, 0);
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		size_t n = (size_t)sqlite3_column_int64(st, 0);
		if (n >= m->nrcpts)
			continue;
		m->rcpts[n] = (struct store_rcpt){ .address = column_copy(st, 1, a),
						   .orcpt = column_copy(st, 2, a),
						   .notify = (unsigned)sqlite3_column_int(st, 3),
						   .lane = column_copy(st, 4, a),
						   .state = (enum store_state)sqlite3_column_int(st, 5),
						   .next_ms = sqlite3_column_int64(st, 6),
						   .expires_ms = sqlite3_column_int64(st, 7),
						   .tries = (unsigned)sqlite3_column_int64(st, 8),
						   .finding = column_copy(st, 9, a) };
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE || sql_fault(x, "read", e);
}

static void event_row(sqlite3_stmt *st, struct arena *a, struct store_event *v)
{
	*v = (struct store_event){ .rcpt = (uint32_t)sqlite3_column_int64(st, 0),
				   .at_ms = sqlite3_column_int64(st, 1),
				   .state = (enum store_state)sqlite3_column_int(st, 2),
				   .dot = sqlite3_column_int(st, 3) & EVENT_DOT,
				   .owed = sqlite3_column_int(st, 3) & EVENT_OWED,
				   .proof = (enum store_proof)(sqlite3_column_int(st, 3) / EVENT_PROOF),
				   .code = (unsigned)sqlite3_column_int(st, 4),
				   .tries = (unsigned)sqlite3_column_int64(st, 5),
				   .next_ms = sqlite3_column_type(st, 6) == SQLITE_NULL
						      ? STORE_NEVER
						      : sqlite3_column_int64(st, 6) };
	struct str *const s[] = { &v->host,    &v->address,   &v->tls,    &v->reply,
				  &v->finding, &v->remote_id, &v->config, &v->why };
	for (int i = 0; i < (int)ARRAY_LEN(s); i++)
		*s[i] = column_copy(st, 7 + i, a);
}

/* The last is no event by itself: it tells why the first has another sender than the client gave.  Older ones
 * stand before it where the message moved and the index was made anew without its old place. */
static bool tells_sender(struct store_trail *t, struct store_event *v)
{
	const struct store_event *last = &v[t->nevents - 1];
	if (last->rcpt != EVENT_OF_ALL)
		return false;
	v[0].why = t->message.sender_why = last->why;
	t->message.sender_given = last->address;
	return true;
}

static bool read_events(struct index *x, struct arena *a, struct store_trail *t, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_GET_EVENTS);
	size_t room = 8;
	int rc = SQLITE_ERROR;
	struct store_event *v = mem_grow(NULL, room, sizeof(*v));
	v[t->nevents++] = (struct store_event){ .rcpt = UINT32_MAX,
						.at_ms = t->message.arrived_ms,
						.state = STORE_QUEUED,
						.next_ms = STORE_NEVER,
						.config = t->message.config };
	bind_seq(st, 1, t->message.id.seq);
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (t->nevents == room)
			v = mem_grow(v, room *= 2, sizeof(*v));
		event_row(st, a, &v[t->nevents++]);
		t->nevents -= tells_sender(t, v);
	}
	sqlite3_reset(st);
	t->events = (struct store_event *)arena_dup(a, (const char *)v, t->nevents * sizeof(*v));
	mem_free(&v);
	return rc == SQLITE_DONE || sql_fault(x, "read", e);
}

int index_envelope(struct index *x, struct store_id id, struct arena *a, struct store_message *out,
		   uint32_t *segment, struct err *e)
{
	bool failed = false;
	if (!index_message(x, id.seq, a, out, segment, &failed) || out->id.tail != id.tail)
		return failed ? (sql_fault(x, "read", e), -1) : 0;
	return index_rcpts(x, a, out, e) ? 1 : -1;
}

int index_trail(struct index *x, struct store_id id, struct arena *a, struct store_trail *out,
		uint32_t *segment, struct err *e)
{
	*out = (struct store_trail){ .nevents = 0 };
	int found = index_envelope(x, id, a, &out->message, segment, e);
	return found <= 0 || read_events(x, a, out, e) ? found : -1;
}

bool index_dots(struct index *x, struct arena *a, struct store_trail *t, struct err *e)
{
	sqlite3_stmt *st = sql_of(x, SQL_GET_DOTS);
	size_t room = 8;
	int rc = SQLITE_ERROR;
	struct store_event *v = mem_grow(NULL, room, sizeof(*v));
	bind_seq(st, 1, t->message.id.seq);
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (t->nevents == room)
			v = mem_grow(v, room *= 2, sizeof(*v));
		v[t->nevents++] = (struct store_event){ .rcpt = (uint32_t)sqlite3_column_int64(st, 0),
							.state = (enum store_state)sqlite3_column_int(st, 1),
							.dot = sqlite3_column_int(st, 2) & EVENT_DOT,
							.code = (unsigned)sqlite3_column_int(st, 3) };
	}
	sqlite3_reset(st);
	t->events = (struct store_event *)arena_dup(a, (const char *)v, t->nevents * sizeof(*v));
	mem_free(&v);
	return rc == SQLITE_DONE || sql_fault(x, "read", e);
}

bool index_reply(struct index *x, struct live_lane_view *lane, struct arena *a, struct err *e)
{
	if (!lane->seq)
		return true;
	sqlite3_stmt *st = sql_of(x, SQL_GET_EVENT);
	int rc = SQLITE_ERROR;
	if (st) {
		bind_seq(st, 1, lane->seq);
		bind_i(st, 2, lane->event);
		rc = sqlite3_step(st);
	}
	if (rc == SQLITE_ROW) {
		lane->row.reply_ms = sqlite3_column_int64(st, 0);
		lane->row.code = (unsigned)sqlite3_column_int(st, 1);
		lane->row.host = column_copy(st, 2, a);
		lane->row.reply = column_copy(st, 4, a);
		lane->row.finding = column_copy(st, 6, a);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE || sql_fault(x, "read", e);
}
