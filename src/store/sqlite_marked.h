/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_marked.h - what becomes of each recipient within one transaction: as it is at the end.
 *
 * Texts are borrowed until marked_drop. */
#ifndef STORE_SQLITE_MARKED_H
#define STORE_SQLITE_MARKED_H

#include "store/sqlite_inner.h"

/* The columns of a new recipient's row that marks change. */
enum {
	RCPT_LANE = 5,
	RCPT_STATE,
	RCPT_NEXT,
	RCPT_TRIES = 9,
	RCPT_FINDING,
	RCPT_CHANGED,
	RCPT_REPLY,
	RCPT_DOT
};
#define MARKED_NO_ROW SIZE_MAX

struct marked_rcpt {
	uint64_t seq;
	size_t row; /* among the new ones of this transaction; MARKED_NO_ROW: it is in the table */
	int64_t next_ms, changed_ms;
	int64_t reply;            /* of the last event with a reply; 0 none */
	struct str finding, lane; /* lane "": as it was */
	uint32_t n;
	unsigned tries, state;
	bool marked, dot;
};

struct marked {
	struct marked_rcpt *v;
	size_t n, room;
	uint32_t *slots; /* 1 + place in v; 0 free */
	size_t nslots;   /* a power of two, more than twice n */
};

void marked_free(struct marked *k);
void marked_drop(struct marked *k);
/* False: it is there already, and new. */
bool marked_new(struct marked *k, uint64_t seq, uint32_t n, size_t row);
void marked_note(struct marked *k, const struct store_mark *m, int64_t event);
/* What is in the table follows; all: also what should have been new. */
enum index_trouble marked_update(struct index *x, const struct marked *k, bool all, struct err *e);

#endif
