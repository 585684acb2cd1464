/* SPDX-License-Identifier: Apache-2.0 */
/* cli/suppression_options.h - the options of `postrider suppression`. */
#ifndef CLI_SUPPRESSION_OPTIONS_H
#define CLI_SUPPRESSION_OPTIONS_H

#include "base/arena.h"
#include "cli/option_table.h"

enum suppression_verb {
	SUPPRESSION_LIST,
	SUPPRESSION_SHOW,
	SUPPRESSION_ADD,
	SUPPRESSION_REMOVE,
	SUPPRESSION_VERBS
};

struct suppression_options {
	struct arena *arena;
	enum suppression_verb verb;
	char **args; /* behind the verb */
	size_t nargs;
	const char *reason, *until, *for_text, *zone, *config, *data;
	bool all, json, quiet, no_color, help;
	long long now_s, zone_s, until_s; /* until_s: of --until and --for; 0: until it is lifted */
};

/* False with *e (ERR_USAGE and the mend). */
bool suppression_options_read(int argc, char **argv, long long now_s, struct suppression_options *o,
			      struct err *e) MUST_USE;
void suppression_options_clear(struct suppression_options *o);
void suppression_options_help(FILE *out);

#endif
