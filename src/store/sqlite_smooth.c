/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_smooth_inner.h"

static int write_smoothly(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct smooth *s = (struct smooth *)(void *)file->pMethods;
	int rc = s->plain->xWrite(file, bytes, n, at);
	s->unsynced += n;
	if (rc != SQLITE_OK || s->unsynced < SMOOTH_BYTES)
		return rc;
	return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static int sync_whole(sqlite3_file *file, int flags)
{
	struct smooth *s = (struct smooth *)(void *)file->pMethods;
	s->unsynced = 0;
	return s->plain->xSync(file, flags);
}

void smooth_take(struct smooth *s, sqlite3_file *file)
{
	*s = (struct smooth){ .methods = *file->pMethods, .plain = file->pMethods };
	s->methods.xWrite = write_smoothly;
	s->methods.xSync = sync_whole;
	file->pMethods = &s->methods;
}
