/* SPDX-License-Identifier: Apache-2.0 */
/* One message with its claimed recipients: taken from the store, and given back with a mark for each. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "relay/delivery/delivery.h"
#include "relay/doubt.h"
#include "relay/lane/schedule.h"

enum { WRITE_AGAIN_MS = 2000, OWNER = 1 };

static double dice(void)
{
	unsigned x = 0;
	(void)!getrandom(&x, sizeof(x), 0);
	return x / 4294967296.0;
}

/* ---- taking ---- */

/* In the order of the envelope. */
static void add(struct job *j, const struct store_claim *c)
{
	size_t i = j->n++;
	for (; i && j->v[i - 1].claim.rcpt > c->rcpt; i--)
		j->v[i] = j->v[i - 1];
	j->v[i] = (struct job_rcpt){ .claim = *c, .rcpt = &j->message.rcpts[c->rcpt] };
}

static size_t most_rcpts(const struct delivery *d)
{
	unsigned known = d->lane->rcpts_max;
	return known && known < JOB_RCPTS_MAX ? known : JOB_RCPTS_MAX;
}

bool job_signs_path(const struct delivery *d, const struct store_message *m)
{
	return d->route && *d->route->return_path && d->route->api == RELAY_API_NONE && m->reverse_path.len &&
	       !(m->flags & STORE_OWN_NOTICE);
}

static void claim_siblings(struct delivery *d, struct job *j, struct str lane, int64_t now)
{
	struct store_claim c[JOB_RCPTS_MAX];
	size_t most = most_rcpts(d);
	if (j->message.nrcpts < 2 || j->n >= most || job_signs_path(d, &j->message))
		return;
	size_t n = store_claim_message(d->relay->store, j->message.id, lane, OWNER, now, JOB_LEASE_MS, c,
				       most - j->n);
	for (size_t i = 0; i < n; i++)
		add(j, &c[i]);
}

static void job_free(struct job *j)
{
	store_reader_free(&j->reader);
	sevenbit_free(&j->seven);
	struct arena *a = j->arena; /* j is in it */
	arena_free(&a);
}

static struct job *job_new(struct delivery *d, const struct store_claim *c)
{
	struct arena *a = arena_new();
	struct job *j = arena_alloc(a, sizeof(*j));
	struct err e = { 0 };
	j->relay = d->relay;
	j->arena = a;
	j->reader = store_fetch_open(d->relay->store, c->id, a, &j->message, &e);
	if (j->reader && c->rcpt < j->message.nrcpts) {
		size_t room = j->message.nrcpts < JOB_RCPTS_MAX ? j->message.nrcpts : JOB_RCPTS_MAX;
		j->v = arena_alloc(a, room * sizeof(*j->v));
		add(j, c);
		return j;
	}
	/* Unreadable for now: it comes back when its lease is over. */
	if (d->relay->log && e.kind != ERR_NONE)
		relay_log_trouble(d->relay->log, relay_now_ms(), &e);
	job_free(j);
	return NULL;
}

/* Routes may have changed since it was taken: it goes where it would go today. */
static void leave_to_other_lanes(struct delivery *d, struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		const char *lane = lane_today(d->settings, str_of(d->lane->named.name),
					      j->message.reverse_path, r->rcpt->address, j->arena);
		bool here = !strcmp(lane, d->lane->named.name);
		if (here && d->route)
			continue;
		bool doubt = r->claim.state == STORE_IN_DOUBT;
		struct store_mark *m = job_mark(d, j, r, doubt ? STORE_IN_DOUBT : STORE_QUEUED);
		m->tries = r->claim.tries;
		m->lane = str_of(lane);
		m->next_ms = relay_now_ms();
		m->why = str_of("the routes have changed");
		if (!here)
			continue;
		m->state = doubt ? STORE_IN_DOUBT : STORE_DELAYED;
		m->next_ms += d->settings->retry.first_s * 1000LL;
		m->why = str_of("no route of the configuration carries it");
	}
}

static bool has_open(const struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN)
			return true;
	return false;
}

static void take_slot(struct delivery *d, int64_t now)
{
	long slot = lane_slot(d->route);
	if (slot)
		d->lane->slot_ms = now + slot;
}

struct job *job_take(struct delivery *d)
{
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	for (;;) {
		struct store_claim c;
		int64_t now = relay_now_ms();
		if (job_detour(d, now))
			return NULL;
		bool pause = d->lane->slot_ms > now || d->lane->stop_ms > now ||
			     (d->lane->pause_ms > now && !d->session) || !job_may_begin(d, now);
		if (d->lane->slot_ms > now)
			lane_wait(d->lanes, d->lane, d->lane->slot_ms);
		size_t n = pause ? 0 : store_claim(d->relay->store, lane, OWNER, now, JOB_LEASE_MS, &c, 1);
		if (d->taker)
			d->lane->takers--;
		d->taker = false;
		struct job *j = n ? job_new(d, &c) : NULL;
		if (!n)
			return NULL;
		if (!j)
			continue;
		claim_siblings(d, j, lane, now);
		leave_to_other_lanes(d, j);
		if (has_open(j) && job_pay(d, j, now)) {
			take_slot(d, now);
			return j;
		}
		job_end(&j);
		net_loop_breathe(d->relay->loop); /* a whole queue may have to move to other lanes */
		if (d->hurry || d->lanes->draining)
			return NULL;
	}
}

/* ---- what becomes of them ---- */

struct store_mark *job_mark(struct delivery *d, struct job *j, struct job_rcpt *r, enum store_state s)
{
	r->fate = FATE_MARKED;
	r->mark = (struct store_mark){
		.id = j->message.id,
		.rcpt = r->claim.rcpt,
		.epoch = r->claim.epoch,
		.state = s,
		.at_ms = relay_now_ms(),
		.next_ms = STORE_NEVER,
		.tries = r->claim.tries + 1,
		.host = str_of(d->host),
		.address = str_of(d->address),
		.tls = str_of(d->tls),
	};
	return &r->mark;
}

bool job_renew(struct job *j)
{
	bool any = false;
	int64_t until = relay_now_ms() + JOB_LEASE_MS;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].fate != FATE_OPEN)
			continue;
		if (store_claim_renew(j->relay->store, &j->v[i].claim, until))
			any = true;
		else
			j->v[i].fate = FATE_GIVEN_BACK;
	}
	return any;
}

void job_give_back(struct job *j, struct job_rcpt *r)
{
	store_claim_release(j->relay->store, &r->claim, relay_now_ms());
	r->fate = FATE_GIVEN_BACK;
}

static void delay(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f,
		  struct store_mark *m)
{
	int64_t ahead = age_ahead_ms(&d->relay->age, m->at_ms, net_loop_now_ms(d->relay->loop));
	const struct schedule_case c = { .now_s = m->at_ms / 1000,
					 .arrived_s = (j->message.arrived_ms + ahead) / 1000,
					 .tries = r->claim.tries + 1,
					 .hint_s = f->judged.hint_s,
					 .dice = dice() };
	long long next = schedule_next(&d->settings->retry, &c);
	m->state = next < 0 ? STORE_EXPIRED : STORE_DELAYED;
	m->next_ms = next < 0 ? STORE_NEVER : next * 1000;
}

/* The route's own trouble: by its next route at once.  The last one's failure leads back to the first. */
static bool go_round(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f,
		     struct store_mark *m)
{
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	const char *next =
		f->judged.next_route ? lane_next(d->settings, lane, r->rcpt->address, j->arena) : NULL;
	const char *own =
		lane_steered(d->settings, lane, false, j->message.reverse_path, r->rcpt->address, j->arena);
	if (next || !str_eq(lane, own))
		m->lane = str_of(next ? next : own);
	if (!next)
		return false;
	m->state = STORE_DELAYED;
	m->next_ms = m->at_ms;
	m->why = str_of(arena_printf(j->arena, "%s%sit goes by the next route, %s", f->why ? f->why : "",
				     f->why && *f->why ? ": " : "", d->route->next));
	return true;
}

void job_fail_rcpt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f)
{
	struct store_mark *m = job_mark(d, j, r, STORE_REFUSED);
	m->host = str_of(f->host);
	m->address = str_of(f->address);
	m->code = f->seen.code;
	m->reply = arena_str(j->arena, f->seen.text);
	m->finding = str_of(f->finding);
	m->why = arena_str(j->arena, str_of(f->why));
	if (!f->judged.for_good && !go_round(d, j, r, f, m))
		delay(d, j, r, f, m);
}

void job_fail(struct delivery *d, struct job *j, const struct failure *f)
{
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].fate != FATE_OPEN && j->v[i].fate != FATE_TAKEN)
			continue;
		if (d->hurry) /* we stop, nobody refused anything */
			job_give_back(j, &j->v[i]);
		else
			job_fail_rcpt(d, j, &j->v[i], f);
	}
}

/* ---- the dot ---- */

/* Recorded before the dot goes out, so that no crash can hide that it did. */
enum store_verdict job_mark_dot(struct delivery *d, struct job *j, struct err *e)
{
	struct store_mark marks[JOB_RCPTS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		if (r->fate != FATE_TAKEN)
			continue;
		marks[n] = *job_mark(d, j, r, STORE_SENDING);
		marks[n].tries = r->claim.tries;
		marks[n].keep_claim = marks[n].dot = true;
		r->fate = FATE_TAKEN;
		n++;
	}
	return relay_mark_wait(d->relay, &j->message, marks, n, e);
}

void job_in_doubt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *why)
{
	struct failure f = *why;
	f.judged = (struct trouble){ 0 };
	job_fail_rcpt(d, j, r, &f);
	if (r->mark.state != STORE_DELAYED)
		return;
	r->mark.state = STORE_IN_DOUBT;
	if (doubt_is_kept(d->settings, j->message.account, d->lane->named.name))
		r->mark.next_ms = STORE_NEVER;
}

/* ---- writing ---- */

static void write_marks(struct job *j);

static bool is_ending(const struct job *j)
{
	return !j->relay->lanes || j->relay->lanes->ending;
}

static void write_again(void *ctx)
{
	struct job *j = ctx;
	uint64_t wait = WRITE_AGAIN_MS * (uint64_t)(j->writes < 15 ? j->writes : 15);
	net_loop_sleep(j->relay->loop, net_loop_now_ms(j->relay->loop) + wait);
	if (is_ending(j))
		job_free(j); /* the store gives back what was claimed */
	else
		write_marks(j);
}

static void wake_lanes(struct job *j)
{
	struct lanes *l = j->relay->lanes;
	for (size_t i = 0; i < j->nmarks; i++) {
		const struct store_mark *m = &j->marks[i];
		if (!store_state_live(m->state))
			continue;
		struct str lane = m->lane.len ? m->lane : j->message.rcpts[m->rcpt].lane;
		bool again = i && !m->lane.len && !j->marks[i - 1].lane.len;
		if (!again)
			lanes_wake(l, lane);
	}
}

/* A full disk must not lose a result: it is written as soon as there is room, and until then
 * nobody else may try these recipients. */
static void on_written(void *ctx, const struct store_done *x)
{
	struct job *j = ctx;
	if (is_ending(j)) {
		job_free(j);
		return;
	}
	if (x->verdict == STORE_FAILED) {
		j->writes++;
		for (size_t i = 0; i < j->n; i++)
			(void)store_claim_renew(j->relay->store, &j->v[i].claim,
						relay_now_ms() + JOB_LEASE_MS);
		net_fiber_start(j->relay->loop, write_again, j);
		return;
	}
	wake_lanes(j);
	job_free(j);
}

static void write_marks(struct job *j)
{
	relay_mark(j->relay, &j->message, j->marks, j->nmarks, on_written, j);
}

void job_end(struct job **jp)
{
	struct job *j = STEAL(*jp);
	job_settle(j);
	store_reader_free(&j->reader);
	j->marks = arena_alloc(j->arena, (j->n + 1) * sizeof(*j->marks));
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		if (r->fate == FATE_MARKED)
			j->marks[j->nmarks++] = r->mark;
		else if (r->fate != FATE_GIVEN_BACK)
			job_give_back(j, r);
	}
	if (j->nmarks)
		write_marks(j);
	else
		job_free(j);
}

/* ---- while a destination is down ---- */

/* One group; false: there was none. */
static bool sweep_group(struct delivery *d, int64_t since_ms,
			void (*fn)(struct delivery *d, struct job *j, const void *ctx), const void *ctx)
{
	CLEANUP(mem_free) struct store_claim *c = mem_grow(NULL, DELIVERY_SWEEP, sizeof(*c));
	const struct str lane = { d->lane->named.name, d->lane->named.len };
	size_t n = store_claim(d->relay->store, lane, OWNER, since_ms, JOB_LEASE_MS, c, DELIVERY_SWEEP);
	for (size_t i = 0; i < n; i++) {
		struct job *j = job_new(d, &c[i]);
		if (!j)
			continue;
		for (; i + 1 < n && j->n < JOB_RCPTS_MAX && c[i + 1].id.seq == c[i].id.seq; i++)
			add(j, &c[i + 1]);
		leave_to_other_lanes(d, j);
		fn(d, j, ctx);
		job_end(&j);
		net_loop_breathe(d->relay->loop);
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

static void fail_swept(struct delivery *d, struct job *j, const void *f)
{
	job_fail(d, j, f);
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
		m->tries = r->claim.tries;
		m->next_ms = m->at_ms;
		m->lane = str_of(next);
		m->why = str_of(arena_printf(j->arena,
					     "route %s is left alone after a failure: it goes by the "
					     "next route, %s",
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
