/* SPDX-License-Identifier: Apache-2.0 */
#include "net/fiber.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sanitizer.h"
#include "net/context.h"
#include "net/loop.h"

#if SANITIZER_ADDRESS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

struct fiber {
	struct context own, loop; /* where it stands; where the loop stands while it runs */
	void *stack;              /* with its guard page */
	void (*work)(void *ctx);
	void *ctx;
	bool (*done)(void *ctx); /* NULL: not begun */
	void *done_ctx;
	uint64_t until_ms;
	bool result, over, interrupted;
	bool firm; /* its wait is not ended by an interruption */
	const struct net_guard *guard;
	struct fiber *next; /* spare */
	void *fake;         /* the sanitizer's, of who does not run */
	const void *loop_stack;
	size_t loop_stack_bytes;
};

static size_t guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static char *stack_of(const struct fiber *f)
{
	return (char *)f->stack + guard_bytes();
}

static void must(bool worked)
{
	if (!worked)
		mem_out();
}

static struct fiber *fiber_new(struct fibers *all)
{
	struct fiber *f = all->spare;
	if (f) {
		all->spare = f->next;
		all->nspare--;
		return f;
	}
	f = mem_alloc(sizeof(*f));
	f->stack = mmap(NULL, NET_FIBER_STACK_BYTES + guard_bytes(), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	must(f->stack != MAP_FAILED);
	must(mprotect(f->stack, guard_bytes(), PROT_NONE) ==
	     0); /* running over ends the process, nothing else */
	return f;
}

static void fiber_free(struct fiber *f)
{
	munmap(f->stack, NET_FIBER_STACK_BYTES + guard_bytes());
	free(f);
}

/* From the loop into f, or back. */
static void to_fiber(struct fiber *f)
{
#if SANITIZER_ADDRESS
	__sanitizer_start_switch_fiber(&f->fake, stack_of(f), NET_FIBER_STACK_BYTES);
#endif
	context_switch(&f->loop, &f->own);
#if SANITIZER_ADDRESS
	__sanitizer_finish_switch_fiber(f->fake, NULL, NULL);
#endif
}

static void to_loop(struct fiber *f)
{
#if SANITIZER_ADDRESS
	void *own = NULL;
	__sanitizer_start_switch_fiber(f->over ? NULL : &own, f->loop_stack, f->loop_stack_bytes);
#endif
	context_switch(&f->own, &f->loop);
#if SANITIZER_ADDRESS
	__sanitizer_finish_switch_fiber(own, &f->loop_stack, &f->loop_stack_bytes);
#endif
}

static void enter(void *arg)
{
	struct fiber *f = arg;
#if SANITIZER_ADDRESS
	__sanitizer_finish_switch_fiber(NULL, &f->loop_stack, &f->loop_stack_bytes);
#endif
	f->work(f->ctx);
	f->over = true;
	to_loop(f);
}

/* A stack is used again while the sanitizer still guards the frames that never returned on it. */
static void forget_frames(struct fiber *f)
{
#if SANITIZER_ADDRESS
	__asan_unpoison_memory_region(stack_of(f), NET_FIBER_STACK_BYTES);
#else
	(void)f;
#endif
}

void fibers_start(struct fibers *all, void (*work)(void *ctx), void *ctx)
{
	struct fiber *f = fiber_new(all);
	f->work = work;
	f->ctx = ctx;
	f->done = NULL;
	f->over = f->interrupted = f->firm = false;
	f->guard = NULL;
	forget_frames(f);
	context_prepare(&f->own, stack_of(f), NET_FIBER_STACK_BYTES, enter, f);
	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 16;
		all->v = mem_grow(all->v, all->room, sizeof(struct fiber *));
	}
	all->v[all->n++] = f;
	all->fresh = true;
}

bool fibers_inside(const struct fibers *all)
{
	return all->inside != NULL;
}

void fibers_interrupt(struct fibers *all, const void *ctx)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->ctx == ctx)
			all->v[i]->interrupted = all->fresh = true;
}

bool fibers_interrupted(const struct fibers *all)
{
	return all->inside && all->inside->interrupted;
}

void fibers_guard(struct fibers *all, const struct net_guard *g)
{
	if (all->inside)
		all->inside->guard = g;
}

const struct net_guard *fibers_guarded(const struct fibers *all)
{
	return all->inside ? all->inside->guard : NULL;
}

bool fibers_wait(struct fibers *all, bool (*done)(void *ctx), void *ctx, uint64_t until_ms)
{
	struct fiber *f = all->inside;
	if (done(ctx))
		return true;
	f->done = done;
	f->done_ctx = ctx;
	f->until_ms = until_ms;
	to_loop(f);
	return f->result;
}

bool fibers_see_out(struct fibers *all, bool (*done)(void *ctx), void *ctx, uint64_t until_ms)
{
	struct fiber *f = all->inside;
	f->firm = true;
	bool over = fibers_wait(all, done, ctx, until_ms);
	f->firm = false;
	return over;
}

bool fibers_seeing_out(const struct fibers *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->firm)
			return true;
	return false;
}

static void retire(struct fibers *all, size_t i)
{
	struct fiber *f = all->v[i];
	all->v[i] = all->v[--all->n];
	if (all->nspare >= FIBERS_SPARE_MAX) {
		fiber_free(f);
		return;
	}
	f->next = all->spare;
	all->spare = f;
	all->nspare++;
}

static bool may_go_on(struct fiber *f, uint64_t now_ms, bool interrupted)
{
	if (!f->done)
		return true;
	f->result = f->done(f->done_ctx);
	return f->result || (!f->firm && (interrupted || f->interrupted)) || now_ms >= f->until_ms;
}

void fibers_run(struct fibers *all, uint64_t now_ms, bool interrupted)
{
	all->fresh = false;
	for (size_t i = 0; i < all->n;) {
		struct fiber *f = all->v[i];
		if (may_go_on(f, now_ms, interrupted)) {
			all->inside = f;
			to_fiber(f);
			all->inside = NULL;
			all->fresh = true; /* what it did may end the wait of one that was passed over */
		}
		if (f->over)
			retire(all, i);
		else
			i++;
	}
}

uint64_t fibers_due_ms(const struct fibers *all)
{
	uint64_t due = all->fresh ? 0 : UINT64_MAX;
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->done && all->v[i]->until_ms < due)
			due = all->v[i]->until_ms;
	return due;
}

void fibers_end(struct fibers *all)
{
	while (all->n)
		fibers_run(all, UINT64_MAX, true);
	while (all->spare) {
		struct fiber *f = all->spare;
		all->spare = f->next;
		fiber_free(f);
	}
	mem_free(&all->v);
	*all = (struct fibers){ 0 };
}
