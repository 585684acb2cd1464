/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_driver.h"

#include "store/query.h"

enum { PROBE_MAX = 200, PROBE_BUCKETS = 8 }; /* entries counted, and where, to see how rare a word is */

static void drive(struct drivers *all, const struct index *x, enum word_kind kind, struct str text)
{
	if (!text.len || all->n == DRIVERS_MAX)
		return;
	all->v[all->n++] = (struct driver){ .sql = SQL_FIND_WORD, .word = word_of(x, kind, text) };
}

static void drive_recipient(struct drivers *all, const struct index *x, struct str want)
{
	if (!want.len || (query_is_prefix(want) && want.len == 1))
		return;
	if (want.p[0] == '@') {
		drive(all, x, WORD_DOMAIN, str_cut(want, 1, want.len));
		return;
	}
	bool prefix = query_is_prefix(want);
	drive(all, x, WORD_RECIPIENT, str_cut(want, 0, want.len - prefix));
	if (!prefix)
		return;
	struct driver *d = &all->v[all->n - 1];
	d->sql = SQL_FIND_PREFIX;
	d->end = d->word;
	/* Bytes of addresses are below 0xff (UTF-8), so one more at the end comes after all. */
	d->end.bytes[d->end.len < sizeof(d->end.bytes) ? d->end.len++ : d->end.len - 1] = (char)0xff;
}

static void drive_subject(struct drivers *all, const struct index *x, struct str want)
{
	char w[WORD_BYTES];
	size_t n;
	while ((n = words_next(&want, w)))
		drive(all, x, WORD_SUBJECT, (struct str){ w, n });
}

void drivers_choose(struct drivers *all, const struct index *x, const struct store_query *q)
{
	drive(all, x, WORD_REMOTE_ID, q->remote_id);
	drive(all, x, WORD_MESSAGE_ID, id_bare(q->message_id));
	drive_recipient(all, x, q->recipient);
	if (q->sender.len && q->sender.p[0] != '@')
		drive(all, x, WORD_SENDER, q->sender);
	drive_subject(all, x, q->subject);
	if (q->owed)
		drive(all, x, WORD_OWED, OWED_WORD);
	unsigned states = query_states(q);
	enum store_state only = query_only_state(states);
	if (only >= STORE_REFUSED)
		drive(all, x, WORD_STATE, str_of(store_state_name(only)));
	if (states && !(states & ~STORE_LIVE_STATES) && !all->n)
		all->v[all->n++] = (struct driver){ .sql = SQL_FIND_LIVE };
	if (!all->n)
		all->v[all->n++] = (struct driver){ .sql = SQL_FIND_ALL };
}

sqlite3_stmt *driver_start(struct index *x, const struct driver *d, int64_t bucket, uint64_t low,
			   uint64_t high)
{
	sqlite3_stmt *st = sql_of(x, d->sql);
	if (!st)
		return NULL;
	if (d->sql == SQL_FIND_WORD || d->sql == SQL_FIND_PREFIX) {
		bind_i(st, 1, bucket);
		bind_s(st, 2, (struct str){ d->word.bytes, d->word.len });
	}
	bind_seq(st, 3, low);
	bind_seq(st, 4, high);
	if (d->sql == SQL_FIND_PREFIX)
		bind_s(st, 5, (struct str){ d->end.bytes, d->end.len });
	return st;
}

/* How many of the newest messages a driver names, up to PROBE_MAX. */
static size_t how_common(struct index *x, const struct driver *d, uint64_t low, uint64_t high)
{
	size_t n = 0;
	for (size_t b = x->nbuckets, tried = 0; b-- > 0 && n < PROBE_MAX && tried < PROBE_BUCKETS; tried++) {
		sqlite3_stmt *st = driver_start(x, d, x->buckets[b].no, low, high);
		while (st && n < PROBE_MAX && sqlite3_step(st) == SQLITE_ROW)
			n++;
		sqlite3_reset(st);
	}
	return n;
}

const struct driver *drivers_rarest(const struct drivers *all, struct index *x, uint64_t low, uint64_t high)
{
	size_t best = 0, least = SIZE_MAX;
	for (size_t i = 0; all->n > 1 && i < all->n; i++) {
		size_t n = how_common(x, &all->v[i], low, high);
		if (n < least) {
			best = i;
			least = n;
		}
	}
	return &all->v[best];
}
