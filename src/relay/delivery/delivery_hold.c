/* SPDX-License-Identifier: Apache-2.0 */
/* A message and its limits: whether it may begin, what it costs, and what is held for how long. */
#include "base/text_time.h"
#include "relay/clock_look.h"
#include "relay/delivery/delivery.h"
#include "relay/tested.h"

static unsigned open_of(const struct job *j)
{
	unsigned n = 0;
	for (size_t i = 0; i < j->n; i++)
		n += j->v[i].fate == FATE_OPEN;
	return n;
}

/* ---- holding ---- */

struct holding {
	const struct lane_caps *caps;
	const char *why;
	int64_t now;
};

/* A message's trail, read where it is asked for. */
struct past {
	struct store_trail trail;
	bool asked, here;
};

/* Of what servers refused for now, again and again, a cap that its last turn met is not why it ends. */
static void keep_cause(struct job *j, struct store_mark *m, struct past *p)
{
	struct err e = { 0 };
	if (!p->asked)
		p->here = store_trail(j->relay->store, j->message.id, j->arena, &p->trail, &e) == 1;
	p->asked = true;
	for (size_t i = p->here ? p->trail.nevents : 0; i; i--) {
		const struct store_event *ev = &p->trail.events[i - 1];
		if (ev->rcpt != m->rcpt || !ev->finding.len)
			continue;
		if (!str_eq(ev->finding, TESTED_FINDING))
			m->finding = ev->finding;
		return;
	}
}

/* Said while it waits, so that who runs the relay can still raise the cap; and at its end, as the cause. */
static void ends_before(struct job *j, struct store_mark *m, const char *why, int64_t room_ms)
{
	char when[TEXT_TIME_BYTES];
	m->finding = STR_LIT(CAPS_OUTLAST_FINDING);
	m->why = str_of(
		m->state == STORE_EXPIRED
			? arena_printf(
				  j->arena,
				  "%s; it had no room before the time for its tries (retry expire) was over",
				  why)
			: arena_printf(j->arena,
				       "%s; it has no room before %s, and the time for its tries (retry "
				       "expire) is over by then",
				       why, text_time(room_ms / 1000, when)));
}

/* What is held until after its end comes to its end on time; what a person held until after it gets its try.
 * In whole seconds, as its last turn comes (lane/schedule.h): what is left of a second holds nothing. */
static void hold_rcpt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct holding *h,
		      int64_t at, struct past *p)
{
	bool doubt = r->claim.state == STORE_IN_DOUBT,
	     untried = !r->claim.tries && r->claim.next_ms > r->claim.expires_ms;
	int64_t ends = r->claim.expires_ms + clock_ahead_ms(d->relay, j->message.arrived_ms);
	bool over = ends / 1000 * 1000 <= h->now && !untried;
	struct store_mark *m = job_mark(d, j, r, over ? STORE_EXPIRED : doubt ? STORE_IN_DOUBT : STORE_HELD);
	m->host = m->address = m->tls = str_of("");
	m->proof = STORE_PROOF_UNKNOWN;
	m->tries = r->claim.tries;
	m->finding = str_eq(r->rcpt->finding, CAPS_OUTLAST_FINDING) ? str_of("") : r->rcpt->finding;
	m->why = arena_str(j->arena, str_of(h->why));
	bool ends_first = at >= ends && !untried;
	if (ends_first)
		ends_before(j, m, h->why, at);
	if (over && m->tries)
		keep_cause(j, m, p);
	if (!over)
		m->next_ms = ends_first ? ends : at;
}

static void hold(struct delivery *d, struct job *j, const void *ctx)
{
	const struct holding *h = ctx;
	struct past past = { .asked = false };
	unsigned n = open_of(j);
	int64_t at = n ? lane_caps_plan(d->lanes, h->caps, j->message.account, n, h->now) : h->now;
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN)
			hold_rcpt(d, j, &j->v[i], h, at, &past);
}

/* ---- the profile's test ---- */

/* The profile that has to pass its test before anything of this lane leaves; NULL: it goes. */
static const struct relay_profile *untested(const struct delivery *d)
{
	const struct lane_as as = lane_as_of(str_of(d->lane->named.name));
	const struct relay_profile *p =
		as.profile.len && !as.untested ? relay_profile_find(d->settings, as.profile) : NULL;
	return p && p->test && !tested_has(d->settings->data, p->name, p->hash) ? p : NULL;
}

static void hold_untested(struct delivery *d, struct job *j, const void *ctx)
{
	const struct relay_profile *p = ctx;
	for (size_t i = 0; i < j->n; i++) {
		struct job_rcpt *r = &j->v[i];
		if (r->fate != FATE_OPEN)
			continue;
		bool doubt = r->claim.state == STORE_IN_DOUBT;
		struct store_mark *m = job_mark(d, j, r, doubt ? STORE_IN_DOUBT : STORE_HELD);
		m->host = m->address = m->tls = str_of("");
		m->proof = STORE_PROOF_UNKNOWN;
		m->tries = r->claim.tries;
		m->finding = STR_LIT(TESTED_FINDING);
		m->why = str_of(arena_printf(j->arena,
					     "profile %s has not passed its test since its settings changed: "
					     "postrider send --test %s",
					     p->name, p->name));
	}
}

bool job_may_begin(struct delivery *d, int64_t now)
{
	const struct relay_profile *p = untested(d);
	if (p) {
		job_sweep(d, now, hold_untested, p);
		return false;
	}
	CLEANUP(arena_free) struct arena *a = NULL;
	struct lane_caps c;
	lane_caps_of(d->lanes, d->settings, d->lane, &c);
	const struct lane_wait w = lane_caps_ask(&c, 1, now);
	if (w.at_ms <= now)
		return true;
	if (w.at_ms <= now + LANE_HOLD_MS) {
		d->lane->slot_ms = w.at_ms;
		return false;
	}
	a = arena_new();
	const struct holding h = { &c, lane_caps_reason(&c, &w, a), now };
	job_sweep(d, now, hold, &h);
	return false;
}

/* ---- paying ---- */

static const struct relay_account *account_of(const struct delivery *d, const struct job *j)
{
	const char *name = j->message.account.len ? arena_str(j->arena, j->message.account).p : "";
	return *name ? relay_account_find(d->settings, name) : NULL;
}

/* Those beyond come with the next job. */
static void give_back_beyond(struct job *j, unsigned room)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN && !(room && room--))
			job_give_back(j, &j->v[i]);
}

bool job_pay(struct delivery *d, struct job *j, int64_t now)
{
	struct lane_caps c;
	lane_caps_of(d->lanes, d->settings, d->lane, &c);
	lane_caps_add_account(d->lanes, account_of(d, j), &c);
	if (!c.n)
		return true;
	const struct lane_wait w = lane_caps_ask(&c, open_of(j), now);
	if (w.at_ms > now) { /* the lane may go: so it is the account's, or it has to go whole */
		const struct holding h = { &c, lane_caps_reason(&c, &w, j->arena), now };
		hold(d, j, &h);
		return false;
	}
	if (d->route->api == RELAY_API_NONE)
		give_back_beyond(j, w.room);
	j->cost.recipients = open_of(j);
	for (size_t i = 0; i < c.n; i++) {
		j->cost.v[j->cost.n++] = c.v[i].row;
		ledger_begin(j->relay->ledger, c.v[i].row, j->cost.recipients, now);
	}
	return true;
}
