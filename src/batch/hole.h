/* SPDX-License-Identifier: Apache-2.0 */
/* batch/hole.h - a text with places to be filled from a row: "Dear {{name|customer}},".
 *
 *   place = "{{" column ["|" default] "}}"       a literal "{{" is written \{{
 *
 * Pure.  What comes from a cell is always text: in HTML it is escaped, in a
 * header it is the header's writer that keeps it on its line. */
#ifndef BATCH_HOLE_H
#define BATCH_HOLE_H

#include "base/arena.h"
#include "base/buf.h"

struct hole {
	struct str before;    /* text in front of it */
	size_t column;        /* HOLE_NONE: text only, the last piece */
	const char *name;     /* as the header of the table has it */
	const char *fallback; /* for an empty cell; NULL: none, the cell is needed */
};

#define HOLE_NONE ((size_t)-1)

struct hole_text {
	struct hole *v;
	size_t n; /* >= 1; the last has no column */
};

/* Adds a sentence to faults for each place that fits no column ("... in the Subject").  The text is
 * in the arena. */
void hole_read(struct arena *a, struct str text, const struct strlist *columns, const char *where,
	       struct hole_text *out, struct strlist *faults);

static inline bool hole_any(const struct hole_text *t)
{
	return t->n > 1;
}

/* The place at the beginning of s, 0 when there is none: its length, and what is in it. */
size_t hole_at(struct str s, struct str *inside);

enum hole_form {
	HOLE_TEXT, /* as it is */
	HOLE_HTML  /* <, >, &, quotes escaped; line ends become <br> */
};

void hole_fill(const struct hole_text *t, const struct str *cells, enum hole_form form, struct buf *out);

/* The first place whose cell is empty and which has no default; NULL: all can be filled. */
const struct hole *hole_missing(const struct hole_text *t, const struct str *cells);

/* The first place whose cell holds a spreadsheet's error ("#REF!"); NULL: none. */
const struct hole *hole_spoilt(const struct hole_text *t, const struct str *cells);

#endif
