/* SPDX-License-Identifier: Apache-2.0 */
/* What is typed behind trace, split at line ends; and any text as JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_line.h"
#include "show/trace_query.h"
#include "tests/fuzz/fuzz.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_json(struct str text)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_error_t e;
	json_line_begin(&b);
	json_line_text(&b, "a", text);
	json_line_given(&b, "b", text);
	json_line_end(&b);
	json_t *o = json_loadb(b.data, b.len, 0, &e);
	must(o && memchr(b.data, '\n', b.len) == b.data + b.len - 1);
	json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str rest = { (const char *)data, size }, word;
	char *words[TRACE_WORDS_MAX + 1];
	struct trace_plan plan;
	struct err e = { 0 };
	size_t n = 0;
	check_json(rest);
	while (n < ARRAY_LEN(words) && str_next(&rest, "\n", &word))
		words[n++] = arena_dup(a, word.p, word.len);
	if (trace_plan_of(words, n, a, &plan, &e))
		must(plan.n >= 1 && plan.n <= TRACE_TRIES_MAX);
	else
		must(e.kind == ERR_USAGE && e.detail[0]);
	return 0;
}
