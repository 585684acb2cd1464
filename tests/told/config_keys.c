/* SPDX-License-Identifier: Apache-2.0 */
/* Prints each block and key that postrider.conf may hold, a path a line: "route/oauth/scope". */
#include <stdio.h>

#include "base/arena.h"
#include "cli/config_grammar.h"

static void print(struct arena *a, const char *block, const cfg_opt_t *opts)
{
	for (const cfg_opt_t *o = opts; o->name; o++) {
		const char *path = arena_printf(a, "%s%s%s", block, o->type == CFGT_SEC ? o->name : "",
						o->type == CFGT_SEC ? "/" : o->name);
		puts(path);
		if (o->type == CFGT_SEC)
			print(a, path, o->subopts);
	}
}

int main(void)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	cfg_t *cfg = config_grammar_new();
	print(a, "", cfg->opts);
	cfg_free(cfg);
	return 0;
}
