/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pickup/pickup_scan.h - which files of a pick-up folder are whole, and taking them: by one rename into
 * FOLDER/.taken.
 *
 * Runs in a thread: folders may be far away and slow.  A file is whole when its writer has closed it
 * (inotify) and it has not grown for a moment; where nobody tells (network folders), when it has not grown
 * for longer. Names of files still being written are passed over: dots and tildes in front, .tmp, .part and
 * the like. */
#ifndef RELAY_PICKUP_SCAN_H
#define RELAY_PICKUP_SCAN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define PICKUP_TAKEN   ".taken"  /* here while they are handed in */
#define PICKUP_REFUSED "refused" /* here when they cannot be */

enum {
	PICKUP_CLOSED_MS = 300,
	PICKUP_STILL_MS = 3000,
	PICKUP_NAMES_MAX = 5000, /* files looked at */
	PICKUP_NAME_BYTES = 200, /* longer ones leave no room for .waiting */
	PICKUP_PEEK_BYTES = 4096,
};

/* A file that may still grow. */
struct pickup_seen {
	char *name;
	long long size, mtime_ns;
	uint64_t since_ms; /* it is so, monotonic */
	bool closed, here; /* here: found in this look */
};

struct pickup_scan { /* one folder's memory; zero to begin with */
	struct pickup_seen *v;
	size_t n, room;
};

/* Looks once.  closed: names whose writers are done.  Taken files' names (of this look and of earlier ones)
 * go to *taken, in a; true in *waiting: some may be whole soon.  False with *e: the folder cannot be used. */
bool pickup_scan(struct pickup_scan *s, const char *folder, const struct strlist *closed, uint64_t now_ms,
		 struct arena *a, struct strlist *taken, bool *waiting, struct err *e);
void pickup_scan_clear(struct pickup_scan *s);

/* By its name: a message (1), a text that may be a mail (2), neither (0). */
int pickup_name_kind(const char *name);

#endif
