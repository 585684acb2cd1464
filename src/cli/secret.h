/* SPDX-License-Identifier: Apache-2.0 */
/* cli/secret.h - secrets from a file, the environment or a prompt; never from argv. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "cli/check_options.h"

/* Reads a whole file but one line end at its end (a secret pasted by an editor).
 * "-" is standard input.  Caller wipes and frees. */
bool secret_read_file(const char *path, char **out, struct err *e) MUST_USE;

/* Where a user was given and no secret: $POSTRIDER_PASSWORD, else a prompt
 * without echo on a terminal, else none. */
bool secret_complete(struct check_options *o, struct err *e) MUST_USE;

/* $POSTRIDER_PASSWORD, else a prompt where a person sits at a terminal, else NULL.  Caller wipes and frees.
 */
char *secret_ask(const char *user) MUST_USE;

#endif
