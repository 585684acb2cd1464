/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain_run.h - reads each input to its end and gives the answers to a renderer (explain.c uses it).
 *
 * Memory is bounded: one mail, one text or one line at a time; a log in pieces. */
#ifndef CLI_EXPLAIN_RUN_H
#define CLI_EXPLAIN_RUN_H

#include "cli/explain_input.h"
#include "cli/explain_options.h"

enum {
	EXPLAIN_TEXT_MAX = 4 * 1024 * 1024,  /* a text to explain; more is a log */
	EXPLAIN_MAIL_MAX = 64 * 1024 * 1024, /* one mail; what comes after is not read */
	EXPLAIN_LINE_MAX = 64 * 1024         /* one line of --lines; what comes after is not read */
};

struct explain_log; /* cli/explain_log.h */

struct explain_run {
	const struct explain_options *o;
	struct explain_renderer *renderer;
	struct explain_log *log; /* all logs together are one; NULL: none yet */
	bool failure;            /* something in it is not well */
	bool something;          /* there was something to explain */
	bool cannot;             /* a file could not be read to its end; said on stderr */
};

/* Reads one file ("-" standard input) and explains what is in it.  False when
 * nothing more should be read (Ctrl-D aside: stopped, or the answer cannot be
 * written). */
bool explain_run_file(struct explain_run *r, const char *path) MUST_USE;
void explain_run_text(struct explain_run *r, const char *text);
/* After the last file: what the logs come to. */
void explain_run_end(struct explain_run *r);

#endif
