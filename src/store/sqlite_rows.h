/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_rows.h - the new rows of a transaction, gathered in memory and written table by table.
 *
 * A statement for each row costs more than the row.  So they stand in rows of cells, SQLite reads them as a
 * table (new_word and so on), and one INSERT ... SELECT takes all of a table; what becomes of a recipient
 * within one transaction is written once, as it is at its end.  Texts are borrowed until rows_drop:
 * from rows_texts, or from what lives as long. */
#ifndef STORE_SQLITE_ROWS_H
#define STORE_SQLITE_ROWS_H

#include "store/sqlite_inner.h"

enum rows_table { ROWS_MESSAGE, ROWS_RCPT, ROWS_EVENT, ROWS_WORD, ROWS_KEY, ROWS_TABLES };

enum {
	ROWS_MAX = 32768,                  /* then they are written, before the transaction ends */
	ROWS_TEXTS_MAX = 16 * 1024 * 1024, /* or so many bytes of texts */
};

struct cell {
	const char *p; /* NULL: NULL; cell_number: the number n; else a blob of n bytes */
	int64_t n;
};
extern const char cell_number[];

static inline void cell_i(struct cell *c, int64_t n)
{
	*c = (struct cell){ cell_number, n };
}

static inline void cell_s(struct cell *c, struct str s)
{
	*c = (struct cell){ s.len ? s.p : NULL, (int64_t)s.len };
}

struct rows;

bool rows_open(struct index *x, struct err *e) MUST_USE;
void rows_close(struct rows **b); /* once the database is closed; NULL is fine */
void rows_drop(struct index *x);  /* what was not written, and all texts */
bool rows_full(const struct index *x);
enum index_trouble rows_flush(struct index *x, struct err *e);

struct arena *rows_texts(struct index *x);
/* The cells of one row more, as many as the table has columns: to be filled by the caller, all of them. */
struct cell *rows_add(struct index *x, enum rows_table t);

/* A new recipient: the same, of ROWS_RCPT. */
struct cell *rows_rcpt(struct index *x, uint64_t seq, uint32_t n);
/* What an event makes of a recipient, new or not. */
void rows_mark(struct index *x, const struct store_mark *m, int64_t event);

#endif
