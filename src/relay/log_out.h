/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_out.h - one file of lines, and what waits to be written to it.  For log_file.c only.
 *
 * A line is whole or it is not there for a reader: what a full disk cut is finished in the same file, begun
 * anew in the next one, and ended where another program's life ended in it. */
#ifndef RELAY_LOG_OUT_H
#define RELAY_LOG_OUT_H

#include <stdint.h>

#include "base/buf.h"

struct log_out {
	int fd;
	uint64_t bytes;  /* in the file */
	struct buf back; /* whole lines that wait */
	size_t part;     /* so much of the first of them the file has already */
	bool torn;       /* the file ends within a line that nobody will finish */
};

/* Appends to path, 0600, in place of what was open before (fd -1: nothing).  0, or errno: nothing changed. */
int log_out_open(struct log_out *o, const char *path);
void log_out_close(struct log_out *o);

bool log_out_write(struct log_out *o); /* what the disk takes now; false: the rest stays */

enum { LOG_NOTE_BYTES = 64 };
bool log_out_note(int fd, const char *note); /* all that the file says then */

#endif
