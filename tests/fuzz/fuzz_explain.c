/* SPDX-License-Identifier: Apache-2.0 */
/* Anything pasted: cleaned, cut into pieces, each explained; what is promised of the answers holds. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "explain/explain.h"
#include "tests/fuzz/fuzz.h"

static void check(struct arena *a, struct str text)
{
	struct explanation x;
	explain_text(a, text, NULL, &x);
	if (x.n < 1 || x.n > REPLY_MEANINGS_MAX || !x.meanings[0].entry || !x.class)
		abort();
	if (!text_is_utf8(str_of(x.input)) || !text_is_utf8(str_of(x.text)) || strpbrk(x.input, "\r\n\x1b"))
		abort();
	if (strpbrk(x.decide, ";|&$`<>()'\"\\\n") || !*x.retry)
		abort();
	(void)explain_fill(a, &x, x.meanings[0].entry->why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str pasted = { (const char *)data, size };
	struct strlist pieces = { 0 };
	check(a, pasted);
	explain_pieces(a, pasted, &pieces);
	for (size_t i = 0; i < pieces.n; i++)
		check(a, str_of(pieces.v[i]));
	return 0;
}
