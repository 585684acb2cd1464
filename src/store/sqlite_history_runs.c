/* SPDX-License-Identifier: Apache-2.0 */
/* The history's runs, documents and states of monitors. */
#include <stdlib.h>

#include "store/sqlite_history_inner.h"

struct walk {
	history_run_fn *run;
	void *ctx;
};

bool history_run_add(struct history *h, const struct history_run *r, struct err *e)
{
	sqlite3_stmt *st = history_sql(h, RUN_ADD);
	const char *const words[] = { r->verdict, r->finding, r->title, r->step, r->summary, r->steps };
	history_bind_text(st, 1, r->monitor);
	history_bind_number(st, 2, r->at_ms);
	history_bind_number(st, 3, r->elapsed_ms);
	for (int i = 0; i < (int)ARRAY_LEN(words); i++)
		history_bind_text(st, 4 + i, words[i]);
	history_bind_number(st, 10, r->away);
	return history_write(h, st, e);
}

static bool run_row(void *ctx, sqlite3_stmt *st)
{
	struct walk *w = ctx;
	const struct history_run r = { history_text(st, 0),         history_number(st, 1),
				       (long)history_number(st, 2), history_text(st, 3),
				       history_text(st, 4),         history_text(st, 5),
				       history_text(st, 6),         history_text(st, 7),
				       history_text(st, 8),         history_number(st, 9) != 0 };
	return w->run(w->ctx, &r);
}

bool history_runs(struct history *h, const char *monitor, int64_t since_ms, size_t most, history_run_fn *each,
		  void *ctx, struct err *e)
{
	struct walk w = { .run = each, .ctx = ctx };
	sqlite3_stmt *st = history_sql(h, RUN_EACH);
	history_bind_text(st, 1, monitor);
	history_bind_number(st, 2, since_ms);
	history_bind_number(st, 3, (long long)most);
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
	history_bind_number(st, 3, at_ms);
	sqlite3_bind_text(st, 4, json.p, (int)json.len, SQLITE_STATIC);
	return history_write(h, st, e);
}

static bool keep_first(void *ctx, sqlite3_stmt *st)
{
	*(char **)ctx = mem_strdup(history_text(st, 0));
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
		if (z_eq(*name, history_text(st, 0)))
			return true;
	x->v = mem_grow(x->v, x->n + 1, sizeof(*x->v));
	x->v[x->n++] = mem_strdup(history_text(st, 0));
	return true;
}

static bool forget(struct history *h, const char *monitor, struct err *e)
{
	static const enum history_sql all[] = { FORGET_STATE, FORGET_EXPIRIES };
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
