/* SPDX-License-Identifier: Apache-2.0 */
/* cli/command.h - the commands of postrider: a table, a file each.
 *
 * A command talks and decides nothing. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/err.h"

enum exit_status {
	EXIT_WELL = 0,      /* all well; warnings allowed */
	EXIT_NOT_WELL = 1,  /* the thing asked about is not well */
	EXIT_WRONG_USE = 2, /* wrong use or configuration, with the mend */
	EXIT_CANNOT = 3     /* could not do the work here; nothing lost */
};

struct command {
	const char *name;
	const char *about;                 /* one line for `postrider --help` */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

int command_bounces(int argc, char **argv);
int command_check(int argc, char **argv);
int command_discover(int argc, char **argv);
int command_config(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_help(int argc, char **argv);
int command_report(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_monitor(int argc, char **argv);
int command_queue(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_send(int argc, char **argv);
int command_sendmail(int argc, char **argv);
int command_suppression(int argc, char **argv);
int command_version(int argc, char **argv);

/* Says what it is on standard error; the exit status that goes with it. */
int command_failed(const struct err *e);

/* Whoever read standard output has gone. */
bool command_nobody_reads(void) MUST_USE;
/* All that was printed is out.  False: it is lost, which was said unless nobody reads any more. */
bool command_written(void) MUST_USE;
/* The program's exit status: `status`, or EXIT_CANNOT where the answer could not be written. */
int command_end(int status);

const struct command *command_find(const char *name);

#endif
