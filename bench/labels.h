/* SPDX-License-Identifier: Apache-2.0 */
/* bench/labels.h - replies with the classes that readers gave them.
 *
 * A file's first line names its columns; reply, enhanced and class are read,
 * and step, also and finding where there are. */
#ifndef BENCH_LABELS_H
#define BENCH_LABELS_H

#include "base/arena.h"

enum { LABELS_MAX = 20000, COLUMNS_MAX = 16 };

struct label {
	const char *reply, *enhanced, *class, *step, *also, *finding; /* "" none */
};

struct labels {
	struct arena *arena; /* owns rows and their texts */
	struct label *rows;
	size_t n;
};

/* Adds the file's rows; -1: it cannot be read. */
int labels_read(const char *path, struct labels *out) MUST_USE;
void labels_clear(struct labels *l);
/* The cells of a line of tabs, which is cut up for it. */
size_t labels_split(char *line, char *cells[COLUMNS_MAX]);

#endif
