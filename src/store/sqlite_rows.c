/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/sqlite_marked.h"

const char cell_number[] = "";

static const struct table {
	const char *name, *columns;
	int n;
	enum sql insert;
} tables[ROWS_TABLES] = {
	[ROWS_MESSAGE] = { "new_message", "CREATE TABLE x(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r)", 18,
			   SQL_MESSAGE },
	[ROWS_RCPT] = { "new_rcpt", "CREATE TABLE x(a,b,c,d,e,f,g,h,i,j,k,l,m,n)", 14, SQL_RCPT },
	[ROWS_EVENT] = { "new_event", "CREATE TABLE x(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q)", 17, SQL_EVENT },
	[ROWS_WORD] = { "new_word", "CREATE TABLE x(a,b,c)", 3, SQL_WORD },
	[ROWS_KEY] = { "new_key", "CREATE TABLE x(a,b,c,d,e)", 5, SQL_KEY_PUT },
};

struct sheet {
	const struct table *table;
	struct cell *cells;
	size_t n, room;
};

struct rows {
	struct sheet sheets[ROWS_TABLES];
	struct marked marked;
	struct arena *texts;
	size_t n; /* rows of all */
};

/* ---- as SQLite sees them ---- */

struct view {
	sqlite3_vtab base; /* first */
	struct sheet *sheet;
};

struct view_cursor {
	sqlite3_vtab_cursor base; /* first */
	size_t at;
};

static struct sheet *sheet_of(sqlite3_vtab_cursor *c)
{
	return ((struct view *)c->pVtab)->sheet;
}

static int view_connect(sqlite3 *db, void *rows, int argc, const char *const *argv, sqlite3_vtab **out,
			char **why)
{
	(void)argc;
	(void)argv;
	(void)why;
	struct view *v = mem_alloc(sizeof(*v));
	v->sheet = rows;
	*out = &v->base;
	return sqlite3_declare_vtab(db, v->sheet->table->columns);
}

static int view_disconnect(sqlite3_vtab *v)
{
	free(v);
	return SQLITE_OK;
}

static int view_plan(sqlite3_vtab *v, sqlite3_index_info *info)
{
	(void)v;
	info->estimatedCost = ROWS_MAX;
	return SQLITE_OK;
}

static int view_open(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	(void)v;
	struct view_cursor *c = mem_alloc(sizeof(*c));
	*out = &c->base;
	return SQLITE_OK;
}

static int view_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int view_first(sqlite3_vtab_cursor *c, int plan, const char *name, int argc, sqlite3_value **argv)
{
	(void)plan;
	(void)name;
	(void)argc;
	(void)argv;
	((struct view_cursor *)c)->at = 0;
	return SQLITE_OK;
}

static int view_next(sqlite3_vtab_cursor *c)
{
	((struct view_cursor *)c)->at++;
	return SQLITE_OK;
}

static int view_end(sqlite3_vtab_cursor *c)
{
	return ((struct view_cursor *)c)->at >= sheet_of(c)->n;
}

static int view_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int column)
{
	const struct sheet *r = sheet_of(c);
	const struct cell *v =
		&r->cells[((struct view_cursor *)c)->at * (size_t)r->table->n + (size_t)column];
	if (v->p == cell_number)
		sqlite3_result_int64(to, v->n);
	else if (v->p)
		sqlite3_result_blob64(to, v->p, (sqlite3_uint64)v->n, SQLITE_STATIC);
	return SQLITE_OK;
}

static int view_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((struct view_cursor *)c)->at;
	return SQLITE_OK;
}

static const sqlite3_module view = {
	.xConnect = view_connect,
	.xBestIndex = view_plan,
	.xDisconnect = view_disconnect,
	.xOpen = view_open,
	.xClose = view_close,
	.xFilter = view_first,
	.xNext = view_next,
	.xEof = view_end,
	.xColumn = view_column,
	.xRowid = view_rowid,
};

/* ---- as the index sees them ---- */

bool rows_open(struct index *x, struct err *e)
{
	struct rows *b = x->fresh = mem_alloc(sizeof(*b));
	b->texts = arena_new();
	for (size_t i = 0; i < ROWS_TABLES; i++) {
		b->sheets[i].table = &tables[i];
		if (sqlite3_create_module(x->db, tables[i].name, &view, &b->sheets[i]) != SQLITE_OK)
			return sql_fault(x, "open", e);
	}
	return true;
}

void rows_close(struct rows **bp)
{
	struct rows *b = *bp;
	if (!b)
		return;
	for (size_t i = 0; i < ROWS_TABLES; i++)
		free(b->sheets[i].cells);
	marked_free(&b->marked);
	arena_free(&b->texts);
	mem_free(bp);
}

static void clear(struct rows *b)
{
	for (size_t i = 0; i < ROWS_TABLES; i++) {
		b->sheets[i].n = 0;
		if (b->sheets[i].room > 2 * ROWS_MAX) { /* a message to very many */
			mem_free(&b->sheets[i].cells);
			b->sheets[i].room = 0;
		}
	}
	marked_drop(&b->marked);
	b->n = 0;
}

void rows_drop(struct index *x)
{
	struct rows *b = x->fresh;
	clear(b);
	arena_free(&b->texts);
	b->texts = arena_new();
}

bool rows_full(const struct index *x)
{
	return x->fresh->n >= ROWS_MAX || arena_used(x->fresh->texts) >= ROWS_TEXTS_MAX;
}

struct arena *rows_texts(struct index *x)
{
	return x->fresh->texts;
}

struct cell *rows_add(struct index *x, enum rows_table t)
{
	struct sheet *r = &x->fresh->sheets[t];
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->cells = mem_grow(r->cells, r->room * (size_t)r->table->n, sizeof(*r->cells));
	}
	x->fresh->n++;
	return &r->cells[r->n++ * (size_t)r->table->n];
}

struct cell *rows_rcpt(struct index *x, uint64_t seq, uint32_t n)
{
	struct cell *v = rows_add(x, ROWS_RCPT);
	/* One that stands twice in a transaction is what it was first. */
	marked_new(&x->fresh->marked, seq, n, x->fresh->sheets[ROWS_RCPT].n - 1);
	v[RCPT_REPLY] = (struct cell){ NULL, 0 };
	cell_i(&v[RCPT_DOT], 0);
	return v;
}

void rows_mark(struct index *x, const struct store_mark *m, int64_t event)
{
	marked_note(&x->fresh->marked, m, event);
	x->fresh->n++;
}

/* ---- writing ---- */

static void bring_up_to_date(struct sheet *rows, const struct marked *k)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct marked_rcpt *r = &k->v[i];
		if (!r->marked || r->row == MARKED_NO_ROW)
			continue;
		struct cell *v = &rows->cells[r->row * (size_t)rows->table->n];
		cell_i(&v[RCPT_STATE], r->state);
		cell_i(&v[RCPT_NEXT], r->next_ms);
		cell_i(&v[RCPT_TRIES], r->tries);
		cell_s(&v[RCPT_FINDING], r->finding);
		cell_i(&v[RCPT_CHANGED], r->changed_ms);
		cell_i(&v[RCPT_DOT], r->dot);
		if (r->lane.len)
			cell_s(&v[RCPT_LANE], r->lane);
		if (r->reply)
			cell_i(&v[RCPT_REPLY], r->reply);
	}
}

static int by_word(const void *one, const void *other)
{
	const struct cell *a = one, *b = other;
	if (a[0].n != b[0].n)
		return a[0].n < b[0].n ? -1 : 1;
	int d = memcmp(a[1].p, b[1].p, (size_t)(a[1].n < b[1].n ? a[1].n : b[1].n));
	if (!d && a[1].n != b[1].n)
		d = a[1].n < b[1].n ? -1 : 1;
	if (!d && a[2].n != b[2].n)
		d = a[2].n < b[2].n ? -1 : 1;
	return d;
}

enum index_trouble rows_flush(struct index *x, struct err *e)
{
	struct rows *b = x->fresh;
	struct sheet *words = &b->sheets[ROWS_WORD], *rcpts = &b->sheets[ROWS_RCPT];
	enum index_trouble t = INDEX_FINE;
	bool all = false; /* a row was there before */
	if (!b->n)
		return t;
	bring_up_to_date(rcpts, &b->marked);
	if (words->n)
		qsort(words->cells, words->n, sizeof(*words->cells) * (size_t)words->table->n, by_word);
	for (size_t i = 0; t == INDEX_FINE && i < ROWS_TABLES; i++) {
		if (!b->sheets[i].n)
			continue;
		t = sql_run(x, sql_of(x, tables[i].insert), e);
		all = all || (i == ROWS_RCPT && (size_t)sqlite3_changes(x->db) < rcpts->n);
	}
	if (t == INDEX_FINE)
		t = marked_update(x, &b->marked, all, e);
	clear(b); /* whose texts the record that is being read may still need */
	return t == INDEX_SKIP ? INDEX_LATER : t; /* no single row can be passed over here */
}
