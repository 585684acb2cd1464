/* SPDX-License-Identifier: Apache-2.0 */
/* store/spare.h - files of segments that are over, kept to be segments again.
 *
 * Whoever writes over bytes that a file has needs nothing of the file system but the bytes' way to the disk;
 * a new file needs its room marked as written with each sync, and giving 64 MiB back can hold up every other
 * sync for tens of milliseconds.  What a spare holds means nothing: records are known by their segment's
 * salt. Any thread. */
#ifndef STORE_SPARE_H
#define STORE_SPARE_H

#include "store/segment.h"

enum { SPARES_MOST = 4, SPARES_OLD = 10 /* minutes in which none was taken: they hold mail that is over */ };

/* At the start: a spare's file.  False: it is another's. */
bool spare_found(struct segments *s, const char *name);
/* Makes the file a spare; false: there are enough, it is not as long as planned, or can't be renamed. */
bool spare_keep(struct segments *s, const char *name);
/* Makes it a spare, or gives it back to the disk. */
void spare_put_back(struct segments *s, const char *name);
/* Gives a spare that name; false: there is none. */
bool spare_take(struct segments *s, const char *name);
/* Once a minute. */
void spares_grow_old(struct segments *s);
/* Gives all of them back to the disk. */
void spares_release(struct segments *s);
uint64_t spares_bytes(struct segments *s);

#endif
