/* SPDX-License-Identifier: Apache-2.0 */
/* cli/trace_show.h - trails on a terminal. */
#ifndef CLI_TRACE_SHOW_H
#define CLI_TRACE_SHOW_H

#include "base/paper.h"
#include "cli/trace_options.h"

struct trace_show {
	struct paper paper;
	const struct trace_options *o;
	int64_t now_ms;
	long long day; /* the last one written as a heading, days since 1970 there; 0 none */
	const struct trail_reports *reports; /* about the mail that is shown; NULL: not looked for */
};

enum { TRACE_RCPTS_SHOWN = 10 }; /* of one mail, where not all are asked for */

/* The whole way of one mail; only: rows of message.rcpts to be shown (NULL all). */
void trace_show_trail(struct trace_show *s, const struct store_trail *t, const uint32_t *only, size_t nonly);
/* One event, as it happens. */
void trace_show_event(struct trace_show *s, const struct store_trail *t, const struct store_event *v);
/* One line a recipient. */
void trace_show_hit(struct trace_show *s, const struct store_hit *h);

#endif
