/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "net/fiber.h"
#include "net/watch.h"

struct posted {
	void (*call)(void *ctx);
	void *ctx;
	struct posted *next;
};

enum { TURN_MS = 5 /* all that fibers may take of one turn when they have long work */ };

struct net_loop {
	uv_loop_t uv;
	uv_timer_t limit; /* of the wait in hand */
	uv_async_t wake;
	volatile sig_atomic_t interrupted;
	unsigned working; /* net_work not yet done */
	size_t events;    /* callbacks so far */
	uint64_t turn_ms; /* when the fibers' turn began */
	void (*idle)(void *ctx);
	void *idle_ctx;
	struct fibers fibers;
	pthread_mutex_t post_lock; /* guards the next two */
	struct posted *first, **last;
};

/* libuv's own set-up fails only where the process has no descriptors left. */
static void must(int status, const char *doing)
{
	if (status == 0)
		return;
	fprintf(stderr, "postrider: cannot %s: %s\n", doing, uv_strerror(status));
	exit(3);
}

static void count_event(const uv_loop_t *uv)
{
	((struct net_loop *)uv->data)->events++;
}

/* libuv runs timers before it polls: without the stop it would go on to wait for something else,
 * while what waits for this one could go on. */
static void on_limit(uv_timer_t *t)
{
	count_event(t->loop);
	uv_stop(t->loop);
}

/* What is posted meanwhile has its turn the next time. */
static void on_wake(uv_async_t *a)
{
	struct net_loop *l = a->data;
	count_event(&l->uv);
	pthread_mutex_lock(&l->post_lock);
	struct posted *p = l->first;
	l->first = NULL;
	l->last = &l->first;
	pthread_mutex_unlock(&l->post_lock);
	for (struct posted *next; p; p = next) {
		next = p->next;
		p->call(p->ctx);
		free(p);
	}
}

void net_post(struct net_loop *l, void (*call)(void *ctx), void *ctx)
{
	struct posted *p = mem_alloc(sizeof(*p));
	*p = (struct posted){ call, ctx, NULL };
	pthread_mutex_lock(&l->post_lock);
	*l->last = p;
	l->last = &p->next;
	pthread_mutex_unlock(&l->post_lock);
	uv_async_send(&l->wake);
}

/* libuv and OpenSSL end the process without a word when these are missing. */
static void must_have_descriptors(void)
{
	enum { DESCRIPTORS_LEAST = 16 };
	int fds[DESCRIPTORS_LEAST], n = 0, error = 0;
	while (n < DESCRIPTORS_LEAST && (fds[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0)
		n++;
	error = n < DESCRIPTORS_LEAST ? uv_translate_sys_error(errno) : 0;
	while (n > 0)
		close(fds[--n]);
	must(error, "open files");
}

struct net_loop *net_loop_new(void)
{
	must_have_descriptors();
	struct net_loop *l = mem_alloc(sizeof(*l));
	must(uv_loop_init(&l->uv), "start the event loop");
	l->uv.data = l;
	must(uv_timer_init(&l->uv, &l->limit), "start a timer");
	must(uv_async_init(&l->uv, &l->wake, on_wake), "start the event loop");
	l->wake.data = l;
	pthread_mutex_init(&l->post_lock, NULL);
	l->last = &l->first;
	uv_unref((uv_handle_t *)&l->wake);
	return l;
}

void net_loop_settle(struct net_loop *l)
{
	fibers_end(&l->fibers);
	while (l->working)
		uv_run(&l->uv, UV_RUN_ONCE);
}

void net_loop_free(struct net_loop **lp)
{
	struct net_loop *l = *lp;
	if (!l)
		return;
	net_loop_settle(l);
	uv_close((uv_handle_t *)&l->limit, NULL);
	uv_close((uv_handle_t *)&l->wake, NULL);
	uv_run(&l->uv, UV_RUN_NOWAIT); /* the close callbacks, of these and of all freed before */
	uv_loop_close(&l->uv);
	for (struct posted *p = l->first, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	pthread_mutex_destroy(&l->post_lock);
	free(l);
	*lp = NULL;
}

uint64_t net_loop_now_ms(const struct net_loop *l)
{
	(void)l;
	return uv_hrtime() / 1000000;
}

void net_loop_on_idle(struct net_loop *l, void (*idle)(void *ctx), void *ctx)
{
	l->idle = idle;
	l->idle_ctx = ctx;
}

/* True when nothing was ready, and who wants to know has been told. */
static bool is_idle(struct net_loop *l)
{
	size_t before = l->events;
	if (!l->idle)
		return true;
	uv_run(&l->uv, UV_RUN_NOWAIT);
	if (l->events != before)
		return false;
	l->idle(l->idle_ctx);
	return true;
}

/* Runs what is ready, waiting for it until until_ms; then the fibers whose wait is over. */
static void turn(struct net_loop *l, uint64_t until_ms)
{
	uint64_t now = net_loop_now_ms(l), fiber_ms = fibers_due_ms(&l->fibers);
	uint64_t until = fiber_ms < until_ms ? fiber_ms : until_ms;
	if (until != UINT64_MAX && until > now) {
		uv_update_time(&l->uv);
		uv_timer_start(&l->limit, on_limit, until - now, 0);
	}
	uv_ref((uv_handle_t *)&l->wake); /* a loop without handles must still wait */
	if (until <= now)
		uv_run(&l->uv, UV_RUN_NOWAIT);
	else if (is_idle(l))
		uv_run(&l->uv, UV_RUN_ONCE);
	uv_unref((uv_handle_t *)&l->wake);
	uv_timer_stop(&l->limit);
	l->turn_ms = net_loop_now_ms(l);
	fibers_run(&l->fibers, l->turn_ms, l->interrupted);
}

bool net_loop_wait(struct net_loop *l, bool (*done)(void *ctx), void *ctx, uint64_t until_ms)
{
	if (fibers_inside(&l->fibers))
		return fibers_wait(&l->fibers, done, ctx, until_ms);
	while (!done(ctx)) {
		if (l->interrupted || net_loop_now_ms(l) >= until_ms)
			return false;
		turn(l, until_ms);
	}
	return true;
}

void net_fiber_start(struct net_loop *l, void (*work)(void *ctx), void *ctx)
{
	fibers_start(&l->fibers, work, ctx);
}

size_t net_fibers(const struct net_loop *l)
{
	return l->fibers.n;
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

void net_loop_sleep(struct net_loop *l, uint64_t until_ms)
{
	(void)net_loop_wait(l, never, NULL, until_ms);
}

void net_loop_breathe(struct net_loop *l)
{
	uint64_t now = net_loop_now_ms(l);
	if (fibers_inside(&l->fibers) && now >= l->turn_ms + TURN_MS)
		net_loop_sleep(l, now);
}

void net_loop_interrupt(struct net_loop *l)
{
	l->interrupted = 1;
	uv_async_send(&l->wake);
}

bool net_loop_interrupted(const struct net_loop *l)
{
	return l->interrupted || fibers_interrupted(&l->fibers);
}

void net_loop_wake(struct net_loop *l)
{
	uv_async_send(&l->wake);
}

void net_fiber_interrupt(struct net_loop *l, const void *ctx)
{
	fibers_interrupt(&l->fibers, ctx);
}

void net_fiber_guard(struct net_loop *l, const struct net_guard *g)
{
	fibers_guard(&l->fibers, g);
}

const struct net_guard *net_guard_here(const struct net_loop *l)
{
	return fibers_guarded(&l->fibers);
}

bool net_guard_allows(const struct net_guard *g, const char *address, unsigned port)
{
	return !g || g->allows(g->ctx, address, port);
}

struct net_watch {
	uv_poll_t poll;
	void (*ready)(void *ctx, unsigned what);
	void *ctx;
	unsigned what;
};

static void free_handle(uv_handle_t *h)
{
	free(h->data);
}

struct net_watch *net_watch_new(struct net_loop *l, int fd, void (*ready)(void *ctx, unsigned what),
				void *ctx)
{
	struct net_watch *w = mem_alloc(sizeof(*w));
	must(uv_poll_init(&l->uv, &w->poll, fd), "watch a descriptor");
	w->poll.data = w;
	w->ready = ready;
	w->ctx = ctx;
	return w;
}

/* An error of the poll itself is told as readiness: the next read or write shows it. */
static void on_poll(uv_poll_t *p, int status, int events)
{
	struct net_watch *w = p->data;
	count_event(p->loop);
	unsigned what = (events & UV_READABLE ? NET_READ : 0) | (events & UV_WRITABLE ? NET_WRITE : 0);
	w->ready(w->ctx, status < 0 ? w->what | NET_FAILED : what);
}

void net_watch_set(struct net_watch *w, unsigned what)
{
	if (what == w->what)
		return;
	w->what = what;
	if (what)
		uv_poll_start(&w->poll,
			      (what & NET_READ ? UV_READABLE : 0) | (what & NET_WRITE ? UV_WRITABLE : 0),
			      on_poll);
	else
		uv_poll_stop(&w->poll);
}

void net_watch_free(struct net_watch **w)
{
	if (*w)
		uv_close((uv_handle_t *)&(*w)->poll, free_handle);
	*w = NULL;
}

struct net_timer {
	uv_timer_t timer;
	void (*expired)(void *ctx);
	void *ctx;
};

struct net_timer *net_timer_new(struct net_loop *l, void (*expired)(void *ctx), void *ctx)
{
	struct net_timer *t = mem_alloc(sizeof(*t));
	must(uv_timer_init(&l->uv, &t->timer), "start a timer");
	t->timer.data = t;
	t->expired = expired;
	t->ctx = ctx;
	return t;
}

static void on_timer(uv_timer_t *h)
{
	struct net_timer *t = h->data;
	count_event(h->loop);
	uv_stop(h->loop); /* as in on_limit() */
	t->expired(t->ctx);
}

void net_timer_set(struct net_timer *t, uint64_t at_ms)
{
	if (at_ms == UINT64_MAX) {
		uv_timer_stop(&t->timer);
		return;
	}
	uint64_t now = uv_hrtime() / 1000000;
	uv_update_time(t->timer.loop);
	uv_timer_start(&t->timer, on_timer, at_ms > now ? at_ms - now : 0, 0);
}

void net_timer_free(struct net_timer **t)
{
	if (*t)
		uv_close((uv_handle_t *)&(*t)->timer, free_handle);
	*t = NULL;
}

struct net_work {
	uv_work_t work;
	struct net_loop *loop;
	void (*run)(void *ctx);
	void (*done)(void *ctx);
	void *ctx;
};

static void on_work(uv_work_t *u)
{
	struct net_work *w = u->data;
	w->run(w->ctx);
}

static void on_work_done(uv_work_t *u, int status)
{
	(void)status;
	CLEANUP(mem_free) struct net_work *w = u->data;
	w->loop->working--;
	count_event(&w->loop->uv);
	w->done(w->ctx);
}

void net_work_start(struct net_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
	struct net_work *w = mem_alloc(sizeof(*w));
	*w = (struct net_work){ .loop = l, .run = work, .done = done, .ctx = ctx };
	w->work.data = w;
	must(uv_queue_work(&l->uv, &w->work, on_work, on_work_done), "start a thread");
	l->working++;
}
