/* SPDX-License-Identifier: Apache-2.0 */
/* One check in its fiber: what it sees becomes events, and at the end a document. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/check.h"
#include "check/evidence_json.h"
#include "check/render_document_json.h"
#include "watch/runner_inner.h"

/* Kinds of facts after which a step can look different. */
static const bool moves_steps[FACT_KINDS] = {
	[FACT_INPUT] = true, [FACT_DNS] = true,   [FACT_CONNECT] = true, [FACT_REPLY] = true,
	[FACT_EHLO] = true,  [FACT_TLS] = true,   [FACT_VERIFY] = true,  [FACT_AUTH] = true,
	[FACT_TOKEN] = true, [FACT_HTTP] = true,  [FACT_BREAK] = true,   [FACT_SKIPPED] = true,
	[FACT_SPF] = true,   [FACT_DMARC] = true, [FACT_MTA_STS] = true, [FACT_TLSA] = true,
	[FACT_PTR] = true,   [FACT_DNSBL] = true,
};

/* Takes o. */
static char *text_of(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text ? text : mem_strdup("{}");
}

static bool has_room(const struct runner_job *j, const char *name, size_t len)
{
	if (!strcmp(name, "end") || !strcmp(name, "finding"))
		return true;
	return j->n < RUNNER_EVENTS_MAX && j->bytes + len < RUNNER_EVENT_BYTES_MAX;
}

/* Adds an event; json is taken (free()d when there is no room).  Then tells the listener. */
static void tell(struct runner_job *j, const char *name, char *json)
{
	struct runner *r = j->runner;
	size_t len = strlen(json);
	pthread_mutex_lock(&r->lock);
	bool added = !j->quiet && has_room(j, name, len);
	if (added) {
		if (j->n == j->room) {
			j->room = j->room ? j->room * 2 : 64;
			j->events = mem_grow(j->events, j->room, sizeof(*j->events));
		}
		j->events[j->n++] = (struct runner_event){ name, STEAL(json) };
		j->bytes += len;
	}
	pthread_mutex_unlock(&r->lock);
	free(json);
	if (added && r->news)
		r->news(r->news_ctx, j->id);
}

char *runner_job_state_json(const struct runner_job *j)
{
	json_t *o = json_object();
	json_object_set_new(o, "id", text_json(j->id));
	json_object_set_new(o, "state", text_json(runner_state_name(j->state)));
	json_object_set_new(o, "input", text_json(j->input));
	return text_of(o);
}

static bool is_same_step(const struct step_result *a, const struct step_result *b)
{
	return a->status == b->status && a->says && !strcmp(a->says, b->says);
}

static void tell_steps(struct runner_job *j, const struct verdict *v)
{
	for (enum step s = 0; s < STEP_COUNT; s++) {
		if (is_same_step(&j->steps[s], &v->steps[s]) ||
		    (!j->steps[s].says && v->steps[s].status == STEP_NOT_REACHED))
			continue;
		free((char *)(uintptr_t)j->steps[s].says);
		j->steps[s] = v->steps[s];
		j->steps[s].says = mem_strdup(v->steps[s].says ? v->steps[s].says : "");
		tell(j, "step", text_of(render_step_json(v, s)));
	}
}

static void tell_target(struct runner_job *j, const struct verdict *v)
{
	char *now = text_of(render_target_json(v));
	if (j->target && !strcmp(j->target, now)) {
		free(now);
		return;
	}
	free(j->target);
	j->target = mem_strdup(now);
	tell(j, "target", now);
}

/* What is known so far is judged like the whole: the rules are pure. */
static void on_fact(void *ctx, const struct evidence *ev, const struct fact *f)
{
	struct runner_job *j = ctx;
	tell(j, "fact", text_of(fact_json(f)));
	if (f->kind != FACT_TARGET && !moves_steps[f->kind])
		return;
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	tell_target(j, v);
	if (moves_steps[f->kind])
		tell_steps(j, v);
}

static char *end_json(const struct runner_job *j, enum runner_state state)
{
	char words[400];
	json_t *o = json_object();
	json_object_set_new(o, "id", text_json(j->id));
	json_object_set_new(o, "state", text_json(runner_state_name(state)));
	if (j->v) {
		json_object_set_new(o, "verdict", text_json(verdict_word_name(j->v->word)));
		json_object_set_new(o, "summary", text_json(j->v->summary));
		json_object_set_new(o, "elapsed_ms", json_integer(j->ev->elapsed_ms));
	}
	if (j->error.kind)
		json_object_set_new(o, "error", text_json(err_text(&j->error, words, sizeof(words))));
	return text_of(o);
}

static void tell_all(struct runner_job *j)
{
	tell_target(j, j->v);
	tell_steps(j, j->v);
	for (size_t i = 0; i < j->v->n; i++)
		tell(j, "finding", text_of(render_finding_json(j->v, &j->v->findings[i])));
}

void runner_job_end(struct runner_job *j, enum runner_state state)
{
	struct runner *r = j->runner;
	struct runner_end end = { j->id, state, j->v, &j->error };
	request_free(&j->request);
	if (j->v && !j->quiet)
		tell_all(j);
	if (j->ended)
		j->ended(j->ctx, &end);
	char *last = end_json(j, state);
	pthread_mutex_lock(&r->lock);
	bool was_running = j->state == RUNNER_RUNNING;
	j->state = state;
	j->ended_s = (long long)time(NULL);
	pthread_mutex_unlock(&r->lock);
	tell(j, "end", last);
	runner_job_over(j, was_running);
}

void runner_job_run(void *ctx)
{
	struct runner_job *j = ctx;
	struct check_observer o = { on_fact, j };
	struct net_loop *loop = j->runner->loop;
	if (j->guard.allows)
		net_fiber_guard(loop, &j->guard);
	tell(j, "state", runner_job_state_json(j));
	bool ok = check_run(loop, j->request, j->quiet ? NULL : &o, &j->ev, &j->error);
	if (ok)
		j->v = verdict_of(j->ev);
	pthread_mutex_lock(&j->runner->lock);
	bool cancelled = j->cancel;
	pthread_mutex_unlock(&j->runner->lock);
	runner_job_end(j, cancelled ? RUNNER_CANCELLED : ok ? RUNNER_DONE : RUNNER_FAILED);
}
