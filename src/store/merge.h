/* SPDX-License-Identifier: Apache-2.0 */
/* store/merge.h - one answer out of several, and the place where it ended. */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "store/store.h"

enum { STORE_FIND_USUAL = 50 };

struct store_cursor { /* not yet looked at: this recipient of this message, and what comes after */
	uint64_t seq;
	unsigned rcpt; /* UINT32_MAX: the message is done */
};

const char *store_cursor_write(struct store_cursor c, struct arena *a);
bool store_cursor_read(struct str text, struct store_cursor *c, struct err *e) MUST_USE;

/* It is several questions: states of several kinds, addresses of several forms. */
bool merge_needed(const struct store_query *q);
/* store_find() for those. */
bool merge_find(struct store *s, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e) MUST_USE;

#endif
