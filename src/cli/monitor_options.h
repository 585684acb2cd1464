/* SPDX-License-Identifier: Apache-2.0 */
/* cli/monitor_options.h - the verb and the options of `postrider monitor`. */
#ifndef CLI_MONITOR_OPTIONS_H
#define CLI_MONITOR_OPTIONS_H

#include "cli/option_table.h"

enum monitor_verb { MONITOR_LIST, MONITOR_SHOW, MONITOR_HISTORY, MONITOR_RUN, MONITOR_VERBS };

struct monitor_options {
	enum monitor_verb verb;
	const char *name; /* of the monitor; NULL with list */
	const char *config, *since, *zone;
	bool json, bad, quiet, verbose, no_color, help;
	long long now_s, since_s, zone_s; /* since_s 0: not given */
};

/* False with *e (ERR_USAGE and the mend). */
bool monitor_options_read(int argc, char **argv, long long now_s, struct monitor_options *o,
			  struct err *e) MUST_USE;
void monitor_options_help(FILE *out);

#endif
