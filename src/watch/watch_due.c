/* SPDX-License-Identifier: Apache-2.0 */
/* What of the watch is due when, and what its other files ask it. */
#include "relay/relay_inner.h"
#include "watch/watch_inner.h"

int64_t watch_now_ms(void)
{
	return relay_now_ms();
}

void watch_trouble(struct watch *w, const struct err *e)
{
	relay_tell(w->relay, e);
}

struct watched *watch_find(struct watch *w, const char *monitor)
{
	for (size_t i = 0; i < w->n; i++)
		if (z_eq(w->v[i].m->name, monitor))
			return &w->v[i];
	return NULL;
}

/* No longer than the quickest monitor takes to look again. */
int64_t watch_pause_ms(const struct watch *w)
{
	int64_t pause = GATHER_MS;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].m->again_s * 1000LL < pause)
			pause = w->v[i].m->again_s * 1000LL;
	return pause;
}

static int64_t next_due(const struct watch *w)
{
	int64_t due = w->ticked_ms + WATCH_TICK_MS;
	int64_t gather = gather_due_ms(&w->gather, watch_pause_ms(w));
	due = gather < due ? gather : due;
	for (size_t i = 0; i < w->n; i++) {
		const struct watched *x = &w->v[i];
		int64_t held = course_due_ms(&x->course, x->m->quiet_s * 1000LL);
		int64_t at = x->running ? INT64_MAX : x->hurried ? 0 : x->next_ms;
		due = at < due ? at : due;
		due = held < due ? held : due;
	}
	return due;
}

void watch_set_timer(struct watch *w)
{
	int64_t wait = next_due(w) - watch_now_ms();
	if (!w->stopping)
		net_timer_set(w->timer, net_loop_now_ms(w->loop) + (wait > 0 ? (uint64_t)wait : 0));
}
