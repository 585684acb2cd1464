/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/clock_look.h"

#include <stdlib.h>
#include <time.h>

#include "relay/lane/lanes.h"
#include "relay/lane/ledger.h"
#include "relay/let_go.h"
#include "relay/steer.h"

enum { MINUTE_MS = 60000 };

/* Held until a time of the clock that was put back, one after the other. */
struct clock_held {
	struct held_row {
		struct store_id id;
		uint32_t rcpt;
	} * v;
	size_t n, room, at;
	int64_t now_ms;
};

void clock_held_free(struct clock_held **hp)
{
	struct clock_held *h = *hp;
	if (!h)
		return;
	free(h->v);
	mem_free(hp);
}

static bool add(void *user, const struct store_live *row)
{
	struct clock_held *h = user;
	if (row->state != STORE_HELD || row->next_ms == STORE_NEVER || row->next_ms <= h->now_ms)
		return true;
	if (h->n == h->room) {
		h->room = h->room ? h->room * 2 : 64;
		h->v = mem_grow(h->v, h->room, sizeof(*h->v));
	}
	h->v[h->n++] = (struct held_row){ row->id, row->rcpt };
	return true;
}

/* A person means the time that he names. */
static bool is_by_rule(const struct store_event *last)
{
	return last->state == STORE_HELD && !steer_wrote(last->why);
}

static void judge_held(struct relay *r)
{
	struct clock_held *h = r->clock_held;
	for (size_t i = 0; h && i < LET_GO_MAX && h->at < h->n; i++, h->at++)
		let_go(r, h->v[h->at].id, h->v[h->at].rcpt, is_by_rule, "the clock was put back");
	if (h && h->at == h->n)
		clock_held_free(&r->clock_held);
}

static void gather_held(struct relay *r, int64_t now)
{
	clock_held_free(&r->clock_held);
	r->clock_held = mem_alloc(sizeof(*r->clock_held));
	r->clock_held->now_ms = now;
	store_each_live(r->store, add, r->clock_held);
}

static void tell(struct relay *r, int64_t leap_ms)
{
	enum { HOUR = 60, DAY = 1440 };
	struct err e = { 0 };
	long long minutes = (llabs(leap_ms) + MINUTE_MS / 2) / MINUTE_MS;
	long long unit = minutes >= 2 * DAY ? DAY : minutes >= 2 * HOUR ? HOUR : 1;
	ERR_FILL(&e, ERR_LIMIT, 0, "trust", "the clock: it was put %s by %lld %s",
		 leap_ms < 0 ? "back" : "ahead", (minutes + unit / 2) / unit,
		 unit == DAY    ? "days"
		 : unit == HOUR ? "hours"
				: "minutes");
	err_detail(&e,
		   "pauses and caps go on as they were; see that something keeps the time, such as chrony");
	relay_tell(r, &e);
}

static uint64_t boot_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The store moves what it has by the leap since it was told last. */
void clock_look(struct relay *r)
{
	const struct clocks now = { relay_now_ms(), boot_ms(), net_loop_now_ms(r->loop) };
	int64_t leap = leap_look(&r->clock, now);
	if (!leap || r->draining)
		return;
	(void)store_claims_expire(r->store, now.wall_ms);
	tell(r, leap);
	ledger_shift(r->ledger, leap, now.wall_ms);
	lanes_shift(r->lanes, leap, now.wall_ms);
	if (leap < 0)
		gather_held(r, now.wall_ms);
}

int64_t clock_ahead_ms(struct relay *r, int64_t arrived_ms)
{
	clock_look(r); /* a machine may have slept in the middle of a turn */
	return leap_ahead(&r->clock, arrived_ms);
}

void clock_keep(struct relay *r)
{
	if (r->draining)
		return;
	clock_look(r);
	(void)store_claims_expire(r->store, relay_now_ms());
	judge_held(r);
}
