/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_select.h - which recipients are meant, by the arguments and options. */
#ifndef CLI_QUEUE_SELECT_H
#define CLI_QUEUE_SELECT_H

#include "cli/queue_options.h"
#include "show/queue_pick.h"

/* What was named and is not there stands in *not.  False with *e (ERR_USAGE: nothing was said). */
bool queue_select(const struct queue_options *o, struct store *s, struct queue_selection *out,
		  struct queue_outcome *not, struct err *e) MUST_USE;

/* The filter alone, without a state.  False with *e. */
bool queue_filter(const struct queue_options *o, struct store_query *q, struct err *e);

#endif
