/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/copies.h"

const char *copies_words(struct arena *a, unsigned n)
{
	return n > 1 ? arena_printf(a, "it may have arrived, perhaps %u times", n) : "it may have arrived";
}

const char *copies_answer(unsigned code)
{
	return code && !copies_refuses(code) ? "no clear answer" : "no answer";
}
