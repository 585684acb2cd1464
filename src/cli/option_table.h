/* SPDX-License-Identifier: Apache-2.0 */
/* cli/option_table.h - the options of a command as rows of a table: read and shown in --help.
 *
 * What a row does with its value is the command's business; here it is found
 * out which row is meant, and a wrong one is refused with the mend.  What every
 * command takes (--config, --quiet, --verbose, --no-color, --version) is taken
 * where no row has it, too: --version ends the program, the others mean nothing. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "cli/option_wrong.h"

enum { OPTION_ROWS_MAX = 64 };

struct option_row;
/* Takes the value (NULL: none) of a row.  False with *e. */
typedef bool option_take_fn(void *options, const struct option_row *row, const char *value, struct err *e);

struct option_row {
	const char *name;
	const char *argument; /* its name in --help; NULL: takes none */
	const char *about;
	const char *group;    /* heading before this row in --help; NULL: none */
	const char *after;    /* a line of its own after it in --help; NULL: none */
	char letter;          /* "-X" means it too; 0: none */
	bool optional;        /* its argument may be left away: --X or --X=VALUE */
	bool secret;          /* "--X-file": the bare "--X" is refused, for a secret would follow it */
	bool json;            /* --format json means it too: the command has no --format of its own */
	bool ends;            /* nothing more has to be read (--help) */
	option_take_fn *take; /* NULL: it is only stored */
	size_t offset; /* where in the command's options: of a const char *, or of a bool without argument */
};

#define OPTION(name_, argument_, about_, ...)                                                                \
	{                                                                                                    \
		.name = name_, .argument = argument_, .about = about_, __VA_ARGS__                           \
	}
/* Rows that several commands have; place: ".offset = ...". */
#define OPTION_ZONE(place)                                                                                   \
	OPTION("zone", "ZONE", "times are typed and shown in it: utc, +01:00 (default: this computer's)",    \
	       place)
#define OPTION_CONFIG(place)                                                                                 \
	OPTION("config", "FILE", "the relay's configuration, which names its data folder", place,            \
	       .letter = 'c', .group = "Where")
#define OPTION_DATA(place)     OPTION("data", "DIR", "the data folder itself", place)
#define OPTION_NO_COLOR(place) OPTION("no-color", NULL, "no colours", place)
#define OPTION_HELP(place)     OPTION("help", NULL, "this text", place, .letter = 'h', .ends = true)

/* Either rows, or functions that know the command's own. */
struct option_table {
	const char *command; /* "check" */
	const struct option_row *rows;
	size_t nrows;
	/* Without rows: */
	const char *shorts;                            /* letters without a value that are no row's, "46" */
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

#endif
