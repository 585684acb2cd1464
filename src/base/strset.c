/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strset.h"

#include <search.h>
#include <strings.h>

static int compare(const void *a, const void *b)
{
	return strcasecmp(a, b);
}

static void keep(void *text)
{
	(void)text;
}

bool strset_add(struct strset *s, const char *text)
{
	if (tfind(text, &s->tree, compare))
		return false;
	if (!tsearch(text, &s->tree, compare))
		mem_out();
	return true;
}

void strset_clear(struct strset *s)
{
	tdestroy(s->tree, keep);
	s->tree = NULL;
}
