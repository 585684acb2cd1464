/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that wait for somebody, and what becomes of them when the end cannot wait any longer.
 *
 * Then each is answered 503 by its connection, and its memory is left to whom it waits for: who comes
 * to wake it finds that it is gone, and frees it.  Those are in the loop's thread, which stands still
 * from web_later_end() until the library has stopped. */
#include "net/watch.h"
#include "web/mhd_side_inner.h"

static void look_again(void *ctx)
{
	(void)ctx;
}

/* Under the lock. */
static void give_up(struct web_call *c)
{
	atomic_store(&c->abandoned, true);
	MHD_resume_connection(c->side->conn);
}

void web_defer(struct web_call *c, void (*then)(struct web_call *c))
{
	struct web *w = c->web;
	c->then = then;
	pthread_mutex_lock(&w->later_lock);
	MHD_suspend_connection(c->side->conn);
	if (w->closing) {
		give_up(c);
	} else {
		atomic_fetch_add(&w->deferred, 1);
		c->later = w->later;
		if (c->later)
			c->later->sooner = c;
		w->later = c;
	}
	pthread_mutex_unlock(&w->later_lock);
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

void web_wake(struct web_call *c)
{
	struct web *w = c->web;
	if (web_gone(c))
		return;
	pthread_mutex_lock(&w->later_lock);
	unlink_call(w, c);
	MHD_resume_connection(c->side->conn);
	pthread_mutex_unlock(&w->later_lock);
	if (atomic_fetch_sub(&w->deferred, 1) == 1 && atomic_load(&w->draining))
		net_post(w->loop, look_again, NULL); /* who frees the web waits for this */
}

bool web_gone(struct web_call *c)
{
	if (!atomic_load(&c->abandoned))
		return false;
	struct arena *a = c->arena; /* c is in it */
	if (c->forget)
		c->forget(c);
	arena_free(&a);
	return true;
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
	return some;
}
