/* SPDX-License-Identifier: Apache-2.0 */
/* net/watch.h - what may happen while the loop waits: a descriptor is ready, a
 * time has come, work in a thread is over.
 *
 * Callbacks run only inside net_loop_wait(), never inside a call made here.  A
 * callback may free its own watch, timer or work. */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include "net/loop.h"

enum net_ready {
	NET_READ = 1,
	NET_WRITE = 2,
	NET_FAILED = 4 /* told once, with the others: the peer reset it; read until that shows */
};

struct net_watch;
/* The descriptor stays the caller's: free the watch first, then close it. */
struct net_watch *net_watch_new(struct net_loop *l, int fd, void (*ready)(void *ctx, unsigned what),
				void *ctx) MUST_USE;
void net_watch_set(struct net_watch *w, unsigned what); /* enum net_ready or-ed; 0: none */
void net_watch_free(struct net_watch **w);

struct net_timer;
struct net_timer *net_timer_new(struct net_loop *l, void (*expired)(void *ctx), void *ctx) MUST_USE;
void net_timer_set(struct net_timer *t, uint64_t at_ms); /* UINT64_MAX: off */
void net_timer_free(struct net_timer **t);

/* Runs work(ctx) in a thread of the pool, then done(ctx) in the loop.  There is
 * no cancelling: ctx must live until done was called. */
void net_work_start(struct net_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);

/* From any thread: call(ctx) runs in the loop, at its next turn, in the order of posting.  What was posted
 * and has not run when the loop is freed never runs. */
void net_post(struct net_loop *l, void (*call)(void *ctx), void *ctx);

#endif
