/* SPDX-License-Identifier: Apache-2.0 */
/* net/fiber.h - stacks that take turns in one thread; for net/loop only (see loop.h).
 *
 * A fiber runs until it waits; the loop runs it on when its wait is over. */
#ifndef NET_FIBER_H
#define NET_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIBERS_SPARE_MAX = 64 /* stacks kept for the next ones */ };

struct fiber;

struct fibers {
	struct fiber **v; /* under way */
	size_t n, room;
	struct fiber *inside; /* that runs now; NULL: the loop itself */
	struct fiber *spare;  /* list */
	size_t nspare;
	bool fresh; /* look again without waiting: one is new, or has run */
};

void fibers_start(struct fibers *all, void (*work)(void *ctx), void *ctx);
bool fibers_inside(const struct fibers *all);
/* Inside one: lets the others go on until done(ctx), or until_ms (then false). */
bool fibers_wait(struct fibers *all, bool (*done)(void *ctx), void *ctx, uint64_t until_ms);
/* The same, and no interruption ends it before fibers_end(). */
bool fibers_see_out(struct fibers *all, bool (*done)(void *ctx), void *ctx, uint64_t until_ms);
bool fibers_seeing_out(const struct fibers *all); /* one waits so */
/* From the loop: runs each whose wait is over, or all when the loop was interrupted. */
void fibers_run(struct fibers *all, uint64_t now_ms, bool interrupted);
/* When the next one's time is up; 0: at once; UINT64_MAX: none has one. */
uint64_t fibers_due_ms(const struct fibers *all);
/* Ends the waits of the one that was started with ctx. */
void fibers_interrupt(struct fibers *all, const void *ctx);
bool fibers_interrupted(const struct fibers *all); /* the one that runs now */
/* Of the one that runs now; see net_fiber_guard(). */
struct net_guard;
void fibers_guard(struct fibers *all, const struct net_guard *g);
const struct net_guard *fibers_guarded(const struct fibers *all);
/* Lets all come to their end (their waits return false at once), and frees. */
void fibers_end(struct fibers *all);

#endif
