/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain_options.h - the options of `postrider explain`. */
#ifndef CLI_EXPLAIN_OPTIONS_H
#define CLI_EXPLAIN_OPTIONS_H

#include "base/format.h"
#include "cli/option_table.h"
#include "explain/render.h"

struct explain_options {
	struct arena *arena;
	char **args; /* what is no option; borrowed from argv */
	size_t nargs;
	enum render_format format;
	struct explain_show show;
	struct explain_hint hint;
	bool log, lines, help, no_color, all;
	const char *log_file;  /* --log=FILE; NULL none: the first argument */
	const char *recipient; /* of a text: whom it was about; of a log: only these */
	const char *since, *until, *zone;
	long long since_s, until_s, zone_s, now_s; /* the first two 0: not given */
};

/* now_s: the clock.  False with *e (ERR_USAGE and the mend). */
bool explain_options_read(int argc, char **argv, long long now_s, struct explain_options *o,
			  struct err *e) MUST_USE;
void explain_options_clear(struct explain_options *o);
void explain_options_help(FILE *out);

#endif
