/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_walk.h - all that wait and answer a question, page by page, up to --limit. */
#ifndef CLI_QUEUE_WALK_H
#define CLI_QUEUE_WALK_H

#include "cli/queue_inner.h"

struct queue_walk {
	struct queue_run *run;
	bool (*hit)(void *ctx, const struct store_hit *h, struct err *e); /* false with *e ends it */
	void *ctx;
	size_t n;  /* were shown, by all calls */
	bool more; /* than the limit lets be shown */
};

/* May be called for several questions: the limit is of all of them.  False with *e. */
bool queue_walk(struct queue_walk *w, struct store_query q, struct err *e) MUST_USE;
/* To stderr, where there is more. */
void queue_walk_end(const struct queue_walk *w);

#endif
