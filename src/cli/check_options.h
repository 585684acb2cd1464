/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check_options.h - the options of `postrider check`, read into a request. */
#ifndef CLI_CHECK_OPTIONS_H
#define CLI_CHECK_OPTIONS_H

#include "check/render.h"
#include "check/request.h"

struct check_options {
	struct arena *arena; /* owns every text but the secrets */
	struct check_request request;
	enum render_format format;
	struct render_options render;
	bool quiet, guided, help;
	const char *save, *evidence, *config; /* files; NULL none */
	char *secrets[4];                     /* wiped and freed by check_options_clear */
	size_t nsecrets;
};

/* False with *e (ERR_USAGE and the mend); nothing has been contacted then. */
bool check_options_read(int argc, char **argv, struct check_options *o, struct err *e) MUST_USE;
void check_options_clear(struct check_options *o);
void check_options_help(FILE *out);

#endif
