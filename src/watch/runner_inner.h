/* SPDX-License-Identifier: Apache-2.0 */
/* watch/runner_inner.h - what runner.c (the thread and its jobs) and runner_job.c (one check) share. */
#ifndef WATCH_RUNNER_INNER_H
#define WATCH_RUNNER_INNER_H

#include <pthread.h>

#include "watch/runner.h"

struct runner_event {
	const char *name; /* static */
	char *json;
};

struct runner_job {
	struct runner *runner;
	struct runner_job *next;
	char id[RUNNER_ID_BYTES];
	char *input;
	struct check_request *request; /* NULL once it has run */
	struct net_guard guard;
	void (*ended)(void *ctx, const struct runner_end *end);
	void *ctx;
	bool quiet;

	/* The thread's alone while it runs. */
	struct evidence *ev;
	struct verdict *v; /* under the lock once it has ended: rendering adds to its arena */
	struct err error;
	struct step_result *steps; /* as last told; texts are copies */
	char *target;              /* as last told */

	/* Under the lock. */
	enum runner_state state;
	bool cancel;
	long long ordered_s, ended_s;
	struct runner_event *events;
	size_t n, room, bytes;
};

struct runner_post {
	struct runner_post *next;
	void (*fn)(void *ctx);
	void *ctx;
};

struct runner {
	struct net_loop *loop;
	pthread_t thread;
	pthread_mutex_t lock;
	struct runner_job *jobs; /* newest first */
	size_t njobs, waiting, running;
	struct runner_post *posts, **posts_end;
	bool stopping, stir; /* stir: the thread has something to look at */
	void (*news)(void *ctx, const char *id);
	void *news_ctx;
};

/* The fiber of one job. */
void runner_job_run(void *ctx);
/* {"id","state","input"} */
char *runner_job_state_json(const struct runner_job *j) MUST_USE;
/* Makes it known that it has ended, calls ended.  The job may be gone afterwards. */
void runner_job_end(struct runner_job *j, enum runner_state state);

/* runner_look.c.  The lock is held. */
bool runner_job_ended(const struct runner_job *j);
struct runner_job *runner_find(struct runner *r, const char *id); /* NULL: no such */

/* runner_keep.c */
void runner_stir(struct runner *r); /* the thread looks again; the lock is held */
void runner_job_free(struct runner_job **j);
/* It no longer counts as under way; forgets old ones. */
void runner_job_over(struct runner_job *j, bool was_running);

#endif
