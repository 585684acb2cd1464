/* SPDX-License-Identifier: Apache-2.0 */
/* cli/bounces_options.h - the options of `postrider bounces`. */
#ifndef CLI_BOUNCES_OPTIONS_H
#define CLI_BOUNCES_OPTIONS_H

#include "base/arena.h"
#include "cli/option_table.h"

enum bounces_verb { BOUNCES_LIST, BOUNCES_SHOW, BOUNCES_FORGET, BOUNCES_VERBS };

struct bounces_options {
	struct arena *arena;
	enum bounces_verb verb;
	char **args; /* behind the verb */
	size_t nargs;
	const char *limit_text, *config, *data;
	bool all, raw, json, quiet, no_color, help;
	size_t limit;
};

/* False with *e (ERR_USAGE and the mend). */
bool bounces_options_read(int argc, char **argv, struct bounces_options *o, struct err *e) MUST_USE;
void bounces_options_clear(struct bounces_options *o);
void bounces_options_help(FILE *out);

#endif
