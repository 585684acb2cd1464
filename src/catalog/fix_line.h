/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/fix_line.h - what to type, system by system.
 *
 * A fix's command is one line; or, where systems differ, a line for each with its name before it:
 *
 *     Postfix<TAB>postconf mime_header_checks<LF>Microsoft 365<TAB>Get-MalwareFilterPolicy
 */
#ifndef CATALOG_FIX_LINE_H
#define CATALOG_FIX_LINE_H

#include "base/arena.h"
#include "base/str.h"

struct fix_line {
	const char *system; /* "Postfix"; "" there is only one */
	const char *line;
};

/* Takes the next of a command's lines; false at the end.  Arena-owned. */
bool fix_line_next(struct str *command, struct arena *a, struct fix_line *out);
/* The only one as it is; several with their names, a line each: for who reads them as one text. */
const char *fix_line_join(struct arena *a, const char *command);

#endif
