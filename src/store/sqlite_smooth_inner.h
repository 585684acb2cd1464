/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_smooth_inner.h - a database's file whose bytes go to the disk a few at a time.
 *
 * SQLite leaves what it writes to the kernel until a checkpoint syncs all of it at once: some 16 MB of log,
 * and as much again of the file.  A disk that has these to write makes everybody's next sync wait, and with
 * it each 250. Here a file is synced whenever so much has been written to it since, so that nobody waits for
 * more. */
#ifndef STORE_SQLITE_SMOOTH_INNER_H
#define STORE_SQLITE_SMOOTH_INNER_H

#include <sqlite3.h>

enum { SMOOTH_BYTES = 512 * 1024 };

struct smooth {
	sqlite3_io_methods methods; /* first: by it the rest is found */
	const sqlite3_io_methods *plain;
	int unsynced; /* bytes */
};

/* From now on that file (borrowed, open) is written so; until it is closed *s stays where it is.  A write may
 * fail as a sync does. */
void smooth_take(struct smooth *s, sqlite3_file *file);

#endif
