/* SPDX-License-Identifier: Apache-2.0 */

#include "store/merge.h"
#include "store/query.h"
#include "store/sqlite_driver.h"

/* Search: the rarest word of the question drives, newest bucket first; each message it
 * names is read and judged against the whole question. */

#define CLOCK_SLACK_MS (INT64_C(2) * 24 * 3600 * 1000)

enum {
	LOOK_MAX = 20000, /* messages read for one answer */
};

struct search {
	struct index *x;
	const struct store_query *q;
	struct arena *a;
	struct err *e;
	struct store_hits *out;
	size_t limit, looked, room;
	uint64_t low, high; /* seq, both included */
	struct store_id at; /* the message in hand */
	uint32_t next_rcpt; /* of the message where the last answer ended */
	uint64_t resume;    /* that message; 0 none */
	struct drivers drivers;
	bool *maybe; /* of each bucket: it may hold the driver's word; NULL: any may */
	bool failed, full;
};

/* ---- judging one message ---- */

static void read_reply(struct search *s, int64_t event, struct store_hit *h)
{
	sqlite3_stmt *st = sql_of(s->x, SQL_GET_EVENT);
	bind_seq(st, 1, h->id.seq);
	bind_i(st, 2, event);
	if (st && sqlite3_step(st) == SQLITE_ROW) {
		h->code = (unsigned)sqlite3_column_int(st, 1);
		h->host = column_copy(st, 2, s->a);
		h->address = column_copy(st, 3, s->a);
		h->reply = column_copy(st, 4, s->a);
		h->remote_id = column_copy(st, 5, s->a);
	}
	sqlite3_reset(st);
}

static bool has_remote_id(struct search *s, uint64_t seq, int64_t rcpt)
{
	sqlite3_stmt *st = sql_of(s->x, SQL_HAS_REMOTE);
	bind_seq(st, 1, seq);
	bind_i(st, 2, rcpt);
	bind_s(st, 3, s->q->remote_id);
	bool has = st && sqlite3_step(st) == SQLITE_ROW;
	sqlite3_reset(st);
	return has;
}

/* As the client gave it, where that was another. */
static struct str sender_given(struct search *s, uint64_t seq)
{
	struct str given = { "", 0 };
	sqlite3_stmt *st = sql_of(s->x, SQL_GET_SENDER);
	bind_seq(st, 1, seq);
	bind_i(st, 2, EVENT_OF_ALL);
	if (st && sqlite3_step(st) == SQLITE_ROW)
		given = column_copy(st, 0, s->a);
	sqlite3_reset(st);
	return given;
}

static bool message_fits(struct search *s, struct store_message *m)
{
	if (!query_address_fits(m->reverse_path, s->q->sender))
		m->sender_given = sender_given(s, m->id.seq);
	return query_message_fits(s->q, m);
}

static struct store_hit *new_hit(struct search *s)
{
	struct store_hits *o = s->out;
	o->v = arena_grow(s->a, o->v, o->n, &s->room, 16, sizeof(*o->v));
	return &o->v[o->n++];
}

static enum store_state seen(const struct search *s, sqlite3_stmt *st, const struct store_message *m)
{
	return store_state_seen(s->q->sending, m->id, (uint32_t)sqlite3_column_int64(st, 0),
				(enum store_state)sqlite3_column_int(st, 5));
}

static bool lane_fits(const struct store_query *q, struct str kept)
{
	return !q->lane.len || query_same(q->lane_own ? q->lane_own(kept) : kept, q->lane);
}

static bool rcpt_fits(struct search *s, sqlite3_stmt *st, const struct store_message *m)
{
	const struct store_query *q = s->q;
	unsigned states = query_states(q);
	if (!query_address_fits(column_s(st, 1), q->recipient))
		return false;
	if (states && !(states >> seen(s, st, m) & 1))
		return false;
	if (!lane_fits(q, column_s(st, 4)))
		return false;
	if (q->finding.len && !query_same(column_s(st, 9), q->finding))
		return false;
	return !q->remote_id.len || has_remote_id(s, m->id.seq, sqlite3_column_int64(st, 0));
}

static void take_hit(struct search *s, sqlite3_stmt *st, const struct store_message *m)
{
	struct store_hit *h = new_hit(s);
	*h = (struct store_hit){ .id = m->id,
				 .rcpt = (uint32_t)sqlite3_column_int64(st, 0),
				 .arrived_ms = m->arrived_ms,
				 .size = m->size,
				 .reverse_path = m->reverse_path,
				 .message_id = m->message_id,
				 .subject = m->subject,
				 .account = m->account,
				 .recipient = column_copy(st, 1, s->a),
				 .lane = column_copy(st, 4, s->a),
				 .state = seen(s, st, m),
				 .kept = (enum store_state)sqlite3_column_int(st, 5),
				 .next_ms = sqlite3_column_int64(st, 6),
				 .tries = (unsigned)sqlite3_column_int64(st, 8),
				 .finding = column_copy(st, 9, s->a),
				 .changed_ms = sqlite3_column_int64(st, 10) };
	if (sqlite3_column_type(st, 11) != SQLITE_NULL)
		read_reply(s, sqlite3_column_int64(st, 11), h);
}

static void look_at_rcpts(struct search *s, const struct store_message *m, uint32_t from)
{
	sqlite3_stmt *st = sql_of(s->x, SQL_GET_RCPTS);
	bind_seq(st, 1, m->id.seq);
	bind_i(st, 2, from);
	int rc = SQLITE_ERROR;
	while (st && !s->full && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (!rcpt_fits(s, st, m))
			continue;
		take_hit(s, st, m);
		s->next_rcpt = (uint32_t)sqlite3_column_int64(st, 0) + 1;
		s->full = s->out->n == s->limit;
	}
	s->failed = s->failed || (rc != SQLITE_ROW && rc != SQLITE_DONE);
	sqlite3_reset(st);
}

static void look_at(struct search *s, uint64_t seq)
{
	struct store_message m;
	uint32_t segment;
	bool found = index_message(s->x, seq, s->a, &m, &segment, &s->failed);
	uint32_t from = seq == s->resume ? s->next_rcpt : 0;
	s->at = (struct store_id){ seq, 0 };
	s->next_rcpt = UINT32_MAX;
	s->looked++;
	if (found && message_fits(s, &m))
		look_at_rcpts(s, &m, from);
	if (!s->full)
		s->next_rcpt = UINT32_MAX;
	s->full = s->full || s->looked == LOOK_MAX;
}

/* ---- the walk ---- */

static void walk_range(struct search *s, const struct driver *d, int64_t bucket, uint64_t low, uint64_t high)
{
	sqlite3_stmt *st = driver_start(s->x, d, bucket, low, high);
	int rc = SQLITE_ERROR;
	while (st && !s->full && !s->failed && (rc = sqlite3_step(st)) == SQLITE_ROW)
		look_at(s, (uint64_t)sqlite3_column_int64(st, 0));
	if (!s->full && !s->failed && rc != SQLITE_DONE)
		s->failed = true;
	sqlite3_reset(st);
}

static void walk_buckets(struct search *s, const struct driver *d)
{
	uint64_t high = s->high;
	for (size_t i = s->x->nbuckets; i-- > 0 && !s->full && !s->failed;) {
		const struct bucket *b = &s->x->buckets[i];
		uint64_t low = b->first > s->low ? b->first : s->low;
		if (low <= high && (!s->maybe || s->maybe[i]))
			walk_range(s, d, b->no, low, high);
		if (b->first <= s->low)
			break;
		if (b->first && b->first - 1 < high)
			high = b->first - 1;
	}
}

/* They alone can be found: newest first, each message once. */
static void walk_sending(struct search *s)
{
	const struct store_sending *x = s->q->sending;
	for (size_t i = x->n; i-- > 0 && !s->full && !s->failed;) {
		uint64_t seq = x->v[i].id.seq;
		if ((i + 1 == x->n || x->v[i + 1].id.seq != seq) && seq >= s->low && seq <= s->high)
			look_at(s, seq);
	}
}

static bool read_cursor(struct search *s)
{
	struct store_cursor c;
	if (!s->q->cursor.len)
		return true;
	if (!store_cursor_read(s->q->cursor, &c, s->e))
		return false;
	s->resume = c.seq;
	s->next_rcpt = c.rcpt;
	if (c.rcpt == UINT32_MAX)
		c.seq--;
	if (c.seq < s->high)
		s->high = c.seq;
	return true;
}

static void bounds(struct search *s)
{
	s->low = s->q->since_ms ? store_id_floor(s->q->since_ms - s->x->late_ms) : 0;
	s->high = INT64_MAX;
	/* Ids never go back, clocks do: an id may be later than its message came, and earlier only by
	 * late_ms.  Above there is slack, and no bound at all while the clock was once far ahead. */
	uint64_t seq;
	int64_t arrived;
	if (s->q->until_ms && index_newest(s->x, &seq, &arrived) &&
	    seq <= store_id_floor(arrived + CLOCK_SLACK_MS))
		s->high = store_id_floor(s->q->until_ms + CLOCK_SLACK_MS);
}

/* A word that few messages have: the buckets without it need no look. */
static void sift(struct search *s, const struct driver *d)
{
	if (d->sql != SQL_FIND_WORD || !sieve_takes((enum word_kind)d->word.bytes[0]))
		return;
	s->maybe = arena_alloc(s->a, s->x->nbuckets + 1);
	s->failed = !sieve_look(s->x, &d->word, s->maybe);
}

static void walk(struct search *s)
{
	bool all_told = s->q->sending && !s->q->sending->some;
	if (all_told && query_only_state(query_states(s->q)) == STORE_SENDING) {
		walk_sending(s);
		return;
	}
	drivers_choose(&s->drivers, s->x, s->q);
	const struct driver *d = drivers_rarest(&s->drivers, s->x, s->low, s->high);
	sift(s, d);
	if (d->sql == SQL_FIND_WORD || d->sql == SQL_FIND_PREFIX)
		walk_buckets(s, d);
	else
		walk_range(s, d, 0, s->low, s->high);
}

static bool find(struct search *s)
{
	if (!buckets_read(s->x, s->e))
		return false;
	bounds(s);
	if (!read_cursor(s))
		return false;
	walk(s);
	return !s->failed || sql_fault(s->x, "read", s->e);
}

bool index_find(struct index *x, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e)
{
	*out = (struct store_hits){ NULL, 0, NULL };
	struct search s = { .x = x, .q = q, .a = a, .e = e, .out = out };
	s.limit = q->limit ? q->limit : STORE_FIND_USUAL;
	if (s.limit > STORE_FIND_MAX)
		s.limit = STORE_FIND_MAX;
	index_hold(x);
	bool found = find(&s);
	index_let_go(x);
	if (found && s.full)
		out->cursor = store_cursor_write((struct store_cursor){ s.at.seq, s.next_rcpt }, a);
	return found;
}
