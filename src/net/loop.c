/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/loop_inner.h"

enum { TURN_MS = 5 /* all that fibers may take of one turn when they have long work */ };

/* libuv runs timers before it polls: without the stop it would go on to wait for something else,
 * while what waits for this one could go on. */
static void on_limit(uv_timer_t *t)
{
	loop_count_event(t->loop);
	uv_stop(t->loop);
}

static void on_wake(uv_async_t *a)
{
	loop_count_event(a->loop);
}

static void on_posts(uv_poll_t *p, int status, int events)
{
	struct net_loop *l = p->data;
	(void)status;
	(void)events;
	loop_count_event(p->loop);
	posts_run(&l->posts);
}

static void open_posts(struct net_loop *l)
{
	loop_must(uv_translate_sys_error(posts_init(&l->posts)), "start the event loop");
	loop_must(uv_poll_init(&l->uv, &l->posted, l->posts.fd), "start the event loop");
	loop_must(uv_poll_start(&l->posted, UV_READABLE, on_posts), "start the event loop");
	l->posted.data = l;
	uv_unref((uv_handle_t *)&l->posted);
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
	loop_must(error, "open files");
}

struct net_loop *net_loop_new(void)
{
	must_have_descriptors();
	struct net_loop *l = mem_alloc(sizeof(*l));
	loop_must(uv_loop_init(&l->uv), "start the event loop");
	l->uv.data = l;
	loop_must(uv_timer_init(&l->uv, &l->limit), "start a timer");
	loop_must(uv_async_init(&l->uv, &l->wake, on_wake), "start the event loop");
	uv_unref((uv_handle_t *)&l->wake);
	open_posts(l);
	return l;
}

static void turn(struct net_loop *l, uint64_t until_ms);

void net_loop_settle(struct net_loop *l)
{
	fibers_run(&l->fibers, net_loop_now_ms(l), true);
	while (fibers_seeing_out(&l->fibers))
		turn(l, UINT64_MAX);
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
	uv_close((uv_handle_t *)&l->posted, NULL);
	uv_run(&l->uv, UV_RUN_NOWAIT); /* the close callbacks, of these and of all freed before */
	uv_loop_close(&l->uv);
	posts_clear(&l->posts);
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

void net_loop_on_turn(struct net_loop *l, void (*turned)(void *ctx), void *ctx)
{
	l->turned = turned;
	l->turned_ctx = ctx;
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
	if (l->turned)
		l->turned(l->turned_ctx);
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

bool net_loop_see_out(struct net_loop *l, bool (*done)(void *ctx), void *ctx, uint64_t until_ms)
{
	if (fibers_inside(&l->fibers))
		return fibers_see_out(&l->fibers, done, ctx, until_ms);
	while (!done(ctx)) {
		if (net_loop_now_ms(l) >= until_ms)
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
