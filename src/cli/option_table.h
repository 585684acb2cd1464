/* SPDX-License-Identifier: Apache-2.0 */
/* cli/option_table.h - the options of a command as rows of a table: read and shown in --help.
 *
 * What a row does with its value is the command's business; here it is found
 * out which row is meant, and a wrong one is refused with the mend. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "cli/option_wrong.h"

enum { OPTION_ROWS_MAX = 64 };

struct option_row {
	const char *name;
	const char *argument; /* its name in --help; NULL: takes none */
	const char *about;
	const char *group; /* heading before this row in --help; NULL: none */
	const char *after; /* a line of its own after it in --help; NULL: none */
	bool optional;     /* its argument may be left away: --X or --X=VALUE */
	bool secret;       /* "--X-file": the bare "--X" is refused, for a secret would follow it */
};

/* A row that only stores: where in the command's options. */
struct option_member {
	struct option_row row;
	size_t offset; /* of a const char *, or of a bool where the row takes nothing */
};

/* Either rows that only store, or functions that know the command's own. */
struct option_table {
	const char *command; /* "check" */
	const char *shorts;  /* letters without a value, "46h" */
	/* A letter is the first row whose name begins with it; the row "help" ends the reading. */
	const struct option_member *members;
	size_t nmembers;
	/* Without members: */
	bool (*row)(size_t i, struct option_row *out); /* false past the end */
	/* Takes value (NULL: none) of the i'th row, or a letter of `shorts`. */
	bool (*take)(void *options, size_t i, const char *value, struct err *e);
	bool (*take_short)(void *options, int letter, struct err *e);
	/* True once nothing more has to be read (--help). */
	bool (*enough)(const void *options);
};

/* Sorts argv as getopt_long does and sets *first to the first argument that is
 * no option.  False with *e (ERR_USAGE and the mend). */
bool option_table_read(const struct option_table *t, int argc, char **argv, void *options, int *first,
		       struct err *e) MUST_USE;

/* The rows, as --help shows them. */
void option_table_help(const struct option_table *t, FILE *out);

/* The i'th row's name; NULL past the end. */
const char *option_table_name(const struct option_table *t, size_t i);

#endif
