/* SPDX-License-Identifier: Apache-2.0 */
/* cli/discover_options.h - the options of `postrider discover`: those of check that
 * fit, taken as check takes them, and a few of its own. */
#ifndef CLI_DISCOVER_OPTIONS_H
#define CLI_DISCOVER_OPTIONS_H

#include "cli/check_options.h"

struct discover_options {
	struct check_options check; /* the first member: check's rows store here */
	struct strlist accept;
	const char *isp;
	bool all;
};

/* False with *e (ERR_USAGE and the mend); nothing has been contacted then. */
bool discover_options_read(int argc, char **argv, struct discover_options *o, struct err *e) MUST_USE;
void discover_options_clear(struct discover_options *o);
void discover_options_help(FILE *out);

#endif
