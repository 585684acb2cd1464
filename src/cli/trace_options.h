/* SPDX-License-Identifier: Apache-2.0 */
/* cli/trace_options.h - the options of `postrider trace`. */
#ifndef CLI_TRACE_OPTIONS_H
#define CLI_TRACE_OPTIONS_H

#include "cli/option_table.h"
#include "show/trace_query.h"

enum { TRACE_LIMIT = 20 };

struct trace_options {
	struct arena *arena;
	char **words;
	size_t nwords;
	const char *config, *data, *since, *until, *zone, *state, *limit_text;
	bool json, follow, all, quiet, verbose, no_color, help;
	enum store_state only; /* --state */
	size_t limit;
	long long now_s, since_s, until_s, zone_s;
};

/* False with *e (ERR_USAGE and the mend). */
bool trace_options_read(int argc, char **argv, long long now_s, struct trace_options *o,
			struct err *e) MUST_USE;
void trace_options_clear(struct trace_options *o);
void trace_options_help(FILE *out);

#endif
