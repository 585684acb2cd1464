/* SPDX-License-Identifier: Apache-2.0 */
/* One job: one host after the other until each recipient has its fate. */
#include <strings.h>

#include "relay/delivery/delivery.h"

static uint64_t now_of(const struct delivery *d)
{
	return net_loop_now_ms(d->relay->loop);
}

/* ---- one host after the other ---- */

/* Lost in the midst of one message: that may be the message.  The others go on over a new session. */
static bool may_be_the_message(struct delivery *d, const struct failure *f)
{
	return f->judged.scope == TROUBLE_HOST && f->seen.at >= TROUBLE_MAIL && !f->judged.of_service &&
	       ++d->lane->drops < LANE_DROPS_MAX;
}

/* A server's word about a message or a recipient, behind which we had to leave the connection. */
static bool is_the_message(const struct failure *f)
{
	return f->judged.scope <= TROUBLE_MESSAGE && f->seen.code;
}

/* What was ours, or about a certificate or a token, is no silence.  Where the hosts said nothing at all, that
 * is so for all domains there; not in a provider's group, which has other hosts, too. */
static void note_silence(struct delivery *d, const struct failure *f)
{
	enum trouble_at at = f->seen.at;
	if (f->seen.code || at == TROUBLE_TLS || at == TROUBLE_AUTH || at == TROUBLE_HERE)
		return;
	lane_is_silent(d->lanes, d->lane, !d->of_provider && at >= TROUBLE_CONNECT && at <= TROUBLE_EHLO);
}

static void destination_failed(struct delivery *d, const struct failure *f)
{
	if (is_the_message(f) || may_be_the_message(d, f)) {
		d->over = true;
		return;
	}
	bool login = f->seen.at == TROUBLE_AUTH;
	note_silence(d, f);
	const bool said = f->seen.text.len > 0;
	const struct lane_word word = { .host = str_of(said ? f->host : ""),
					.reply = said ? f->seen.text : str_of(f->why),
					.code = f->seen.code,
					.finding = f->finding };
	lane_failed(d->lane, &f->judged, d->route, login, d->known_fails, &word);
	if (f->judged.account)
		lane_account_failed(d->lanes, d->lane, f->judged.blocked);
	d->over = true;
	job_sweep_failed(d, f);
}

static void went_well(struct delivery *d)
{
	lane_well(d->lane);
	lane_has_answered(d->lanes, d);
}

/* Each address may take its time: all of them together may take longer than a lease. */
static bool connected(struct delivery *d, struct job *j)
{
	while (!d->session && d->target < d->plan.n) {
		(void)job_renew(j);
		if (!delivery_open(d) && !d->failure.judged.next_host)
			return false;
	}
	(void)job_renew(j);
	return d->session != NULL;
}

/* A connection that had been waiting may have been closed meanwhile, and many servers take so many messages
 * of one: that says nothing of the server. */
static bool was_used_up(const struct delivery *d)
{
	const struct failure *f = &d->failure;
	return d->done && (!f->seen.code || (f->judged.used_up && f->seen.at < TROUBLE_DOT));
}

static bool others_are_known(void *ctx)
{
	const struct delivery *d = ctx;
	return d->hurry || delivery_let_in(d) || !delivery_at_the_gate(d);
}

/* Not let in while others of the lane are, or may still be, or others of its hosts' are: perhaps the server
 * has as many of us as it wants.  They take the message, or make room for it; only the last one left says
 * that the destination fails.  Of a provider only those count that were let in: else two sessions to a dead
 * host would relieve each other for ever, as its cap is that of all its hosts, and leaves room for both. */
static bool is_one_too_many(struct delivery *d)
{
	enum { PATIENCE_MS = 5000 };
	const struct failure *f = &d->failure;
	if (f->judged.scope != TROUBLE_HOST || f->seen.at > TROUBLE_EHLO)
		return false;
	if (f->seen.code)
		(void)net_loop_wait(d->relay->loop, others_are_known, d, now_of(d) + PATIENCE_MS);
	unsigned own = d->lane->sessions - 1, in = delivery_let_in(d),
		 others = d->of_provider || in > own ? in : own;
	bool may_count = f->seen.code && !d->of_provider && lane_was_well(d->lane);
	if (!others && !may_count)
		return false;
	if (others)
		lane_cap(d->lane, d->of_provider ? d->lane->group->sessions - 1 : others, d->of_provider);
	d->over = true;
	return true;
}

/* Hosts that may not have the message. */
struct unfit {
	size_t addresses;
	bool may_heal;
	struct failure heals; /* why the first one may not for now; and its TLS */
	const char *tls;
	enum store_proof proof;
};

/* This host may not have the message: its others are asked, each once.  False: there are none. */
static bool next_fit(struct delivery *d, struct unfit *u)
{
	size_t here = d->target;
	if (!d->failure.judged.for_good && !u->may_heal) {
		u->may_heal = true;
		u->heals = d->failure;
		u->tls = d->tls;
		u->proof = d->proof;
	}
	delivery_close(d, true);
	while (d->target < d->plan.n && delivery_same_host(d, d->target, here))
		d->target++;
	u->addresses += d->target - here;
	return d->target < d->plan.n;
}

/* For good when every address was asked and none of them may have it later, else for now.  Says nothing of
 * the destination: what comes next begins with the first host again. */
static void none_fits(struct delivery *d, struct job *j, const struct unfit *u)
{
	if (u->may_heal) {
		d->failure = u->heals;
		d->tls = u->tls;
		d->proof = u->proof;
	}
	if (u->addresses < d->plan.n)
		d->failure.judged.for_good = false;
	job_fail(d, j, &d->failure);
	d->target = 0;
}

static void not_let_in(struct delivery *d, struct job *j, const struct unfit *u)
{
	if (d->failure.seen.at == TROUBLE_HERE) {
		d->over = true; /* nobody was tried: its claims go back with the job */
	} else if (u->addresses) {
		none_fits(d, j, u);
	} else if (!is_one_too_many(d)) { /* else its claims go back with the job */
		job_fail(d, j, &d->failure);
		destination_failed(d, &d->failure);
	}
}

static enum mail_end hand_over(struct delivery *d, struct job *j)
{
	d->mailing = true;
	if (!d->hurry)
		session_set_end(d->session, now_of(d) + DELIVERY_MAIL_MS);
	enum mail_end end = delivery_mail(d, j);
	d->mailing = false;
	return end;
}

/* The look-up had no room on this machine: no name server is to blame, and no destination. */
static bool lacked_here(struct delivery *d)
{
	int number = d->plan.lack;
	if (d->plan.result != MX_TROUBLE)
		return false;
	if (lane_is_lack(number)) {
		lanes_lack(d->lanes, number);
		return true;
	}
	return lanes_are_short(d->lanes);
}

/* It went along in a session with stricter rules, which is over now: its own are kept for the next one. */
static void plan_again(struct delivery *d, const struct job *j)
{
	delivery_choose_plan(d, j);
	if (d->planned)
		return;
	delivery_plan(d);
	if (d->plan.result == MX_READY)
		return;
	if (lacked_here(d))
		(void)delivery_broke(d, TROUBLE_HERE, "", "this machine had no room for a look-up");
	else
		(void)delivery_no_way(d);
}

/* This session is of no use any more; another address may be, unless the failure is everybody's. */
static void leave_host(struct delivery *d, const struct job *j)
{
	bool again = was_used_up(d);
	delivery_close(d, false);
	if (!again)
		d->target++;
	if (!d->failure.judged.next_host)
		d->target = d->plan.n;
	else if (again)
		plan_again(d, j);
}

/* Tries the job on one host after the other until each recipient has its fate. */
static void deliver(struct delivery *d, struct job *j)
{
	enum mail_end end = MAIL_HOST_FAILED;
	struct unfit unfit = { 0 };
	while (end == MAIL_HOST_FAILED || end == MAIL_UNFIT) {
		if (!d->session && !connected(d, j)) {
			not_let_in(d, j, &unfit);
			return;
		}
		if (!job_renew(j))
			return;
		end = hand_over(d, j);
		if (end == MAIL_HOST_FAILED)
			leave_host(d, j);
		if (end == MAIL_UNFIT && !next_fit(d, &unfit)) {
			none_fits(d, j, &unfit);
			return;
		}
	}
	if (end == MAIL_STOPPED || !d->session)
		destination_failed(d, &d->failure);
	else
		went_well(d);
	d->done++;
	d->sent++;
}

/* A connection to its hosts stands and has nothing to do: that one does it. */
static bool is_handed_on(struct delivery *d)
{
	struct delivery *idle = d->session ? NULL : delivery_idle_beside(d->lanes, d->lane, &d->plan);
	if (idle)
		delivery_turn(idle, d->lane);
	return idle;
}

/* Many domains were found to lead to the same hosts: this session is one too many, or its turn comes later.
 */
static bool crowded(struct delivery *d, const struct lane_group *before)
{
	struct lane_group *g = d->lane->group;
	bool early = g != before && g->slot_ms > relay_now_ms();
	if (early || is_handed_on(d) || g->sessions > lane_group_max(d->lanes, d->lane))
		return true;
	if (g != before)
		delivery_take_slot(d, relay_now_ms());
	return false;
}

static void deliver_by_api(struct delivery *d, struct job *j)
{
	if (!job_renew(j))
		return;
	if (delivery_api(d, j))
		went_well(d);
	else
		destination_failed(d, &d->failure);
	d->done++;
	d->sent++;
}

void delivery_attempt(struct delivery *d, struct job *j)
{
	if (d->route->api != RELAY_API_NONE) {
		deliver_by_api(d, j);
		return;
	}
	delivery_choose_plan(d, j);
	bool first = !d->planned;
	const struct lane_group *before = d->lane->group;
	if (first)
		delivery_plan(d);
	if (first && crowded(d, before)) { /* the job's claims go back with it */
		d->over = true;
		return;
	}
	if (first && d->session)
		(void)delivery_ride(d);
	else if (first)
		delivery_choose_first(d, j);
	if (d->plan.result == MX_READY) {
		deliver(d, j);
		return;
	}
	if (lacked_here(d)) {
		d->over = true; /* its claims go back with the job */
		return;
	}
	const struct failure *f = delivery_no_way(d);
	job_fail(d, j, f);
	if (f->judged.scope == TROUBLE_DESTINATION)
		destination_failed(d, f);
}
