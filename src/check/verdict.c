/* SPDX-License-Identifier: Apache-2.0 */
#include "check/verdict.h"

#include <stdlib.h>

#include "check/verdict_inner.h"

static const char *const word_names[] = { "ok", "warning", "failing", "unknown" };
static const char *const status_names[] = { "not-reached", "skipped", "pass", "warn", "fail" };

const char *verdict_word_name(enum verdict_word w)
{
	return word_names[w];
}

const char *step_status_name(enum step_status s)
{
	return status_names[s];
}

struct verdict *verdict_of(const struct evidence *ev)
{
	struct verdict *v = mem_alloc(sizeof(*v));
	v->ev = ev;
	v->arena = arena_new();
	verdict_judge(v);
	verdict_settle(v);
	verdict_steps(v);
	verdict_sum_up(v);
	return v;
}

void verdict_free(struct verdict **v)
{
	if (!*v)
		return;
	arena_free(&(*v)->arena);
	free(*v);
	*v = NULL;
}
