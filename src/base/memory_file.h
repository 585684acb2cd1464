/* SPDX-License-Identifier: Apache-2.0 */
/* base/memory_file.h - what a writer for files writes, as a text in memory.
 *
 *     CLEANUP(memory_file_clear) struct memory_file m;
 *     memory_file_open(&m);
 *     ok = render(..., m.file, e);
 *     ok = memory_file_whole(&m, e) && ok;    then m.text, m.n
 *
 * What a peer can make grow has its limit in the writer. */
#ifndef BASE_MEMORY_FILE_H
#define BASE_MEMORY_FILE_H

#include <stdio.h>

#include "base/err.h"

struct memory_file {
	FILE *file; /* NULL once it was closed */
	char *text; /* NUL-terminated, after memory_file_whole(); malloc'd */
	size_t n;
};

void memory_file_open(struct memory_file *m);
/* Closes it: all that was written is in text.  False with *e: there was no memory for all of it. */
bool memory_file_whole(struct memory_file *m, struct err *e) MUST_USE;
void memory_file_clear(struct memory_file *m);

#endif
