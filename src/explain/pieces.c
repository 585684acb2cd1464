/* SPDX-License-Identifier: Apache-2.0 */
/* A paste cut into replies and errors, each whole. */
#include <string.h>

#include "explain/explain.h"
#include "explain/hide.h"
#include "explain/token.h"

void explain_pieces(struct arena *a, struct str pasted, struct strlist *out)
{
	struct str s = explain_hide(a, explain_clean(a, pasted));
	if (s.len)
		strlist_add(out, a, arena_dup(a, s.p, s.len));
}
