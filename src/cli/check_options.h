/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check_options.h - the options of `postrider check`, read into a request.
 *
 * A table (check_table.c) names each option, what it does and how its value is
 * taken (check_apply.c); reading and --help walk it. */
#ifndef CLI_CHECK_OPTIONS_H
#define CLI_CHECK_OPTIONS_H

#include "check/render.h"
#include "check/request.h"

enum { CHECK_SECRETS_MAX = 8 };

struct check_options {
	struct arena *arena; /* owns every text but the secrets */
	struct check_request request;
	enum render_format format;
	struct render_options render;
	bool quiet, guided, help, no_color, no_experiments;
	const char *save, *evidence, *config; /* files; NULL none */
	char *secrets[CHECK_SECRETS_MAX];     /* wiped and freed by check_options_clear */
	size_t nsecrets;
};

/* Takes value (NULL: none) for the option; false with *e (ERR_USAGE, the mend). */
struct check_option;
typedef bool check_apply_fn(struct check_options *o, const struct check_option *row, const char *value,
			    struct err *e);

struct check_option {
	const char *name;
	const char *argument; /* its name in --help; NULL: takes none */
	const char *about;
	check_apply_fn *apply;
	size_t offset;     /* in struct check_options, for those that only store */
	const char *group; /* heading before this row in --help; NULL: none */
};

/* The table, in the order of --help; NULL past the end. */
const struct check_option *check_option_at(size_t i);
struct option_row check_option_row(const struct check_option *row); /* as the table shows it */

check_apply_fn apply_text, apply_sender, apply_flag, apply_secret, apply_oauth_text, apply_oauth_url,
	apply_oauth_secret, apply_answer, apply_list, apply_to, apply_attach, apply_file, apply_ip,
	apply_security, apply_auth, apply_until, apply_timeout, apply_now, apply_json, apply_format,
	apply_quiet, apply_resolver;

/* False with *e (ERR_USAGE and the mend); nothing has been contacted then. */
bool check_options_read(int argc, char **argv, struct check_options *o, struct err *e) MUST_USE;
void check_options_clear(struct check_options *o);
void check_options_help(FILE *out);

/* For commands that take some of the rows: what stands before any option, the letters
 * -4 -6 -h and whether --help ends the reading (of an option_table; options begin with a struct
 * check_options), and what follows from all of them (this host's name, the terminal). */
void check_options_defaults(struct check_options *o);
bool check_options_short(void *options, int letter, struct err *e) MUST_USE;
bool check_options_enough(const void *options) MUST_USE;
void check_options_settle(struct check_options *o);

#endif
