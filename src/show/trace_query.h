/* SPDX-License-Identifier: Apache-2.0 */
/* show/trace_query.h - what was typed, as questions to the store.
 *
 *   word = id | "<" message-id ">" | "@" domain | prefix "*" | address | state | queue-id | subject-word
 *        | kind ":" anything | the beginning of an address, standing alone
 *
 * A word that may be several things gives several questions; the first that finds
 * something is the answer.  Pure. */
#ifndef SHOW_TRACE_QUERY_H
#define SHOW_TRACE_QUERY_H

#include "store/store.h"

enum { TRACE_TRIES_MAX = 12, TRACE_WORDS_MAX = 16 };

struct trace_try {
	struct store_id id; /* seq != 0: this message, whatever stands in q */
	struct store_query q;
	const char *as; /* "recipient a@b.example, subject invoice" */
	bool beginning; /* the recipient is only the beginning of an address: a guess, the last try */
};

struct trace_plan {
	struct trace_try v[TRACE_TRIES_MAX];
	size_t n; /* >= 1 */
};

/* False with *e (ERR_USAGE and the mend).  Texts live in a or in words. */
bool trace_plan_of(char **words, size_t n, struct arena *a, struct trace_plan *out, struct err *e) MUST_USE;

/* With the other forms of its addresses, where their domains have several, and whatever a filter said at its
 * destination (relay/filter/filter_lane.h).  Of a question that is complete. */
void trace_query_forms(struct store_query *q, struct arena *a);

#endif
