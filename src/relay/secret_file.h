/* SPDX-License-Identifier: Apache-2.0 */
/* relay/secret_file.h - a password, key or token that stands in a file of its own. */
#ifndef RELAY_SECRET_FILE_H
#define RELAY_SECRET_FILE_H

#include "base/buf.h"
#include "base/err.h"

enum { SECRET_BYTES_MAX = 16 * 1024 };

/* A file's first line and a NUL; never empty.  Read anew each time: a changed one counts at once. */
bool secret_read(const char *path, struct buf *out, struct err *e) MUST_USE;

#endif
