/* SPDX-License-Identifier: Apache-2.0 */
/* bench/file.h - a whole file in an arena. */
#ifndef BENCH_FILE_H
#define BENCH_FILE_H

#include "base/arena.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

/* False: it cannot be read, or is longer than FILE_MAX. */
bool file_read(struct arena *a, const char *path, struct str *out) MUST_USE;

#endif
