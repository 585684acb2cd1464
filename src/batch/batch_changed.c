/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that changed since they were sent.
 *
 * Where no column says what a mail is (a key), its row does.  A row that was edited, or that a spreadsheet
 * wrote anew in another form, is then another mail, and its recipient would get a second one.  So: a new row,
 * to somebody whose mail of this batch left from a row that the table does not have any more, is a problem as
 * long as other rows of that batch are still in the table (else it is another table under the same name). */
#include "batch/batch_inner.h"

struct looking {
	struct batch *b;
	struct seen gone; /* recipients of such rows -> the row it was */
};

static struct seen_mark whom(struct str address)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char *low = arena_dup(a, address.p, address.len);
	for (char *c = low; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
	const struct str s = str_of(low);
	return seen_mark(&s, 1);
}

static bool take_gone(void *ctx, const struct journal_line *l, long offset)
{
	struct looking *x = ctx;
	(void)offset;
	if (l->id.len && !seen_get(&x->b->met, l->mark))
		seen_put(&x->gone, whom(l->recipient), l->row ? l->row : 1);
	return true;
}

static uint64_t row_it_was(const struct looking *x, const struct letter *l, const char **to)
{
	for (size_t i = 0; i < l->to.n; i++) {
		uint64_t row = seen_get(&x->gone, whom(str_of(l->to.v[i].address)));
		*to = l->to.v[i].address;
		if (row)
			return row;
	}
	return 0;
}

static void judge(struct looking *x, const struct csv_row *row, struct letter *l, struct arena *a,
		  struct batch_checked *out)
{
	const char *words, *to = "";
	if (batch_row(x->b, row, l, &words) != BATCH_ROW_GOOD)
		return;
	uint64_t was = row_it_was(x, l, &to);
	if (!was)
		return;
	seen_put(&x->b->changed, l->mark, was);
	out->good--;
	out->bytes -= letter_size(l);
	out->files -= l->nfiles > 0;
	batch_problem_add(a, out, row->number, batch_changed_words(a, to, was));
}

bool batch_changed(struct batch *b, struct arena *a, struct batch_checked *out, struct err *e)
{
	CLEANUP(letter_clear) struct letter l = { 0 };
	struct looking x = { .b = b };
	const struct csv_row *row;
	int got = 1;
	if (b->o.resume || !b->journal || b->rules.key_column != HOLE_NONE || !out->before ||
	    out->before >= b->sent.n || out->good == out->before)
		return true;
	bool looked = journal_each(b->journal, take_gone, &x, e) && (!x.gone.n || csv_rewind(b->table, e));
	while (looked && x.gone.n && (got = csv_next(b->table, &row, e)) > 0)
		judge(&x, row, &l, a, out);
	seen_clear(&x.gone);
	return looked && got >= 0;
}
