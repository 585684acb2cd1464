/* SPDX-License-Identifier: Apache-2.0 */
/* cli/progress.h - the steps of a check, drawn on a terminal as they pass.
 *
 * Lines appear as facts come in and are wiped off at the end: the answer on
 * stdout repeats the chain, in full. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "check/check.h"
#include "cli/check_options.h"

struct progress;

/* Draws on stderr, only when that is a terminal and --quiet was not given. */
struct progress *progress_new(const struct check_options *o) MUST_USE;
struct check_observer progress_observer(struct progress *p, const char *input); /* draws input first */
void progress_wipe(struct progress *p);  /* before a question; it goes on after it */
void progress_free(struct progress **p); /* wipes the drawing off */

#endif
