/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that have ended: how many are kept, how long. */
#include <stdlib.h>
#include <time.h>

#include "watch/runner_inner.h"

void runner_stir(struct runner *r)
{
	r->stir = true;
	net_loop_wake(r->loop);
}

void runner_job_free(struct runner_job **jp)
{
	struct runner_job *j = *jp;
	if (!j)
		return;
	for (size_t i = 0; i < j->n; i++)
		free(j->events[i].json);
	for (size_t s = 0; s < STEP_COUNT; s++)
		free((char *)(uintptr_t)j->steps[s].says);
	free(j->events);
	free(j->steps);
	free(j->target);
	free(j->input);
	request_free(&j->request);
	verdict_free(&j->v);
	evidence_free(&j->ev);
	free(j);
	*jp = NULL;
}

static size_t weight(const struct runner_job *j)
{
	return j->bytes + (j->ev ? arena_used(j->ev->arena) : 0) + (j->v ? arena_used(j->v->arena) : 0);
}

/* Under the lock: forgets those that nobody will ask for, and those that are too many. */
static void forget_old(struct runner *r)
{
	long long now = (long long)time(NULL);
	size_t kept = 0, bytes = 0;
	for (struct runner_job **at = &r->jobs; *at;) {
		struct runner_job *j = *at;
		bytes += runner_job_ended(j) ? weight(j) : 0;
		bool much = kept && (kept >= RUNNER_KEPT_MAX || bytes > RUNNER_KEPT_BYTES);
		if (!runner_job_ended(j) || !(much || j->quiet || j->ended_s + RUNNER_KEPT_S < now)) {
			kept += runner_job_ended(j);
			at = &j->next;
			continue;
		}
		*at = j->next;
		r->njobs--;
		runner_job_free(&j);
	}
}

void runner_job_over(struct runner_job *j, bool was_running)
{
	struct runner *r = j->runner;
	pthread_mutex_lock(&r->lock);
	if (was_running)
		r->running--;
	else
		r->waiting--;
	forget_old(r);
	runner_stir(r);
	pthread_mutex_unlock(&r->lock);
}
