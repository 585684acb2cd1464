/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at jobs, from any thread. */
#include <string.h>

#include "watch/runner_inner.h"

static const char *const state_names[] = { "waiting", "running", "done", "failed", "cancelled" };

const char *runner_state_name(enum runner_state s)
{
	return state_names[s];
}

bool runner_job_ended(const struct runner_job *j)
{
	return j->state >= RUNNER_DONE;
}

struct runner_job *runner_find(struct runner *r, const char *id)
{
	struct runner_job *j = r->jobs;
	while (j && strcmp(j->id, id) != 0)
		j = j->next;
	return j;
}

static struct runner_look look_of(const struct runner_job *j)
{
	struct runner_look l = {
		.state = j->state, .ordered_s = j->ordered_s, .ended_s = j->ended_s, .events = j->n
	};
	l.has_verdict = runner_job_ended(j) && j->v;
	if (l.has_verdict)
		l.word = j->v->word;
	return l;
}

bool runner_look(struct runner *r, const char *id, struct runner_look *out)
{
	pthread_mutex_lock(&r->lock);
	const struct runner_job *j = runner_find(r, id);
	if (j)
		*out = look_of(j);
	pthread_mutex_unlock(&r->lock);
	return j != NULL;
}

bool runner_events(struct runner *r, const char *id, size_t after, runner_event_fn *each, void *ctx)
{
	pthread_mutex_lock(&r->lock);
	const struct runner_job *j = runner_find(r, id);
	for (size_t i = after; j && i < j->n; i++)
		if (!each(ctx, i + 1, j->events[i].name, j->events[i].json))
			break;
	pthread_mutex_unlock(&r->lock);
	return j != NULL;
}

/* The lock is held. */
static struct runner_job *find_judged(struct runner *r, const char *id, struct err *e)
{
	struct runner_job *j = runner_find(r, id);
	if (j && runner_job_ended(j) && j->v)
		return j;
	ERR_FILL(e, ERR_USAGE, 0, "show", "check %s", id);
	err_detail(e, !j ? "there is no such check, or it was forgotten" : "it has no result");
	return NULL;
}

bool runner_render(struct runner *r, const char *id, enum render_format format,
		   const struct render_options *o, FILE *out, struct err *e)
{
	pthread_mutex_lock(&r->lock);
	const struct runner_job *j = find_judged(r, id, e);
	bool ok = j && render_verdict(j->v, format, o, out, e);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

bool runner_save(struct runner *r, const char *id, FILE *out, struct err *e)
{
	pthread_mutex_lock(&r->lock);
	const struct runner_job *j = find_judged(r, id, e);
	bool ok = j && evidence_save(j->ev, out, e);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

void runner_jobs(struct runner *r, runner_job_fn *each, void *ctx)
{
	pthread_mutex_lock(&r->lock);
	for (const struct runner_job *j = r->jobs; j; j = j->next) {
		struct runner_look l = look_of(j);
		if (!j->quiet && !each(ctx, j->id, j->input, &l))
			break;
	}
	pthread_mutex_unlock(&r->lock);
}
