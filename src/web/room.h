/* SPDX-License-Identifier: Apache-2.0 */
/* web/room.h - how many connections the page and the API may hold, of the descriptors that there are.
 *
 * A connection is one descriptor, and so is an open stream.  Mail keeps a part of its own: browsers must
 * not take what mail needs. */
#ifndef WEB_ROOM_H
#define WEB_ROOM_H

#include <stdint.h>

#include "base/err.h"

enum {
	ROOM_MAX = 20000, /* connections, however many files may be open */
	ROOM_FEW = 1000,  /* fewer are told of at the start */
	ROOM_AGAIN_MS = 3600 * 1000,
};

unsigned long room_files(void);                 /* that may be open at once */
unsigned room_connections(unsigned long files); /* of so many files */

/* What is to be told while so many connections are open of room_connections(files), at the start and where
 * all are taken, once in ROOM_AGAIN_MS; *told_ms: when it was, 0 never.  True with *e. */
bool room_is_short(unsigned open, unsigned long files, int64_t now_ms, int64_t *told_ms, struct err *e);

#endif
