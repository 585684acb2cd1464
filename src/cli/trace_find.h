/* SPDX-License-Identifier: Apache-2.0 */
/* cli/trace_find.h - the mails that a question of `postrider trace` means. */
#ifndef CLI_TRACE_FIND_H
#define CLI_TRACE_FIND_H

#include "cli/index_behind.h"
#include "cli/queue_hand.h"
#include "cli/trace_show.h"

enum { TRACE_FOUND_MAX = 1000 /* mails of one answer */ };

/* One mail of the answer, and its recipients that fit. */
struct trace_found {
	struct store_id id;
	uint32_t *rcpts;
	size_t n;
	bool whole;  /* asked for by its id: all recipients */
	size_t told; /* events shown so far */
};

struct tracing {
	struct trace_options *o;
	struct store *store;
	struct queue_hand *beside; /* the relay that runs on the folder */
	struct arena *arena;
	struct trace_show show;
	struct store_sending sending; /* in hand as we began */
	struct index_behind behind;
	struct store_hits hits;
	struct trace_found v[TRACE_FOUND_MAX];
	size_t n;
	bool more, unfit; /* unfit: the id is there, and what else was asked does not hold */
};

/* The first try of the plan that finds any; more past the limit: t->more.  False with *e. */
bool trace_find(struct tracing *t, const struct trace_plan *p, struct err *e) MUST_USE;

#endif
