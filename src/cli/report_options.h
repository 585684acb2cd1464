/* SPDX-License-Identifier: Apache-2.0 */
/* cli/report_options.h - the options of `postrider report`. */
#ifndef CLI_REPORT_OPTIONS_H
#define CLI_REPORT_OPTIONS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/format.h"

struct report_command {
	struct arena *arena;
	char **words; /* a file of evidence, or what trace takes */
	size_t nwords;
	const char *config, *data, *since, *until, *zone, *output, *format_name, *recipient;
	bool json, preview, mask, subject, help;
	enum render_format format;
	long long now_s, since_s, until_s;
};

/* False with *e (ERR_USAGE and the mend). */
bool report_options_read(int argc, char **argv, long long now_s, struct report_command *o,
			 struct err *e) MUST_USE;
void report_options_clear(struct report_command *o);
void report_options_help(FILE *out);

#endif
