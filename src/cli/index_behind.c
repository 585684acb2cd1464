/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/index_behind.h"

#include <stdio.h>

#include "catalog/cause_json.h"
#include "cli/index_behind_json.h"

void index_behind_tell(const struct index_behind *b, struct paper *paper)
{
	if (!b->changes)
		return;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *words =
		arena_printf(a,
			     "The index is %llu change%s behind: what is told here may be old, and "
			     "new mail may be missing (%s)",
			     b->changes, b->changes == 1 ? "" : "s", b->why);
	if (paper)
		paper_text(paper, 0, PAPER_BOLD, words);
	else
		fprintf(stderr, "postrider: %s\n", words);
}

void index_behind_json(json_t *o, const struct index_behind *b)
{
	if (!b->changes)
		return;
	json_t *x = json_object();
	json_object_set_new(x, "changes", json_integer((json_int_t)b->changes));
	json_object_set_new(x, "why", text_json(b->why));
	json_object_set_new(o, "behind", x);
}
