/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/fix_line.h"

#include <string.h>

bool fix_line_next(struct str *command, struct arena *a, struct fix_line *out)
{
	struct str line;
	if (!str_next(command, "\n", &line))
		return false;
	const char *tab = memchr(line.p, '\t', line.len);
	size_t system = tab ? (size_t)(tab - line.p) : 0, from = tab ? system + 1 : 0;
	*out = (struct fix_line){ arena_dup(a, line.p, system),
				  arena_dup(a, line.p + from, line.len - from) };
	return true;
}

const char *fix_line_join(struct arena *a, const char *command)
{
	struct strlist lines = { 0 };
	struct str rest = str_of(command);
	struct fix_line l;
	while (fix_line_next(&rest, a, &l))
		strlist_add(&lines, a, *l.system ? arena_printf(a, "%s: %s", l.system, l.line) : l.line);
	return strlist_join(&lines, a, "\n");
}
