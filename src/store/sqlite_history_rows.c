/* SPDX-License-Identifier: Apache-2.0 */
/* The history's other rows, in and out: what runs out, DNS, the relay's days, alerts. */
#include "store/sqlite_history_inner.h"

/* One walk for all kinds of rows: who is told, and how. */
struct walk {
	union {
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

/* ---- what runs out ---- */

bool history_expiry_put(struct history *h, const struct history_expiry *x, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, EXPIRY_PUT);
	history_bind_text(st, 1, x->kind);
	history_bind_text(st, 2, x->name);
	history_bind_text(st, 3, x->detail);
	history_bind_text(st, 4, x->monitor);
	history_bind_number(st, 5, x->expires_ms);
	history_bind_number(st, 6, x->seen_ms);
	return history_write(h, st, e);
}

bool history_expiry_told(struct history *h, const char *kind, const char *name, int days, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, EXPIRY_TOLD);
	history_bind_text(st, 1, kind);
	history_bind_text(st, 2, name);
	history_bind_number(st, 3, days);
	return history_write(h, st, e);
}

static bool expiry_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_expiry x = { history_text(st, 0),       history_text(st, 1),
					  history_text(st, 2),       history_text(st, 3),
					  history_number(st, 4),     history_number(st, 5),
					  (int)history_number(st, 6) };
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
	history_bind_number(st, 5, r->since_ms);
	history_bind_number(st, 6, r->seen_ms);
	return history_write(h, st, e);
}

static bool record_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_record r = { history_text(st, 0), history_text(st, 1),   history_text(st, 2),
					  history_text(st, 3), history_number(st, 4), history_number(st, 5) };
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
	history_bind_number(st, 1, c->at_ms);
	history_bind_text(st, 2, c->name);
	history_bind_text(st, 3, c->type);
	history_bind_text(st, 4, c->before);
	history_bind_text(st, 5, c->after);
	return history_write(h, st, e);
}

static bool change_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_change c = { history_number(st, 0), history_text(st, 1), history_text(st, 2),
					  history_text(st, 3), history_text(st, 4) };
	return w->change(w->ctx, &c);
}

bool history_changes(struct history *h, int64_t since_ms, size_t most, history_change_fn *each, void *ctx,
		     struct err *e)
{
	struct walk w = { .change = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, CHANGE_EACH);
	history_bind_number(st, 1, since_ms);
	history_bind_number(st, 2, (long long)most);
	return history_walk(h, st, change_row, &w, e);
}

/* ---- the relay, day by day ---- */

bool history_day_add(struct history *h, const char *day, const char *key, long long n, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, DAY_ADD);
	history_bind_text(st, 1, day);
	history_bind_text(st, 2, key);
	history_bind_number(st, 3, n);
	return history_write(h, st, e);
}

static bool day_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	return w->day(w->ctx, history_text(st, 0), history_text(st, 1), history_number(st, 2));
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
	history_bind_number(st, 1, s->at_ms);
	history_bind_number(st, 2, s->waiting);
	history_bind_number(st, 3, s->held);
	history_bind_number(st, 4, s->sending);
	history_bind_number(st, 5, s->oldest_s);
	return history_write(h, st, e);
}

static bool sample_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_sample s = { history_number(st, 0), history_number(st, 1), history_number(st, 2),
					  history_number(st, 3), history_number(st, 4) };
	return w->sample(w->ctx, &s);
}

bool history_samples(struct history *h, int64_t since_ms, history_sample_fn *each, void *ctx, struct err *e)
{
	struct walk w = { .sample = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, SAMPLE_EACH);
	history_bind_number(st, 1, since_ms);
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
	history_bind_number(st, 4, c->used);
	history_bind_number(st, 5, c->most);
	history_bind_number(st, 6, c->at_ms);
	return history_write(h, st, e);
}

static bool cap_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_cap c = { history_text(st, 0),   history_text(st, 1),   history_text(st, 2),
				       history_number(st, 3), history_number(st, 4), history_number(st, 5) };
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
	history_bind_number(st, 1, x->at_ms);
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
	const struct history_alert x = { history_number(st, 0), history_text(st, 1), history_text(st, 2),
					 history_text(st, 3),   history_text(st, 4), history_text(st, 5) };
	return w->alert(w->ctx, &x);
}

bool history_alerts(struct history *h, int64_t since_ms, size_t most, history_alert_fn *each, void *ctx,
		    struct err *e)
{
	struct walk w = { .alert = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, ALERT_EACH);
	history_bind_number(st, 1, since_ms);
	history_bind_number(st, 2, (long long)most);
	return history_walk(h, st, alert_row, &w, e);
}
