/* SPDX-License-Identifier: Apache-2.0 */
/* The history's rows, in and out. */
#include <stdlib.h>

#include "store/sqlite_history_inner.h"

static void bind_n(sqlite3_stmt *st, int at, long long n)
{
	sqlite3_bind_int64(st, at, n);
}

static const char *text(sqlite3_stmt *st, int at)
{
	return history_text(st, at);
}

static long long number(sqlite3_stmt *st, int at)
{
	return sqlite3_column_int64(st, at);
}

/* One walk for all kinds of rows: who is told, and how. */
struct walk {
	union {
		history_run_fn *run;
		history_expiry_fn *expiry;
		history_record_fn *record;
		history_change_fn *change;
		history_day_fn *day;
		history_sample_fn *sample;
		history_cap_fn *cap;
		history_alert_fn *alert;
	};
	void *ctx;
	size_t n;
};

/* ---- runs ---- */

bool history_run_add(struct history *h, const struct history_run *r, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, RUN_ADD);
	const char *const words[] = { r->verdict, r->finding, r->title, r->step, r->summary, r->steps };
	history_bind_text(st, 1, r->monitor);
	bind_n(st, 2, r->at_ms);
	bind_n(st, 3, r->elapsed_ms);
	for (int i = 0; i < (int)ARRAY_LEN(words); i++)
		history_bind_text(st, 4 + i, words[i]);
	bind_n(st, 10, r->away);
	return history_write(h, st, e);
}

static bool run_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_run r = { text(st, 0), number(st, 1),     (long)number(st, 2), text(st, 3),
				       text(st, 4), text(st, 5),       text(st, 6),         text(st, 7),
				       text(st, 8), number(st, 9) != 0 };
	return w->run(w->ctx, &r);
}

bool history_runs(struct history *h, const char *monitor, int64_t since_ms, size_t most, history_run_fn *each,
		  void *ctx, struct err *e)
{
	struct walk w = { .run = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, RUN_EACH);
	history_bind_text(st, 1, monitor);
	bind_n(st, 2, since_ms);
	bind_n(st, 3, (long long)most);
	return history_walk(h, st, run_row, &w, e);
}

/* ---- documents, states ---- */

bool history_document_put(struct history *h, const char *monitor, const char *kind, int64_t at_ms,
			  struct str json, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, DOCUMENT_PUT);
	if (json.len > HISTORY_DOCUMENT_MAX)
		return true;
	history_bind_text(st, 1, monitor);
	history_bind_text(st, 2, kind);
	bind_n(st, 3, at_ms);
	sqlite3_bind_text(st, 4, json.p, (int)json.len, SQLITE_STATIC);
	return history_write(h, st, e);
}

static bool keep_first(void *ctx, sqlite3_stmt *st)
{
	*(char **)ctx = mem_strdup(text(st, 0));
	return false;
}

/* 1, 0, -1 as in the header. */
static int one_text(struct history *h, sqlite3_stmt *st, char **out, struct err *e)
{
	*out = NULL;
	if (!history_walk(h, st, keep_first, out, e))
		return -1;
	return *out != NULL;
}

int history_document(struct history *h, const char *monitor, const char *kind, char **json, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, DOCUMENT_GET);
	history_bind_text(st, 1, monitor);
	history_bind_text(st, 2, kind);
	return one_text(h, st, json, e);
}

bool history_state_put(struct history *h, const char *monitor, const char *state, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, STATE_PUT);
	history_bind_text(st, 1, monitor);
	history_bind_text(st, 2, state);
	return history_write(h, st, e);
}

int history_state(struct history *h, const char *monitor, char **state, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, STATE_GET);
	history_bind_text(st, 1, monitor);
	return one_text(h, st, state, e);
}

struct strangers {
	const char *const *names;
	char **v;
	size_t n;
};

static bool stranger_row(void *ctx, sqlite3_stmt *st)
{
	struct strangers *x = ctx;
	for (const char *const *name = x->names; *name; name++)
		if (z_eq(*name, text(st, 0)))
			return true;
	x->v = mem_grow(x->v, x->n + 1, sizeof(*x->v));
	x->v[x->n++] = mem_strdup(text(st, 0));
	return true;
}

static bool forget(struct history *h, const char *monitor, struct err *e)
{
	static const enum history_sql all[] = { FORGET_STATE, FORGET_RUNS, FORGET_DOCUMENTS,
						FORGET_EXPIRIES };
	bool ok = true;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		sqlite3_stmt *st = history_sql(h, all[i]);
		history_bind_text(st, 1, monitor);
		ok &= history_write(h, st, e);
	}
	return ok;
}

bool history_keep_only(struct history *h, const char *const *names, struct err *e)
{
	struct strangers x = { .names = names };
	bool ok = history_walk(h, history_sql(h, STATE_EACH), stranger_row, &x, e);
	for (size_t i = 0; i < x.n; i++) {
		ok = ok && forget(h, x.v[i], e);
		free(x.v[i]);
	}
	free(x.v);
	return ok;
}

/* ---- what runs out ---- */

bool history_expiry_put(struct history *h, const struct history_expiry *x, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, EXPIRY_PUT);
	history_bind_text(st, 1, x->kind);
	history_bind_text(st, 2, x->name);
	history_bind_text(st, 3, x->detail);
	history_bind_text(st, 4, x->monitor);
	bind_n(st, 5, x->expires_ms);
	bind_n(st, 6, x->seen_ms);
	return history_write(h, st, e);
}

bool history_expiry_told(struct history *h, const char *kind, const char *name, int days, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, EXPIRY_TOLD);
	history_bind_text(st, 1, kind);
	history_bind_text(st, 2, name);
	bind_n(st, 3, days);
	return history_write(h, st, e);
}

static bool expiry_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_expiry x = { text(st, 0),   text(st, 1),   text(st, 2),       text(st, 3),
					  number(st, 4), number(st, 5), (int)number(st, 6) };
	return w->expiry(w->ctx, &x);
}

bool history_expiries(struct history *h, history_expiry_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .expiry = each, .ctx = ctx };
	return history_walk(h, history_sql(h, EXPIRY_EACH), expiry_row, &w, e);
}

/* ---- DNS ---- */

bool history_record_put(struct history *h, const struct history_record *r, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, RECORD_PUT);
	history_bind_text(st, 1, r->name);
	history_bind_text(st, 2, r->type);
	history_bind_text(st, 3, r->values);
	history_bind_text(st, 4, r->recent);
	bind_n(st, 5, r->since_ms);
	bind_n(st, 6, r->seen_ms);
	return history_write(h, st, e);
}

static bool record_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_record r = { text(st, 0), text(st, 1),   text(st, 2),
					  text(st, 3), number(st, 4), number(st, 5) };
	w->n++;
	return w->record(w->ctx, &r);
}

int history_record(struct history *h, const char *name, const char *type, history_record_fn *each, void *ctx,
		   struct err *e)
{
	struct walk w = { .record = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, RECORD_GET);
	history_bind_text(st, 1, name);
	history_bind_text(st, 2, type);
	return history_walk(h, st, record_row, &w, e) ? w.n > 0 : -1;
}

bool history_records(struct history *h, history_record_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .record = each, .ctx = ctx };
	return history_walk(h, history_sql(h, RECORD_EACH), record_row, &w, e);
}

bool history_change_add(struct history *h, const struct history_change *c, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, CHANGE_ADD);
	bind_n(st, 1, c->at_ms);
	history_bind_text(st, 2, c->name);
	history_bind_text(st, 3, c->type);
	history_bind_text(st, 4, c->before);
	history_bind_text(st, 5, c->after);
	return history_write(h, st, e);
}

static bool change_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_change c = { number(st, 0), text(st, 1), text(st, 2), text(st, 3), text(st, 4) };
	return w->change(w->ctx, &c);
}

bool history_changes(struct history *h, int64_t since_ms, size_t most, history_change_fn *each, void *ctx,
		     struct err *e)
{
	struct walk w = { .change = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, CHANGE_EACH);
	bind_n(st, 1, since_ms);
	bind_n(st, 2, (long long)most);
	return history_walk(h, st, change_row, &w, e);
}

/* ---- the relay, day by day ---- */

bool history_day_add(struct history *h, const char *day, const char *key, long long n, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, DAY_ADD);
	history_bind_text(st, 1, day);
	history_bind_text(st, 2, key);
	bind_n(st, 3, n);
	return history_write(h, st, e);
}

static bool day_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	return w->day(w->ctx, text(st, 0), text(st, 1), number(st, 2));
}

bool history_days(struct history *h, const char *since_day, history_day_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .day = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, DAY_EACH);
	history_bind_text(st, 1, since_day);
	return history_walk(h, st, day_row, &w, e);
}

bool history_sample_add(struct history *h, const struct history_sample *s, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, SAMPLE_ADD);
	bind_n(st, 1, s->at_ms);
	bind_n(st, 2, s->waiting);
	bind_n(st, 3, s->held);
	bind_n(st, 4, s->sending);
	bind_n(st, 5, s->oldest_s);
	return history_write(h, st, e);
}

static bool sample_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_sample s = { number(st, 0), number(st, 1), number(st, 2), number(st, 3),
					  number(st, 4) };
	return w->sample(w->ctx, &s);
}

bool history_samples(struct history *h, int64_t since_ms, history_sample_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .sample = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, SAMPLE_EACH);
	bind_n(st, 1, since_ms);
	return history_walk(h, st, sample_row, &w, e);
}

bool history_caps_clear(struct history *h, struct err *e)
{
	return history_write(h, history_sql(h, CAP_CLEAR), e);
}

bool history_cap_put(struct history *h, const struct history_cap *c, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, CAP_PUT);
	history_bind_text(st, 1, c->kind);
	history_bind_text(st, 2, c->name);
	history_bind_text(st, 3, c->limit);
	bind_n(st, 4, c->used);
	bind_n(st, 5, c->most);
	bind_n(st, 6, c->at_ms);
	return history_write(h, st, e);
}

static bool cap_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_cap c = { text(st, 0),   text(st, 1),   text(st, 2),
				       number(st, 3), number(st, 4), number(st, 5) };
	return w->cap(w->ctx, &c);
}

bool history_caps(struct history *h, history_cap_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .cap = each, .ctx = ctx };
	return history_walk(h, history_sql(h, CAP_EACH), cap_row, &w, e);
}

/* ---- alerts ---- */

bool history_alert_add(struct history *h, const struct history_alert *x, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, ALERT_ADD);
	bind_n(st, 1, x->at_ms);
	history_bind_text(st, 2, x->alert);
	history_bind_text(st, 3, x->way);
	history_bind_text(st, 4, x->kind);
	history_bind_text(st, 5, x->subject);
	history_bind_text(st, 6, x->result);
	return history_write(h, st, e);
}

static bool alert_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_alert x = { number(st, 0), text(st, 1), text(st, 2),
					 text(st, 3),   text(st, 4), text(st, 5) };
	return w->alert(w->ctx, &x);
}

bool history_alerts(struct history *h, int64_t since_ms, size_t most, history_alert_fn *each, void *ctx,
		    struct err *e)
{
	struct walk w = { .alert = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, ALERT_EACH);
	bind_n(st, 1, since_ms);
	bind_n(st, 2, (long long)most);
	return history_walk(h, st, alert_row, &w, e);
}
