/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a batch: good, sent before, or bad. */
#include <inttypes.h>
#include <time.h>

#include "base/text.h"
#include "batch/batch_inner.h"

const char *batch_changed_words(struct arena *a, const char *to, uint64_t was)
{
	return arena_printf(
		a,
		"it has changed since it was sent (as row %" PRIu64 "), and %s would get a second mail: "
		"--skip-bad leaves it out, --resume sends it all the same, --again sends all anew",
		was, text_printable(a, str_of(to)));
}

enum batch_row batch_row(struct batch *b, const struct csv_row *row, struct letter *l, const char **words)
{
	struct strlist problems = { 0 };
	row_make(&b->rules, row, (long long)time(NULL), l, &problems);
	if (problems.n) {
		*words = strlist_join(&problems, l->arena, "; ");
		return BATCH_ROW_BAD;
	}
	uint64_t first = seen_put(&b->met, l->mark, row->number);
	if (first && first != row->number) {
		*words = arena_printf(l->arena, "the same recipient and key as row %" PRIu64, first);
		return BATCH_ROW_BAD;
	}
	uint64_t was = seen_get(&b->changed, l->mark);
	if (was) {
		*words = batch_changed_words(l->arena, l->to.v[0].address, was);
		return BATCH_ROW_BAD;
	}
	return seen_get(&b->sent, l->mark) ? BATCH_ROW_BEFORE : BATCH_ROW_GOOD;
}

void batch_problem_add(struct arena *a, struct batch_checked *out, uint64_t row, const char *words)
{
	out->bad++;
	if (out->nproblems < BATCH_PROBLEMS_SHOWN)
		out->problems[out->nproblems++] = (struct batch_problem){ row, arena_strdup(a, words) };
}
