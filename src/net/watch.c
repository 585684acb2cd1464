/* SPDX-License-Identifier: Apache-2.0 */
#include "net/watch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/thread_name.h"
#include "net/loop_inner.h"

/* libuv's own set-up fails only where the process has no descriptors left. */
void loop_must(int status, const char *doing)
{
	if (status == 0)
		return;
	fprintf(stderr, "postrider: cannot %s: %s\n", doing, uv_strerror(status));
	exit(3);
}

void loop_count_event(const uv_loop_t *uv)
{
	((struct net_loop *)uv->data)->events++;
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
	loop_must(uv_poll_init(&l->uv, &w->poll, fd), "watch a descriptor");
	w->poll.data = w;
	w->ready = ready;
	w->ctx = ctx;
	return w;
}

/* An error of the poll itself is told as readiness: the next read or write shows it. */
static void on_poll(uv_poll_t *p, int status, int events)
{
	struct net_watch *w = p->data;
	loop_count_event(p->loop);
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
	loop_must(uv_timer_init(&l->uv, &t->timer), "start a timer");
	t->timer.data = t;
	t->expired = expired;
	t->ctx = ctx;
	return t;
}

static void on_timer(uv_timer_t *h)
{
	struct net_timer *t = h->data;
	loop_count_event(h->loop);
	uv_stop(h->loop); /* as in loop.c, on_limit() */
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

static atomic_flag pool_runs =
	ATOMIC_FLAG_INIT; /* libuv's threads, of all loops: the first work starts them */

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
	loop_count_event(&w->loop->uv);
	w->done(w->ctx);
}

void net_work_start(struct net_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
	struct net_work *w = mem_alloc(sizeof(*w));
	*w = (struct net_work){ .loop = l, .run = work, .done = done, .ctx = ctx };
	w->work.data = w;
	char own[THREAD_NAME_BYTES];
	bool first = !atomic_flag_test_and_set(&pool_runs);
	if (first)
		thread_name_lend("pr-work", own);
	loop_must(uv_queue_work(&l->uv, &w->work, on_work, on_work_done), "start a thread");
	if (first)
		thread_name(own);
	l->working++;
}

void net_post(struct net_loop *l, void (*call)(void *ctx), void *ctx)
{
	posts_add(&l->posts, call, ctx);
}
