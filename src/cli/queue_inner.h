/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_inner.h - what queue.c, queue_list.c and queue_act.c share. */
#ifndef CLI_QUEUE_INNER_H
#define CLI_QUEUE_INNER_H

#include "base/paper.h"
#include "cli/queue_hand.h"
#include "cli/queue_options.h"

struct queue_run {
	struct queue_options *o;
	const char *folder;
	const char *by;                  /* who says so, for the trail */
	struct relay_settings *settings; /* NULL: only the folder is known */
	struct queue_hand *hand;
	struct store_sending sending; /* for who looks: in hand at this moment */
	struct index_behind behind;   /* for who looks, too */
	struct paper paper;
	int64_t now_ms;
};

/* Each returns the exit status, or -1 with *e. */
int queue_list(struct queue_run *r, struct err *e);
int queue_show(struct queue_run *r, struct err *e); /* show and why */
int queue_act(struct queue_run *r, struct err *e);

#endif
