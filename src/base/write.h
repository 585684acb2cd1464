/* SPDX-License-Identifier: Apache-2.0 */
/* base/write.h - all of some bytes into a descriptor that blocks, and whether a file has all it was given. */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

/* False: errno says why; some of it may have been written. */
bool write_whole(int fd, struct str s) MUST_USE;

/* Flushes f behind its last byte.  False with *e, which says why: something of `what` ("the report") was not
 * written. */
bool write_end(FILE *f, const char *what, struct err *e) MUST_USE;

#endif
