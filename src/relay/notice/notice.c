/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice.h"

#include <stdlib.h>

#include "net/watch.h"
#include "relay/notice/notice_gather.h"
#include "relay/notice/notice_kind.h"
#include "relay/notice/notice_limit.h"
#include "relay/notice/notice_outbox.h"
#include "relay/notice/notice_recover.h"
#include "relay/notice/notice_untold.h"

struct notices {
	struct relay *relay;
	struct notice_limit limit;
	struct notice_lates lates;
	struct notice_outbox *outbox;
	struct net_timer *beat, *gathering;
	struct notice_gathers gathers; /* wait for others of their message */
	bool recovered;                /* all of before is told, or was */
	int64_t alive_ms;              /* as the file says; 0: there is none */
};

static void tell_group(struct notices *n, const struct store_message *m, struct notice_group *g,
		       enum notice_kind kind)
{
	notice_group_sort(g);
	for (size_t at = 0; at < g->n; at += DSN_RECIPIENTS_MAX) {
		size_t most = g->n - at < DSN_RECIPIENTS_MAX ? g->n - at : DSN_RECIPIENTS_MAX;
		struct notice_about x = { m, g->v + at, most, kind, n->relay->settings->hostname, NULL };
		int64_t due = notice_limit_take(&n->limit, m->reverse_path, NOTICE_PER_HOUR, relay_now_ms());
		if (due < 0) {
			notice_untold(n->relay, m->reverse_path, m->id,
				      "its turns of all hours ahead are taken");
			return;
		}
		notice_outbox_put(n->outbox, notice_letter_new(n->relay, &x, due));
	}
}

static void tell(struct notices *n, struct notice_gather **gp)
{
	struct notice_gather *g = *gp;
	for (enum notice_kind kind = NOTICE_FAILED; kind < NOTICE_KINDS; kind++)
		tell_group(n, &g->message, &g->groups[kind], kind);
	notice_gather_free(gp);
}

/* ---- those that wait for others ---- */

static void tell_gathered(struct notices *n, struct notice_gather *g)
{
	notice_gathers_take(&n->gathers, g);
	tell(n, &g);
}

/* What those are told as that are still tried. */
struct joining {
	const struct notice_gather *g;
	unsigned waiting, more; /* 1u << kind, or-ed */
};

static bool joins(void *user, uint32_t rcpt)
{
	struct joining *x = user;
	x->more |= notice_kinds(x->g->notify[rcpt]) & x->waiting;
	return x->more && x->more == x->waiting;
}

/* The kinds of which no more can come, neither from who is tried nor from what the store has done already:
 * who wants to hear of failures alone keeps no success waiting. */
static void tell_if_last(struct notices *n, struct notice_gather *g)
{
	struct joining x = { g, notice_gather_kinds(g), 0 };
	if (store_under_way(n->relay->store, g->message.id, relay_now_ms(), joins, &x) ||
	    pending_any(n->relay->pending, g->message.id, joins, &x))
		return;
	for (enum notice_kind kind = NOTICE_FAILED; kind < NOTICE_KINDS && x.more; kind++)
		if (!(x.more >> kind & 1)) {
			tell_group(n, &g->message, &g->groups[kind], kind);
			g->groups[kind].n = 0;
		}
	if (!x.more)
		tell_gathered(n, g);
}

static void on_gathering(void *ctx)
{
	struct notices *n = ctx;
	uint64_t now = net_loop_now_ms(n->relay->loop);
	for (struct notice_gather *g = n->gathers.first, *next; g; g = next) {
		next = g->next;
		if (g->until_ms <= now) {
			tell_gathered(n, g);
		} else if (g->look_ms <= now) {
			g->look_ms = UINT64_MAX;
			tell_if_last(n, g);
		}
	}
	net_timer_set(n->gathering, notice_gathers_next(&n->gathers));
}

static void gather_new(struct notices *n, struct notice_gather *g)
{
	while (notice_gathers_full(&n->gathers, g->message.nrcpts))
		tell_gathered(n, n->gathers.first);
	notice_gathers_put(&n->gathers, g);
	tell_if_last(n, g);
}

/* NULL: none of them is told. */
static struct notice_gather *gather(struct notices *n, struct notice_gather *known,
				    const struct store_message *m, const struct store_mark *marks,
				    size_t nmarks)
{
	struct notice_gather *g = known;
	for (size_t i = 0; i < nmarks; i++) {
		enum notice_kind kind = notice_kind_of(n->relay, &n->lates, m, &marks[i]);
		if (known && !store_state_live(marks[i].state))
			notice_gather_withdraw(known, marks[i].rcpt);
		if (kind == NOTICE_NONE)
			continue;
		if (!g)
			g = notice_gather_new(m, net_loop_now_ms(n->relay->loop));
		notice_gather_add(g, m, kind, &marks[i]);
	}
	return g;
}

static void write_alive(struct notices *n)
{
	int64_t now_ms = relay_now_ms(), since_ms = notice_gathers_since(&n->gathers);
	n->alive_ms = since_ms < now_ms ? since_ms : now_ms;
	notice_alive_write(n->relay->settings->data, n->alive_ms);
}

/* A start after a crash looks for reports from that time on: none may bear an earlier one. */
static void follow_clock_back(struct notices *n)
{
	if (n->alive_ms > relay_now_ms())
		write_alive(n);
}

void notices_told(struct notices *n, struct store_id id)
{
	struct notice_gather *g = notice_gathers_find(&n->gathers, id);
	if (!g)
		return;
	notice_gathers_take(&n->gathers, g);
	notice_gather_free(&g);
	net_timer_set(n->gathering, notice_gathers_next(&n->gathers));
}

/* One recipient has no others; a report that came back is about one alone, and long after.  What is
 * gathered comes in the order of its times: a report tells all between its first and its last. */
void notices_marked(struct notices *n, const struct store_message *m, const struct store_mark *marks,
		    size_t nmarks)
{
	follow_clock_back(n);
	bool alone = m->nrcpts == 1 || marks[0].returned;
	struct notice_gather *known = alone ? NULL : notice_gathers_find(&n->gathers, m->id);
	if (known && marks[0].at_ms <= known->newest_ms) { /* an earlier run's, or the clock was set back */
		tell_gathered(n, known);
		known = NULL;
	}
	struct notice_gather *g = gather(n, known, m, marks, nmarks);
	if (!g)
		return;
	if (alone)
		tell(n, &g);
	else if (known)
		notice_gather_stir(g, net_loop_now_ms(n->relay->loop));
	else
		gather_new(n, g);
	net_timer_set(n->gathering, notice_gathers_next(&n->gathers));
}

/* What waits for the store is not on disk: the file stays behind it, and behind what waits for others. */
static void on_beat(void *ctx)
{
	struct notices *n = ctx;
	if (notice_outbox_is_empty(n->outbox))
		write_alive(n);
	net_timer_set(n->beat, net_loop_now_ms(n->relay->loop) + NOTICE_BEAT_MS);
}

static void recover(void *ctx)
{
	struct notices *n = ctx;
	const struct notice_telling telling = { n->relay, n, n->relay->opened_ms, notices_marked };
	n->alive_ms = notice_alive_read(n->relay->settings->data);
	follow_clock_back(n);
	n->recovered = !n->alive_ms || notice_recover(&telling, n->alive_ms - NOTICE_OVERLAP_MS);
	if (n->recovered)
		on_beat(n);
}

void notices_start(struct notices *n)
{
	net_fiber_start(n->relay->loop, recover, n);
}

struct notices *notices_new(struct relay *r)
{
	struct notices *n = mem_alloc(sizeof(*n));
	n->relay = r;
	n->limit.key[0] = r->nonce;
	n->limit.key[1] = ~r->nonce * 0x9e3779b97f4a7c15ULL;
	n->outbox = notice_outbox_new(r);
	n->beat = net_timer_new(r->loop, on_beat, n);
	n->gathering = net_timer_new(r->loop, on_gathering, n);
	return n;
}

void notices_free(struct notices **np)
{
	struct notices *n = *np;
	*np = NULL;
	if (!n)
		return;
	net_timer_free(&n->beat);
	net_timer_free(&n->gathering);
	if (n->recovered && !n->gathers.n && notice_outbox_is_empty(n->outbox))
		notice_alive_remove(n->relay->settings->data);
	for (struct notice_gather *g; (g = n->gathers.first); notice_gather_free(&g))
		notice_gathers_take(&n->gathers, g);
	notice_outbox_free(&n->outbox);
	notice_lates_clear(&n->lates);
	free(n);
}

size_t notices_under_way(const struct notices *n)
{
	return notice_outbox_under_way(n->outbox);
}

void notices_hurry(struct notices *n)
{
	if (!n)
		return;
	while (n->gathers.first)
		tell_gathered(n, n->gathers.first);
	notice_outbox_hurry(n->outbox);
}
