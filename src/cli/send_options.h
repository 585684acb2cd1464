/* SPDX-License-Identifier: Apache-2.0 */
/* cli/send_options.h - the options of `postrider send`. */
#ifndef CLI_SEND_OPTIONS_H
#define CLI_SEND_OPTIONS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

enum {
	SEND_RECIPIENTS_MAX = 1000,
	SEND_ATTACHMENTS_MAX = 100,
	SEND_TIMEOUT_S = 300,
	SEND_TIMEOUT_MAX_S = 7 * 86400
};

struct send_options {
	struct arena *arena;
	const char *from, *from_name; /* NULL: not given */
	struct strlist to, cc, bcc;   /* addresses alone, sound */
	const char *reply_to, *subject;
	const char *text, *html; /* files; "-" standard input; NULL none */
	struct strlist attach;
	const char *merge, *template; /* a batch: its table, its mail; NULL none */
	const char *results;          /* of a batch */
	const char *to_column, *attach_column, *key_column;
	bool skip_bad, dry_run, again, resume;
	const char *via;     /* NULL: by the configuration */
	const char *profile; /* the name after --via profile */
	const char *as;      /* in the name of this profile; NULL none */
	const char *kind;    /* of the profile's mail; NULL none */
	const char *test;    /* the profile that is to be tested; NULL: a mail like any */
	bool untested;       /* though the profile's test has not passed */
	const char *config;
	unsigned long timeout_s;
	bool wait, json, quiet, verbose, no_color, help;
};

bool send_options_read(int argc, char **argv, struct send_options *o, struct err *e) MUST_USE;
void send_options_clear(struct send_options *o);
void send_options_help(FILE *out);

#endif
