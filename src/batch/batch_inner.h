/* SPDX-License-Identifier: Apache-2.0 */
/* batch/batch_inner.h - a batch under way; for batch/batch*.c only. */
#ifndef BATCH_BATCH_INNER_H
#define BATCH_BATCH_INNER_H

#include "batch/batch.h"
#include "batch/row.h"

struct batch {
	struct batch_options o;
	struct arena *arena;
	struct csv *table;
	struct template *template;
	struct row_rules rules;
	struct journal *journal; /* NULL: nothing of it was ever sent */
	struct journal_head head;
	unsigned run;        /* the last one's number */
	struct seen met;     /* mails of this table: the row they stand in first */
	struct seen sent;    /* those that the relay has */
	struct seen changed; /* those that are not to be sent: their row was another when it was sent */
	struct batch_each each;
	int64_t tick_ms;
};

enum batch_row { BATCH_ROW_GOOD, BATCH_ROW_BEFORE, BATCH_ROW_BAD };

/* batch_row.c.  Makes l of the row; *words: what is wrong, of a bad one. */
enum batch_row batch_row(struct batch *b, const struct csv_row *row, struct letter *l, const char **words);
void batch_problem_add(struct arena *a, struct batch_checked *out, uint64_t row, const char *words);
const char *batch_changed_words(struct arena *a, const char *to, uint64_t was);
/* batch_changed.c: after the first pass; takes from the good rows of *out.  False with *e. */
bool batch_changed(struct batch *b, struct arena *a, struct batch_checked *out, struct err *e) MUST_USE;
bool batch_tick(struct batch *b, const struct batch_watch *w, const struct batch_at *at);

#endif
