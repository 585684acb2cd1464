/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_driver.h - what drives a search: the words of its question, and which of them is the rarest.
 */
#ifndef STORE_SQLITE_DRIVER_H
#define STORE_SQLITE_DRIVER_H

#include "store/sqlite_inner.h"
#include "store/words.h"

enum { DRIVERS_MAX = WORDS_MAX + 8 };

struct driver {
	enum sql sql;          /* FIND_WORD, FIND_PREFIX, FIND_LIVE or FIND_ALL */
	struct word word, end; /* end: of a prefix, the first word after it */
};

struct drivers {
	struct driver v[DRIVERS_MAX];
	size_t n; /* 1 at least, once chosen */
};

/* *all is empty before. */
void drivers_choose(struct drivers *all, const struct index *x, const struct store_query *q);
const struct driver *drivers_rarest(const struct drivers *all, struct index *x, uint64_t low, uint64_t high);

/* The statement that gives the messages a driver names, low and high included, newest first; NULL with the
 * connection's error.  bucket: of a word or prefix. */
sqlite3_stmt *driver_start(struct index *x, const struct driver *d, int64_t bucket, uint64_t low,
			   uint64_t high);

#endif
