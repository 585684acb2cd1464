/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/runner_inner.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/thread_name.h"

static bool is_stirred(void *ctx)
{
	struct runner *r = ctx;
	pthread_mutex_lock(&r->lock);
	bool stirred = r->stir || r->stopping;
	r->stir = false;
	pthread_mutex_unlock(&r->lock);
	return stirred;
}

static struct runner_post *take_posts(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	struct runner_post *list = STEAL(r->posts);
	r->posts_end = &r->posts;
	pthread_mutex_unlock(&r->lock);
	return list;
}

static void run_posts(struct runner *r)
{
	struct runner_post *next;
	for (struct runner_post *p = take_posts(r); p; p = next) {
		next = p->next;
		p->fn(p->ctx);
		free(p);
	}
}

/* The oldest that waits and may begin, marked so; NULL: none. */
static struct runner_job *next_to_run(struct runner *r)
{
	struct runner_job *oldest = NULL;
	pthread_mutex_lock(&r->lock);
	if (r->running < RUNNER_AT_ONCE && !r->stopping)
		for (struct runner_job *j = r->jobs; j; j = j->next)
			if (j->state == RUNNER_WAITING && !j->cancel)
				oldest = j;
	if (oldest) {
		oldest->state = RUNNER_RUNNING;
		r->waiting--;
		r->running++;
	}
	pthread_mutex_unlock(&r->lock);
	return oldest;
}

/* One that was cancelled before it began; NULL: none. */
static struct runner_job *next_to_drop(struct runner *r)
{
	struct runner_job *found = NULL;
	pthread_mutex_lock(&r->lock);
	for (struct runner_job *j = r->jobs; j && !found; j = j->next)
		if (j->state == RUNNER_WAITING && (j->cancel || r->stopping))
			found = j;
	pthread_mutex_unlock(&r->lock);
	return found;
}

static void interrupt_cancelled(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	for (struct runner_job *j = r->jobs; j; j = j->next)
		if (j->state == RUNNER_RUNNING && (j->cancel || r->stopping)) {
			j->cancel = true;
			net_fiber_interrupt(r->loop, j);
		}
	pthread_mutex_unlock(&r->lock);
}

static void look_after(struct runner *r)
{
	struct runner_job *j;
	run_posts(r);
	while ((j = next_to_drop(r)))
		runner_job_end(j, RUNNER_CANCELLED);
	while ((j = next_to_run(r)))
		net_fiber_start(r->loop, runner_job_run, j);
	interrupt_cancelled(r);
}

static bool is_stopping(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	bool stopping = r->stopping;
	pthread_mutex_unlock(&r->lock);
	return stopping;
}

static void *runner_main(void *ctx)
{
	struct runner *r = ctx;
	thread_name("pr-check");
	while (!is_stopping(r)) {
		(void)net_loop_wait(r->loop, is_stirred, r, UINT64_MAX);
		look_after(r);
	}
	net_loop_interrupt(r->loop);
	net_loop_settle(r->loop);
	look_after(r); /* what was posted meanwhile */
	return NULL;
}

struct runner *runner_new(void)
{
	struct runner *r = mem_alloc(sizeof(*r));
	sigset_t all, before;
	r->loop = net_loop_new();
	r->posts_end = &r->posts;
	pthread_mutex_init(&r->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int status = pthread_create(&r->thread, NULL, runner_main, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (status) {
		fprintf(stderr, "postrider: cannot start a thread: %s\n", strerror(status));
		exit(3);
	}
	return r;
}

void runner_free(struct runner **rp)
{
	struct runner *r = *rp;
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	runner_stir(r);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	while (r->jobs) {
		struct runner_job *j = r->jobs;
		r->jobs = j->next;
		runner_job_free(&j);
	}
	net_loop_free(&r->loop);
	pthread_mutex_destroy(&r->lock);
	free(r);
	*rp = NULL;
}

static void make_id(char id[RUNNER_ID_BYTES])
{
	unsigned char raw[(RUNNER_ID_BYTES - 1) / 2];
	size_t have = 0;
	while (have < sizeof(raw)) {
		ssize_t n = getrandom(raw + have, sizeof(raw) - have, 0);
		if (n < 0 && errno != EINTR)
			abort(); /* an id that can be guessed would open a check to others */
		have += n > 0 ? (size_t)n : 0;
	}
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
}

static struct runner_job *job_new(struct runner *r, const struct runner_order *o)
{
	struct runner_job *j = mem_alloc(sizeof(*j));
	j->runner = r;
	j->request = request_copy(o->request);
	if (!j->request->timeout_s)
		j->request->timeout_s = REQUEST_TIMEOUT_S;
	j->input = mem_strdup(o->request->input);
	j->guard = o->guard;
	j->ended = o->ended;
	j->ctx = o->ctx;
	j->quiet = o->quiet;
	j->steps = mem_alloc(STEP_COUNT * sizeof(*j->steps));
	j->ordered_s = (long long)time(NULL);
	make_id(j->id);
	return j;
}

bool runner_start(struct runner *r, const struct runner_order *o, char id[RUNNER_ID_BYTES], struct err *e)
{
	struct runner_job *j = job_new(r, o);
	memcpy(id, j->id, RUNNER_ID_BYTES);
	if (!j->quiet) {
		j->room = 64;
		j->events = mem_grow(NULL, j->room, sizeof(*j->events));
		j->events[j->n++] = (struct runner_event){ "state", runner_job_state_json(j) };
	}
	pthread_mutex_lock(&r->lock);
	bool room = r->waiting < RUNNER_WAITING_MAX && !r->stopping;
	if (room) {
		j->next = r->jobs;
		r->jobs = STEAL(j);
		r->njobs++;
		r->waiting++;
		runner_stir(r);
	}
	pthread_mutex_unlock(&r->lock);
	runner_job_free(&j);
	if (room)
		return true;
	ERR_FILL(e, ERR_LIMIT, RUNNER_WAITING_MAX, "start", "another check");
	return err_detail(e, "%d wait already; try again in a minute", RUNNER_WAITING_MAX);
}

bool runner_cancel(struct runner *r, const char *id)
{
	pthread_mutex_lock(&r->lock);
	struct runner_job *j = runner_find(r, id);
	bool there = j && !runner_job_ended(j);
	if (there) {
		j->cancel = true;
		runner_stir(r);
	}
	pthread_mutex_unlock(&r->lock);
	return there;
}

void runner_listen(struct runner *r, void (*news)(void *ctx, const char *id), void *ctx)
{
	pthread_mutex_lock(&r->lock);
	r->news_ctx = ctx;
	r->news = news;
	pthread_mutex_unlock(&r->lock);
}

void runner_post(struct runner *r, void (*fn)(void *ctx), void *ctx)
{
	struct runner_post *p = mem_alloc(sizeof(*p));
	*p = (struct runner_post){ NULL, fn, ctx };
	pthread_mutex_lock(&r->lock);
	*r->posts_end = p;
	r->posts_end = &p->next;
	runner_stir(r);
	pthread_mutex_unlock(&r->lock);
}

struct net_loop *runner_loop(struct runner *r)
{
	return r->loop;
}
