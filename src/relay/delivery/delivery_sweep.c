/* SPDX-License-Identifier: Apache-2.0 */
/* While a destination is down: what waits for it is marked in groups, or goes by another route. */
#include <string.h>

#include "relay/delivery/delivery_tls.h"
#include "relay/own_route.h"

bool job_pace(struct delivery *d)
{
	return lanes_pace(d->lanes) && !d->hurry;
}

/* One group; false: there was none. */
static bool sweep_group(struct delivery *d, int64_t since_ms,
			void (*fn)(struct delivery *d, struct job *j, const void *ctx), const void *ctx)
{
	CLEANUP(mem_free) struct store_claim *c = mem_grow(NULL, DELIVERY_SWEEP, sizeof(*c));
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	int64_t lease = relay_now_ms() - since_ms + JOB_LEASE_MS;
	size_t n = store_claim(d->relay->store, lane, JOB_OWNER, since_ms, lease, c, DELIVERY_SWEEP);
	for (size_t i = 0; i < n; i++) {
		struct job *j = job_open(d, &c[i]);
		if (!j) {
			(void)job_pace(d);
			continue;
		}
		for (; i + 1 < n && j->n < JOB_RCPTS_MAX && c[i + 1].id.seq == c[i].id.seq; i++)
			job_add(j, &c[i + 1]);
		job_leave(d, j);
		if (job_is_readable(d, j))
			fn(d, j, ctx);
		job_end(&j);
		(void)job_pace(d);
	}
	return n == DELIVERY_SWEEP;
}

void job_sweep(struct delivery *d, int64_t since_ms,
	       void (*fn)(struct delivery *d, struct job *j, const void *ctx), const void *ctx)
{
	for (size_t i = 0; i < DELIVERY_SWEEP_MAX && !d->hurry; i++) {
		if (!sweep_group(d, since_ms, fn, ctx))
			return;
		net_loop_sleep(d->relay->loop, net_loop_now_ms(d->relay->loop) + 1);
	}
}

/* What was said to one recipient is not what was said to those who were not asked. */
static struct failure of_another(struct job *j, const struct failure *f)
{
	struct failure out = *f;
	if (f->seen.at != TROUBLE_RCPT || !f->seen.code)
		return out;
	out.why = arena_printf(j->arena, "not tried: of another recipient the server said: %u " STR_FMT,
			       f->seen.code, STR_ARG(f->seen.text));
	out.seen.code = 0;
	out.seen.text = STR_LIT("");
	return out;
}

/* What was met with DANE and MTA-STS in force says nothing of a message that goes without: it is given back,
 * and tried itself. */
static void fail_swept(struct delivery *d, struct job *j, const void *f)
{
	const struct failure told = of_another(j, f);
	if (d->waived || !delivery_waives_tls(d->route, j->message.flags))
		job_fail(d, j, &told);
}

void job_sweep_failed(struct delivery *d, const struct failure *f)
{
	int64_t now = relay_now_ms();
	job_sweep(d, d->lane->detour ? now : now - d->settings->retry.first_s * 1000LL, fail_swept, f);
}

/* Never tried here: they keep their state. */
static void move(struct delivery *d, struct job *j, const void *ctx)
{
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	(void)ctx;
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		const char *next = lane_next(d->settings, lane, r->rcpt->address, j->arena);
		if (r->fate != FATE_OPEN || !next)
			continue;
		struct store_mark *m = job_mark(d, j, r, r->claim.state);
		if (m->state == STORE_HELD)
			m->state = r->claim.tries ? STORE_DELAYED : STORE_QUEUED;
		m->host = m->address = m->tls = str_of("");
		m->proof = STORE_PROOF_UNKNOWN;
		m->tries = r->claim.tries;
		m->next_ms = m->at_ms;
		m->lane = str_of(next);
		m->why = str_of(arena_printf(j->arena,
					     "route %s is left alone after a failure: " OWN_ROUTE_NEXT
					     "%s",
					     d->route->name, d->route->next));
	}
}

bool job_detour(struct delivery *d, int64_t now)
{
	if (!d->lane->detour || d->lane->pause_ms <= now || !d->route)
		return false;
	job_sweep(d, now, move, NULL);
	return true;
}
