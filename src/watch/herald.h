/* SPDX-License-Identifier: Apache-2.0 */
/* watch/herald.h - runs the commands of alerts, in a process of its own.
 *
 * The relay's filter of system calls lets it begin no program, and should not: whoever broke
 * in through a parser would have a shell.  So a small process is forked before the filter is set,
 * as the same unprivileged user, and waits at a socket.  It can be asked for one thing: to run the i'th
 * of the commands it was given at the start, with a text on its standard input.  The command line is
 * the configured path alone: no shell, no arguments, a bare environment.  A command added by a reload
 * waits for a restart. */
#ifndef WATCH_HERALD_H
#define WATCH_HERALD_H

#include "base/arena.h"
#include "base/err.h"

enum {
	HERALD_COMMANDS_MAX = 20,
	HERALD_TEXT_MAX = 256 * 1024, /* longer ones are cut */
	HERALD_LIMIT_S = 30,          /* a command that runs longer is ended */
};

struct herald;

/* Forks: call it before any thread is there, and before call_filter_load().  commands: paths, copied.
 * NULL without *e where there are none. */
struct herald *herald_new(const struct strlist *commands, struct err *e) MUST_USE;
/* From any thread: nothing more is run, and herald_run() returns at once; a command under way goes on alone.
 */
void herald_stop(struct herald *h); /* NULL is fine */
/* The process ends when this end is closed. */
void herald_free(struct herald **h);

/* -1: the herald does not know it (it came with a reload). */
int herald_index(const struct herald *h, const char *command);
/* Asks, and waits for the end of the command (HERALD_LIMIT_S at most): call it in a thread that may wait.
 * One at a time.  False with *e: it could not be run, failed or ran too long. */
bool herald_run(struct herald *h, int command, const char *text, struct err *e) MUST_USE;

#endif
