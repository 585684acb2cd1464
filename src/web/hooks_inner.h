/* SPDX-License-Identifier: Apache-2.0 */
/* web/hooks_inner.h - what the parts of the webhooks share. */
#ifndef WEB_HOOKS_INNER_H
#define WEB_HOOKS_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "batch/seen.h"
#include "relay/relay_inner.h"
#include "web/hooks.h"
#include "web/spool.h"

struct hook {
	struct hooks *all;
	struct hook *next;
	struct arena *arena;
	const char *name, *url, *secret_file, *ca_file, *resolver;
	unsigned states; /* a bit each; 0: all */
	/* under the lock */
	struct buf fresh;
	bool ending, over, missed; /* missed: a line had no room in fresh */
	atomic_ullong waiting, delivered, failed;
	/* the fiber's */
	struct spool *spool;
	uint64_t try_ms, pause_ms, stand_ms;
	struct store_place lately; /* of the store, STAND_MS ago or longer */
	uint64_t lately_end;       /* of the spool, then */
	struct seen known; /* lines in the spool, for a moment after something was looked for in the store */
	uint64_t found_ms; /* when what is lost is looked for in the store */
	bool lost;         /* the store has changes that the spool may not have: the place stands still */
	bool told, behind; /* told: that it does not answer; behind: lines since the last stand */
};

struct hooks {
	struct runner *runner;
	struct relay *relay;
	char *data;
	pthread_mutex_t lock; /* guards the list, and fresh, ending, over and missed of each */
	pthread_cond_t ended;
	struct hook *list;
	atomic_size_t n; /* that are not ending */
};

/* hook_missed.c: what the store knows and the spool does not.  False with *e: nothing was added. */
bool hook_catch_up(struct hook *k, struct err *e) MUST_USE;
/* Lines that were heard, but for those that are known.  False with *e: nothing was added. */
bool hook_keep(struct hook *k, struct str lines, struct err *e) MUST_USE;
/* hook_run.c: in the runner's loop; ends by itself once k->ending is set. */
void hook_start(void *ctx);

#endif
