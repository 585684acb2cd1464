/* SPDX-License-Identifier: Apache-2.0 */
/* net/loop.h - the one event loop; work that reads top to bottom waits here.
 *
 * Questions and sessions are started and then waited for; while one is waited
 * for, all others go on.  Owned by one thread. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct net_loop;

struct net_loop *net_loop_new(void) MUST_USE;
void net_loop_free(struct net_loop **l); /* after everything that uses it; waits for running work */

uint64_t net_loop_now_ms(const struct net_loop *l); /* monotonic, fresh */

/* Runs until done(ctx) is true (then true) or the monotonic time until_ms is
 * reached or net_loop_interrupt() was called (then false). */
bool net_loop_wait(struct net_loop *l, bool (*done)(void *ctx), void *ctx, uint64_t until_ms);
void net_loop_sleep(struct net_loop *l, uint64_t until_ms);

/* Makes every wait return at once, now and later.  Safe in a signal handler. */
void net_loop_interrupt(struct net_loop *l);
bool net_loop_interrupted(const struct net_loop *l);

#endif
