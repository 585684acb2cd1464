/* SPDX-License-Identifier: Apache-2.0 */
#include "check/dialogue.h"

#include "check/dialogue_inner.h"

/* Where TLS is at home, silence says more. */
static uint64_t silence_ms(const struct dialogue *d)
{
	bool implicit = d->plan->port % 1000 == 465 || d->plan->port == 993 || d->plan->port == 995;
	return implicit && d->plan->security != SECURITY_TLS ? DIALOGUE_SILENCE_MS / 2 : DIALOGUE_SILENCE_MS;
}

/* No greeting came in time: does the port speak TLS, or something else?  Then none will come. */
static bool speaks_otherwise(struct dialogue *d)
{
	const struct dialogue_plan peek = { .purpose = "implicit-tls",
					    .changed = "TLS from the first byte",
					    .host = d->plan->host,
					    .address = d->plan->address,
					    .port = d->plan->port,
					    .security = SECURITY_TLS,
					    .connect_ms = DIALOGUE_PEEK_MS };
	struct dialogue_result look = { 0 };
	dialogue_peek(d->p, &peek, &look);
	if (!look.spoke_tls && !look.spoke_other)
		return false;
	d->out->spoke_tls = look.spoke_tls;
	return true;
}

/* Waits for the greeting; when it is late, asks on a second connection whether
 * the port speaks TLS, and goes on waiting meanwhile. */
static bool greeting(struct dialogue *d)
{
	unsigned code = 0;
	d->step_ms = net_loop_now_ms(d->p->loop);
	if (d->plan->watch_silence && !d->encrypted) {
		enum session_event ev = session_wait(d->s, probe_within(d->p, silence_ms(d)));
		dialogue_drain(d);
		if (ev == SESSION_REPLY) {
			dialogue_record_reply(d, STEP_BANNER);
			return smtp_client_reply(session_client(d->s))->code / 100 == 2;
		}
		if (ev != SESSION_TIMEOUT || speaks_otherwise(d)) {
			dialogue_broke(d, STEP_BANNER, ev);
			return false;
		}
	}
	return dialogue_reply(d, STEP_BANNER, &code) && code / 100 == 2;
}

static bool conversation(struct dialogue *d)
{
	if (d->plan->security == SECURITY_TLS && !dialogue_tls(d))
		return false;
	if (!greeting(d)) {
		if (d->out->broke == STEP_COUNT)
			d->out->broke = STEP_BANNER;
		return false;
	}
	d->out->greeted = true;
	if (d->plan->until == UNTIL_CONNECT)
		return true;
	if (!dialogue_ehlo(d) || !dialogue_starttls(d))
		return false;
	if (d->plan->until == UNTIL_TLS)
		return true;
	if (d->plan->login && !dialogue_login(d))
		return false;
	if (d->plan->until == UNTIL_AUTH || !d->plan->from)
		return true;
	if (!dialogue_envelope(d))
		return false;
	if (d->plan->message && !d->withheld)
		dialogue_message(d);
	return true;
}

void dialogue_run(struct probe *p, const struct dialogue_plan *plan, struct dialogue_result *out)
{
	*out = (struct dialogue_result){ .broke = STEP_COUNT };
	if (p->connections >= PROBE_SESSIONS_MAX || !probe_left_ms(p)) {
		probe_skip(p, "connect", "no time or no connection left for it");
		out->broke = STEP_CONNECT;
		return;
	}
	struct dialogue d = { .p = p, .plan = plan, .out = out, .no = ++p->sessions };
	out->session = d.no;
	if (dialogue_open(&d, false, 0))
		conversation(&d);
	dialogue_drain(&d);
	if (d.alive)
		dialogue_leave_later(&d);
	session_free(&d.s);
}
