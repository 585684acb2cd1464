/* SPDX-License-Identifier: Apache-2.0 */
/* net/loop.h - the one event loop; work that reads top to bottom waits here.
 *
 * Questions and sessions are started and then waited for; while one is waited
 * for, all others go on.  Owned by one thread.  Work of which there is much at a
 * time runs in fibers: each has a stack, and its waits let the others go on. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum { NET_FIBER_STACK_BYTES = 256 * 1024 };

struct net_loop;

struct net_loop *net_loop_new(void) MUST_USE;
void net_loop_free(struct net_loop **l); /* after everything that uses it; waits for running work */

uint64_t net_loop_now_ms(const struct net_loop *l); /* monotonic, fresh */

/* Runs until done(ctx) is true (then true) or the monotonic time until_ms is
 * reached or net_loop_interrupt() was called (then false). */
bool net_loop_wait(struct net_loop *l, bool (*done)(void *ctx), void *ctx, uint64_t until_ms);
/* The same, and no interruption ends it: for what must be seen to its end. */
bool net_loop_see_out(struct net_loop *l, bool (*done)(void *ctx), void *ctx, uint64_t until_ms);
void net_loop_sleep(struct net_loop *l, uint64_t until_ms);
/* For long work in a fiber, between its pieces: lets clients and the other fibers go on when this turn of the
 * loop has taken long enough.  Outside a fiber it does nothing. */
void net_loop_breathe(struct net_loop *l);

/* Starts work(ctx) in a fiber of its own, at the next turn of the loop; it ends when work returns.
 * Everything that waits by net_loop_wait() may be called in it (sessions, DNS, HTTP), and nothing
 * else may block.  NET_FIBER_STACK_BYTES of stack, half of which are soon used up by recursion. */
void net_fiber_start(struct net_loop *l, void (*work)(void *ctx), void *ctx);
size_t net_fibers(const struct net_loop *l); /* under way */
/* Every wait of the fiber that was started with ctx returns at once, now and later, as after
 * net_loop_interrupt(); the others go on.  No effect when it has ended. */
void net_fiber_interrupt(struct net_loop *l, const void *ctx);

/* Whom work may connect to: asked with each numeric address ("192.0.2.7", "2001:db8::7") right before
 * the connection, so after any name was looked up. */
struct net_guard {
	bool (*allows)(void *ctx, const char *address, unsigned port);
	void *ctx;
};
/* Inside a fiber: from now on all that it opens (sessions, fetches and their redirects, questions to
 * other servers than the resolver) goes only where g allows.  g is borrowed until the fiber ends. */
void net_fiber_guard(struct net_loop *l, const struct net_guard *g);
/* The guard of the fiber that runs now; NULL: it may go anywhere. */
const struct net_guard *net_guard_here(const struct net_loop *l);
bool net_guard_allows(const struct net_guard *g, const char *address, unsigned port); /* NULL: always */

/* Brings all fibers to their end (their waits return false at once, net_loop_see_out() in its time) and waits
 * for work in threads: for who frees what they look at.  Not inside a fiber. */
void net_loop_settle(struct net_loop *l);

/* Makes every wait return at once, now and later.  Safe in a signal handler. */
void net_loop_interrupt(struct net_loop *l);
/* Of the loop, or of the fiber that runs now. */
bool net_loop_interrupted(const struct net_loop *l);
/* Called when nothing is ready and the loop is about to sleep; NULL: nothing is. */
void net_loop_on_idle(struct net_loop *l, void (*idle)(void *ctx), void *ctx);
/* Called in each turn, once what was ready has been served and before the fibers go on; NULL: nothing is. */
void net_loop_on_turn(struct net_loop *l, void (*turned)(void *ctx), void *ctx);
/* From any thread: what is waited for is looked at again. */
void net_loop_wake(struct net_loop *l);

#endif
