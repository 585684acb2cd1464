/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_select.h - which recipients are meant. */
#ifndef CLI_QUEUE_SELECT_H
#define CLI_QUEUE_SELECT_H

#include "cli/queue_hand.h"
#include "cli/queue_options.h"

struct queue_place { /* for the word before a bulk action */
	const char *lane;
	size_t n;
	int64_t oldest_ms;
};

struct queue_selection {
	struct queue_item *v;
	size_t n, room;
	size_t mails;
	bool named; /* each by its id */
	struct queue_place *places;
	size_t nplaces;
};

/* By the arguments and options.  False with *e (ERR_USAGE: nothing was said). */
bool queue_select(const struct queue_options *o, struct store *s, struct queue_selection *out,
		  struct err *e) MUST_USE;
void queue_selection_clear(struct queue_selection *s);

/* The filter alone, without a state; false: none was given. */
bool queue_filter(const struct queue_options *o, struct store_query *q, struct err *e);

#endif
