/* SPDX-License-Identifier: Apache-2.0 */
/* batch/csv.h - a table as spreadsheets write it (RFC 4180), row by row.
 *
 *   file = ["sep=" char eol] row *(eol row) [eol]
 *   row  = cell *(separator cell)
 *   cell = *char / DQUOTE *(char / eol / 2DQUOTE) DQUOTE
 *
 * The file is looked through once when it is opened: for its charset (UTF-8, with or without a
 * mark, else Windows-1252) and its separator (of , ; TAB | the one its first row has most of).
 * Memory is that of one row.  Rows are counted as spreadsheets count them, the header being
 * row 1; errors (ERR_SYNTAX) name row and byte offset. */
#ifndef BATCH_CSV_H
#define BATCH_CSV_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

enum {
	CSV_ROW_BYTES_MAX = 1 << 20, /* more: a quote was left open */
	CSV_CELLS_MAX = 1000,        /* of one row */
};

struct csv_row {
	uint64_t number; /* the header is row 1 */
	uint64_t offset; /* of its first byte */
	struct str *v;   /* UTF-8, as written, blanks at the ends gone; valid until the next call */
	size_t n;
};

struct csv;

/* Takes f, which must be seekable; name is for errors.  The header has been read then. */
bool csv_open(FILE *f, const char *name, struct csv **out, struct err *e) MUST_USE;
void csv_free(struct csv **c);

const struct strlist *csv_columns(const struct csv *c); /* the header */
char csv_separator(const struct csv *c);
bool csv_is_windows(const struct csv *c); /* it was no UTF-8 and is read as Windows-1252 */
uint64_t csv_size(const struct csv *c);   /* bytes of the file */

/* Where the column of that name stands (ASCII case and blanks at the ends ignored); the number
 * of columns when there is none. */
size_t csv_column(const struct strlist *columns, struct str name);
/* The one whose name is nearest; NULL: none is near. */
const char *csv_near(const struct strlist *columns, struct str name);

/* 1: *row is the next that is not empty; 0: the end; -1: *e */
int csv_next(struct csv *c, const struct csv_row **row, struct err *e) MUST_USE;
/* Back to the first row behind the header. */
bool csv_rewind(struct csv *c, struct err *e) MUST_USE;

#endif
