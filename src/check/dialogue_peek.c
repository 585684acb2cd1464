/* SPDX-License-Identifier: Apache-2.0 */
/* Looks what speaks on a port, without SMTP. */
#include <string.h>

#include "check/dialogue_inner.h"
#include "check/first_bytes.h"

static void look_at_tls(struct dialogue *d, uint64_t until_ms)
{
	enum session_event ev = session_wait(d->s, until_ms);
	dialogue_drain(d);
	if (ev != SESSION_TLS_ENDED) {
		dialogue_broke(d, STEP_STARTTLS, ev);
		return;
	}
	dialogue_record_tls(d, false);
	const struct tls_report *r = session_tls(d->s);
	d->out->spoke_clear = r->result == TLS_NOT_TLS;
	d->out->spoke_other =
		d->out->spoke_clear && strcmp(first_bytes_look_like(str_of(r->first_bytes)), "smtp") != 0;
	d->out->spoke_tls = r->result == TLS_OK || r->alert_received >= 0 || r->nchain > 0;
}

static void look_at_clear(struct dialogue *d, uint64_t until_ms)
{
	enum session_event ev = session_wait(d->s, until_ms);
	struct str raw = session_raw(d->s);
	d->out->spoke_clear = raw.len > 0;
	dialogue_broke(d, STEP_BANNER, ev);
}

bool dialogue_peek(struct probe *p, const struct dialogue_plan *plan, struct dialogue_result *out)
{
	*out = (struct dialogue_result){ .broke = STEP_COUNT };
	if (p->connections >= PROBE_SESSIONS_MAX || !probe_left_ms(p))
		return false;
	struct dialogue d = { .p = p, .plan = plan, .out = out, .no = ++p->sessions };
	out->session = d.no;
	if (dialogue_open(&d, true, plan->connect_ms)) {
		d.step_ms = net_loop_now_ms(p->loop);
		if (plan->security == SECURITY_TLS)
			look_at_tls(&d, probe_within(p, plan->connect_ms));
		else
			look_at_clear(&d, probe_within(p, plan->connect_ms));
	}
	session_free(&d.s);
	return out->connected;
}
