/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a job's recipients: which mark each failure makes, and when it is tried again. */
#include <string.h>
#include <sys/random.h>

#include "catalog/reply_place.h"
#include "relay/clock_look.h"
#include "relay/copies.h"
#include "relay/delivery/delivery.h"
#include "relay/doubt.h"
#include "relay/lane/schedule.h"
#include "relay/own_route.h"

static double dice(void)
{
	unsigned x = 0;
	(void)!getrandom(&x, sizeof(x), 0);
	return x / 4294967296.0;
}

/* With the one that is over now.  A first one that a crash cut behind its dot was one as well, though nothing
 * counted it: who reads its end looks at what went out before. */
static unsigned tries_of(const struct store_claim *c)
{
	bool cut = c->state == STORE_IN_DOUBT && !c->tries;
	return c->tries + 1 + cut;
}

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
		.tries = tries_of(&r->claim),
		.host = str_of(d->host),
		.address = str_of(d->address),
		.tls = str_of(d->tls),
		.proof = d->proof,
	};
	return &r->mark;
}

void job_delay(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f,
	       struct store_mark *m)
{
	const struct schedule_case c = {
		.now_s = (m->at_ms + 999) / 1000, /* never before a server's hint */
		.arrived_s = (j->message.arrived_ms + clock_ahead_ms(d->relay, j->message.arrived_ms)) / 1000,
		.due_s = r->claim.state == STORE_DELAYED ? 0 : r->claim.next_ms / 1000,
		.tries = r->claim.tries + 1 + f->slower,
		.hint_s = f->judged.hint_s,
		.dice = dice()
	};
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
	const struct relay_sender sender = { j->message.reverse_path, j->message.account };
	const char *own = lane_steered(d->settings, lane, false, sender, r->rcpt->address, j->arena);
	if (next || !str_eq(lane, own))
		m->lane = str_of(next ? next : own);
	if (!next)
		return false;
	m->state = STORE_DELAYED;
	m->next_ms = m->at_ms;
	m->why = str_of(arena_printf(j->arena, "%s%s" OWN_ROUTE_NEXT "%s", f->why ? f->why : "",
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
	m->finding = str_of(f->seen.at != TROUBLE_DOT ? f->finding
						      : reply_place_for(f->finding, f->seen.text,
									r->rcpt->address, d->route->mx));
	m->why = arena_str(j->arena, str_of(f->why));
	if (!f->judged.for_good && !go_round(d, j, r, f, m))
		job_delay(d, j, r, f, m);
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
	company_heard(&d->relay->deliveries, &d->heard, net_loop_now_ms(d->relay->loop));
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

/* Copies that went out before this one and were never answered. */
static unsigned copies_before(struct delivery *d, const struct job *j, const struct job_rcpt *r)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	bool first = !r->claim.tries && r->claim.state != STORE_IN_DOUBT;
	if (first || store_trail(d->relay->store, j->message.id, a, &t, &e) != 1)
		return 0;
	return copies_in_doubt(&t, r->claim.rcpt);
}

/* One copy more would be one too many: whether it arrived only its recipient can say. */
static void end_in_doubt(struct job *j, struct job_rcpt *r, unsigned copies)
{
	r->mark.state = STORE_EXPIRED;
	r->mark.next_ms = STORE_NEVER;
	r->mark.why = str_of(arena_printf(j->arena,
					  STR_FMT "%sall of it went out and %s came: %s; ask the recipient "
						  "before it is sent again",
					  STR_ARG(r->mark.why), r->mark.why.len ? "; " : "",
					  copies_answer(r->mark.code), copies_words(j->arena, copies)));
}

void job_in_doubt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *why)
{
	unsigned before = copies_before(d, j, r);
	struct failure f = *why;
	f.judged = (struct trouble){ 0 };
	f.slower = before * COPIES_SLOWER;
	job_fail_rcpt(d, j, r, &f);
	bool kept = doubt_is_kept(d->settings, j->message.account, d->lane->named.name);
	if (r->mark.state == STORE_EXPIRED || (!kept && before + 1 >= COPIES_MAX)) {
		end_in_doubt(j, r, before + 1);
		return;
	}
	r->mark.state = STORE_IN_DOUBT;
	if (kept)
		r->mark.next_ms = STORE_NEVER;
}
