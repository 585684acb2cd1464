/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that wait for somebody, and what becomes of them when the end cannot wait any longer.
 *
 * Then each is answered 503 by its connection, and who comes to wake it finds that it is gone; the last of
 * the two frees it.  Most who wake are in the loop's thread, which stands still from web_later_end() until
 * the library has stopped; the store's thread is waited for (deposit_settle). */
#include <time.h>

#include "net/watch.h"
#include "web/mhd_side_inner.h"

enum {
	ALONE_CALLS = 8, /* without company before it is lingered */
	LINGER_MS = 2,   /* so long other connections of that thread may wait */
};

void later_init(struct web *w)
{
	pthread_condattr_t steady;
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&w->roused, &steady);
	pthread_condattr_destroy(&steady);
	pthread_mutex_init(&w->later_lock, NULL);
}

void later_clear(struct web *w)
{
	pthread_cond_destroy(&w->roused);
	pthread_mutex_destroy(&w->later_lock);
}

static void look_again(void *ctx)
{
	(void)ctx;
}

/* Under the lock.  A connection that was resumed may be over before this returns, and c with it. */
static void rouse(struct web_call *c)
{
	bool asleep = c->asleep;
	c->asleep = false;
	c->woken = true;
	if (asleep)
		MHD_resume_connection(c->side->conn);
}

/* Under the lock. */
static void give_up(struct web_call *c)
{
	atomic_store(&c->abandoned, true);
	rouse(c);
}

void web_defer(struct web_call *c, void (*then)(struct web_call *c))
{
	struct web *w = c->web;
	c->then = then;
	atomic_fetch_add(&c->held, 1);
	pthread_mutex_lock(&w->later_lock);
	c->woken = false;
	w->alone = w->later ? 0 : w->alone + 1;
	if (w->closing) {
		give_up(c);
	} else {
		atomic_fetch_add(&w->deferred, 1);
		c->later = w->later;
		if (c->later)
			c->later->sooner = c;
		w->later = c;
	}
	bool company = c->later;
	pthread_mutex_unlock(&w->later_lock);
	if (company)
		pthread_cond_signal(&w->roused); /* who lingers does not any longer */
}

/* Under the lock. */
static bool may_linger(const struct web *w, const struct web_call *c)
{
	return !c->woken && w->alone >= ALONE_CALLS && w->later == c && !c->later;
}

/* To sleep and be resumed costs the library's thread more than the loop takes for most calls: where they
 * come one after the other, it waits for the next one a moment.  Under the lock. */
static void linger(struct web *w, const struct web_call *c)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LINGER_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	int r = 0;
	while (!r && may_linger(w, c))
		r = pthread_cond_timedwait(&w->roused, &w->later_lock, &until);
}

bool web_rest(struct web_call *c)
{
	struct web *w = c->web;
	pthread_mutex_lock(&w->later_lock);
	linger(w, c);
	c->asleep = !c->woken;
	if (c->asleep)
		MHD_suspend_connection(c->side->conn);
	bool rests = c->asleep;
	pthread_mutex_unlock(&w->later_lock);
	return rests;
}

/* Under the lock. */
static void unlink_call(struct web *w, struct web_call *c)
{
	if (c->sooner)
		c->sooner->later = c->later;
	else
		w->later = c->later;
	if (c->later)
		c->later->sooner = c->sooner;
	c->sooner = c->later = NULL;
}

bool web_wake_at_once(struct web_call *c)
{
	struct web *w = c->web;
	if (atomic_load(&c->abandoned)) /* w may be gone as well */
		return false;
	pthread_mutex_lock(&w->later_lock);
	bool gone = atomic_load(&c->abandoned), asleep = c->asleep;
	if (!gone) {
		unlink_call(w, c);
		atomic_fetch_sub(&c->held, 1); /* its connection holds it, until it is roused */
		rouse(c);
	}
	pthread_mutex_unlock(&w->later_lock);
	if (gone)
		return false;
	if (!asleep)
		pthread_cond_signal(&w->roused);
	if (atomic_fetch_sub(&w->deferred, 1) == 1 && atomic_load(&w->draining))
		net_post(w->loop, look_again, NULL); /* who frees the web waits for this */
	return true;
}

void web_wake(struct web_call *c)
{
	if (!web_wake_at_once(c))
		later_release(c);
}

void later_release(struct web_call *c)
{
	struct arena *a = c->arena; /* c is in it */
	if (atomic_fetch_sub(&c->held, 1) != 1)
		return;
	if (c->forget)
		c->forget(c);
	arena_free(&a);
}

bool web_gone(struct web_call *c)
{
	bool gone = atomic_load(&c->abandoned);
	if (gone)
		later_release(c);
	return gone;
}

void web_too_late(struct web_call *c)
{
	web_add_header(c, "Retry-After", "10");
	web_problem(c, 503, "The relay ends",
		    "It could not be waited for: look whether it was done, and ask "
		    "again.");
}

bool web_later_end(struct web *w)
{
	bool some = false;
	pthread_mutex_lock(&w->later_lock);
	w->closing = true;
	while (w->later) {
		struct web_call *c = w->later;
		unlink_call(w, c);
		give_up(c);
		some = true;
	}
	pthread_mutex_unlock(&w->later_lock);
	pthread_cond_broadcast(&w->roused);
	return some;
}
