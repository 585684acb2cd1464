/* SPDX-License-Identifier: Apache-2.0 */
/* cli/progress_bar.h - how far a long reading has come, on a terminal: one line on stderr, wiped at the end.
 *
 * Drawn a few times a second at most, and only when the work takes long enough
 * that a person wonders. */
#ifndef CLI_PROGRESS_BAR_H
#define CLI_PROGRESS_BAR_H

#include <stdbool.h>
#include <stdio.h>

struct progress_bar {
	bool draws, drawn;
	unsigned columns;
	long long began_ms, last_ms;
	const char *name;
};

struct progress_at {
	unsigned long long done, size; /* bytes of the file; size 0: not known */
	unsigned long long lines;
};

void progress_bar_start(struct progress_bar *b, const char *name, bool quiet);
void progress_bar_at(struct progress_bar *b, const struct progress_at *at);
void progress_bar_wipe(struct progress_bar *b);

/* The line as it is drawn, for tests: no clock, no terminal.  Returns out. */
enum { PROGRESS_LINE_BYTES = 256 };
const char *progress_bar_line(char out[PROGRESS_LINE_BYTES], unsigned columns, const char *name,
			      const struct progress_at *at, long long elapsed_ms);

#endif
