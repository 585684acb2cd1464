/* SPDX-License-Identifier: Apache-2.0 */
#include "check/experiment.h"

#include <string.h>

static const struct experiment *const tables[] = { experiments_authority, experiments_connect,
						   experiments_tls,       experiments_smtp,
						   experiments_auth,      experiments_message,
						   experiments_relay,     experiments_clock };

/* A second look at the port found TLS from the first byte on. */
static bool spoke_tls(const struct evidence *ev)
{
	const struct fact *look = evidence_session(ev, "implicit-tls");
	const struct fact *tls = look ? evidence_last(ev, FACT_TLS, look->session) : NULL;
	return tls && (!strcmp(tls->tls.result, "ok") || tls->tls.alert_received_code >= 0);
}

static struct main_outcome main_outcome_of(struct probe *p)
{
	struct main_outcome m = { .plan = dialogue_main_plan(p) };
	const struct fact *s = evidence_session(p->ev, "main");
	if (!s)
		return m;
	m.session = s->session;
	m.connect = evidence_last(p->ev, FACT_CONNECT, m.session);
	m.tls = evidence_last(p->ev, FACT_TLS, m.session);
	m.verify = evidence_last(p->ev, FACT_VERIFY, m.session);
	m.ehlo = evidence_last(p->ev, FACT_EHLO, m.session);
	m.brk = evidence_last(p->ev, FACT_BREAK, m.session);
	m.reply = evidence_last(p->ev, FACT_REPLY, m.session);
	m.bytes = evidence_last(p->ev, FACT_BYTES, m.session);
	m.connected = m.connect && !strcmp(m.connect->connect.result, "ok");
	const struct fact *banner = evidence_in(p->ev, FACT_REPLY, m.session, NULL);
	m.greeted = banner && banner->reply.code / 100 == 2;
	m.spoke_tls = spoke_tls(p->ev);
	m.plan.host = s->dialogue.host;
	m.plan.address = s->dialogue.address;
	m.plan.port = (unsigned)s->dialogue.port;
	m.plan.login = m.plan.watch_silence = m.plan.ask_control = false;
	m.plan.until = UNTIL_TLS;
	m.plan.greeting_ms = 5000;
	m.plan.connect_ms = 3000;
	return m;
}

void probe_experiments(struct probe *p)
{
	struct main_outcome m = main_outcome_of(p);
	if (!m.session)
		return;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct experiment *x = tables[i]; x->name && probe_left_ms(p) > 500; x++)
			if ((!p->told_to_go || x->though_sent_away) && x->wanted(p, &m))
				x->run(p, &m);
}
