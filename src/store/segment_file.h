/* SPDX-License-Identifier: Apache-2.0 */
/* store/segment_file.h - one segment as a file: its name, its header, how it is made and read again.
 * For segment.c, ahead.c and segment_make.c. */
#ifndef STORE_SEGMENT_FILE_H
#define STORE_SEGMENT_FILE_H

#include "store/segment.h"

enum { SEGMENT_NAME_BYTES = 32 };

const char *segment_name(uint32_t no, char out[SEGMENT_NAME_BYTES]);
/* Headless where the disk does not give the header.  NULL: for want of something of ours, or where the disk
 * does not even say how long it is (*e), or no segment of this number (no *e). */
struct segment *segment_load(const struct segments *s, uint32_t no, struct err *e);
/* Of a segment that stays headless.  Always false. */
bool segment_head_fault(uint32_t no, struct err *e);
/* Of one that is not in the set.  Always false. */
bool segment_missing_fault(const struct segments *s, uint32_t no, struct err *e);
/* True: a file of that name was made and never used, or is one of another segment that has a good header:
 * nothing is lost with it. */
bool segment_blank(const struct segments *s, uint32_t no);
/* A new file with room for a segment as long as planned, or of `least` bytes where the disk has no more; -1
 * with *e. */
int segment_file_new(const struct segments *s, const char *name, uint64_t least, struct err *e);
void segment_head_write(const struct segment *g, unsigned char out[SEGMENT_HEAD]);
/* segment_make.c: the next one, on disk with its header and its name; NULL with *e. */
struct segment *segment_make(struct segments *s, uint64_t before, int64_t now_ms, struct err *e);

#endif
