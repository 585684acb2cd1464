/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes by the time at which they are looked at next, and the timer that is set to the first. */
#include "relay/lane/lanes_inner.h"

static void put(struct lanes *l, size_t i, struct lane *x)
{
	l->heap[i] = x;
	x->heap = i + 1;
}

static void up(struct lanes *l, size_t i)
{
	struct lane *x = l->heap[i];
	for (; i && x->due_ms < l->heap[(i - 1) / 2]->due_ms; i = (i - 1) / 2)
		put(l, i, l->heap[(i - 1) / 2]);
	put(l, i, x);
}

static void down(struct lanes *l, size_t i)
{
	struct lane *x = l->heap[i];
	for (size_t c; (c = 2 * i + 1) < l->nheap; i = c) {
		if (c + 1 < l->nheap && l->heap[c + 1]->due_ms < l->heap[c]->due_ms)
			c++;
		if (l->heap[c]->due_ms >= x->due_ms)
			break;
		put(l, i, l->heap[c]);
	}
	put(l, i, x);
}

static void take_out(struct lanes *l, struct lane *x)
{
	size_t i = x->heap - 1;
	struct lane *last = l->heap[--l->nheap];
	x->heap = 0;
	if (last == x)
		return;
	put(l, i, last);
	up(l, i);
	down(l, last->heap - 1);
}

void lane_due(struct lanes *l, struct lane *x, int64_t due_ms)
{
	if (due_ms == STORE_NEVER) {
		if (x->heap)
			take_out(l, x);
		return;
	}
	x->due_ms = due_ms;
	if (!x->heap) {
		if (l->nheap == l->room) {
			l->room = l->room ? l->room * 2 : 16;
			l->heap = mem_grow(l->heap, l->room, sizeof(struct lane *));
		}
		put(l, l->nheap++, x);
	}
	up(l, x->heap - 1);
	down(l, x->heap - 1);
}

struct lane *lane_first(const struct lanes *l)
{
	return l->nheap ? l->heap[0] : NULL;
}

void lanes_set_timer(struct lanes *l)
{
	const struct lane *x = l->nsessions < LANES_SESSIONS_MAX ? lane_first(l) : NULL;
	int64_t now = relay_now_ms();
	if (!x || l->draining) /* who is due then is not looked at: it would be due for ever */
		return;
	int64_t wait = x->due_ms > now ? x->due_ms - now : 0;
	if (wait > LANE_LOOK_MS)
		wait = LANE_LOOK_MS;
	if (l->timer_ms > now && l->timer_ms <= now + wait)
		return; /* it fires early enough */
	l->timer_ms = now + wait;
	net_timer_set(l->timer, net_loop_now_ms(l->relay->loop) + (uint64_t)wait);
}

void lane_wait(struct lanes *l, struct lane *x, int64_t at_ms)
{
	if (!x->heap || x->due_ms > at_ms)
		lane_due(l, x, at_ms);
	lanes_set_timer(l);
}
