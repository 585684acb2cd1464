/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_options.h - the options of `postrider queue`. */
#ifndef CLI_QUEUE_OPTIONS_H
#define CLI_QUEUE_OPTIONS_H

#include "cli/option_table.h"
#include "relay/steer.h"

enum queue_verb { QUEUE_LIST, QUEUE_SHOW, QUEUE_WHY, QUEUE_STEER };

struct queue_options {
	struct arena *arena;
	enum queue_verb verb;
	enum steer what; /* of QUEUE_STEER */
	char **args;     /* behind the verb */
	size_t nargs;
	const char *domain, *destination, *finding, *account, *sender, *recipient, *state_text;
	const char *reason, *until, *zone, *limit_text, *config, *data;
	bool all, yes, json, quiet, no_color, help;
	enum store_state state; /* --state */
	size_t limit;
	long long now_s, zone_s, until_s;
};

/* False with *e (ERR_USAGE and the mend). */
bool queue_options_read(int argc, char **argv, long long now_s, struct queue_options *o,
			struct err *e) MUST_USE;
void queue_options_clear(struct queue_options *o);
void queue_options_help(FILE *out);

#endif
