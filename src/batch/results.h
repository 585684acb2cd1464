/* SPDX-License-Identifier: Apache-2.0 */
/* batch/results.h - what became of each row of a batch: its journal, and the trails in the relay's store.
 *
 * Made anew each time it is asked for, for fates change: what was handed over may come back. */
#ifndef BATCH_RESULTS_H
#define BATCH_RESULTS_H

#include <stdio.h>

#include "batch/journal.h"
#include "base/buf.h"
#include "store/store.h"

enum { RESULTS_EXAMPLES = 3 /* recipients named in the summary, of one state */ };

struct result { /* of one recipient of one row; texts are never NULL, valid during the call */
	uint64_t row;
	const char *recipient;
	enum store_state state; /* STORE_NO_STATE: not handed over; the relay does not have it */
	bool gone;              /* it had it; its trail is not kept any more */
	bool asks;              /* it waits for a person's word, and for no time */
	const char *words;      /* what that means, for a clerk */
	unsigned code;
	const char *reply, *finding, *todo, *why; /* why: of one that failed, a few words */
	const char *host, *remote_id, *id, *key;
	int64_t at_ms, next_ms; /* next_ms: of one that waits; 0 unknown */
};

const char *result_state_name(enum store_state s); /* the contract's; "not-handed-over" */
const char *result_state(const struct result *r);  /* the same; "unknown" of one that is gone */
bool result_has_failed(const struct result *r); /* for now or for good; or it waits for more than its turn */

struct results_example {
	char recipient[100], why[160];
};

struct results_summary {
	size_t n;    /* recipients */
	size_t gone; /* of these, not counted below: what became of them is not kept any more */
	size_t count[STORE_STATES];
	size_t asks;     /* of those the relay has: they wait for a person's word */
	int64_t next_ms; /* when the relay next tries any that it has; 0: now, or none is left */
	struct results_example examples[STORE_STATES][RESULTS_EXAMPLES];
};

struct results_user {
	void (*each)(void *ctx, const struct result *r); /* in the order of the rows; may be NULL */
	void *ctx;
	bool waits; /* each may take long (a pipe): the store is not held meanwhile */
};

/* s: NULL when the store cannot be read: then all is as it was handed in. */
bool results_make(struct journal *j, struct store *s, const struct results_user *u,
		  struct results_summary *out, struct err *e) MUST_USE;
size_t results_live(const struct results_summary *s); /* recipients that the relay has work with */
/* True while the relay has work with any of it that may change until then. */
bool results_wait(const struct results_summary *s, int64_t until_ms);
/* True when nothing of it failed so far. */
bool results_well(const struct results_summary *s);

/* For spreadsheets: a table (RFC 4180) with the separator of the batch's.  At a cell's start, and
 * after any of , ; TAB CR LF in it, "'" stands before what would be a formula (blanks, quotes and "'", then
 * one of = + - @): who takes one "'" away at each such place has the text again. u (may be NULL) is told of
 * each row too. */
bool results_table(struct journal *j, struct store *s, FILE *f, const struct results_user *u,
		   struct results_summary *out, struct err *e) MUST_USE;
/* The same as a file, put in place whole. */
bool results_write(struct journal *j, struct store *s, const char *path, const struct results_user *u,
		   struct results_summary *out, struct err *e) MUST_USE;
void result_json(struct buf *out, const struct result *r); /* one line */

/* "7 handed over, 1 refused: nobody@example.com (there is no such mailbox)"; in a. */
const char *results_words(const struct results_summary *s, struct arena *a);

#endif
