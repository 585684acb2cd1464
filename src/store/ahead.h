/* SPDX-License-Identifier: Apache-2.0 */
/* store/ahead.h - the next segment's file, under its name and with it on the disk before it is needed.
 *
 * A change of segments then costs the writer one sync of bytes that the file has, and so does each group of
 * messages in it; making a file, syncing its folder and writing into room that was only promised wait for the
 * file system's journal, which others fill.  One thread prepares (the indexer's), the writer takes. */
#ifndef STORE_AHEAD_H
#define STORE_AHEAD_H

#include "store/segment.h"

/* At the start: puts back a file that was being prepared, if it is one. */
void ahead_found(struct segments *s, const char *name);
/* Makes it when the current segment is a quarter full and there is none yet: a step of it each time.  That it
 * can't be done is no fault: who needs the segment tries again, and tells. */
void ahead_prepare(struct segments *s);
/* Gives the room of a file that is half made back to the disk. */
void ahead_release(struct segments *s);
/* The writer is about to make segment `no`: nobody else touches a file of that name any more.  True: it is
 * there; *durable: its name is on the disk. */
bool ahead_take(struct segments *s, uint32_t no, bool *durable);

#endif
