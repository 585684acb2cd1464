/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain_input.h - where the things to explain come from: arguments, files, folders, standard input.
 *
 * Decides what an argument is; what a file holds is explain/kind's business. */
#ifndef CLI_EXPLAIN_INPUT_H
#define CLI_EXPLAIN_INPUT_H

#include "base/arena.h"
#include "base/err.h"

struct explain_input {
	const char *text;     /* the arguments are a text, joined by blanks; NULL: they are files */
	struct strlist files; /* "-" is standard input */
};

/* args as typed.  No argument: standard input.  A name of a file that is not
 * there is an error, not a text.  Folders become their files, a Maildir its new/
 * and cur/.  False with *e: ERR_USAGE, or ERR_SYS for a folder that cannot be read. */
bool explain_input_of(char *const *args, size_t nargs, bool files_only, struct arena *a,
		      struct explain_input *out, struct err *e) MUST_USE;

#endif
