/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for a connection that did not come up, or broke before a word. */
#include <string.h>

#include "check/experiment.h"

static const unsigned mail_ports[] = { 587, 465, 25, 2525 };

/* Hosts that answer the whole internet, to tell this network from that server. */
static const struct {
	const char *host;
	unsigned port;
} controls[] = {
	{ "smtp.gmail.com", 587 },      { "smtp.office365.com", 587 },        { "smtp.gmail.com", 465 },
	{ "smtp.mail.yahoo.com", 465 }, { "gmail-smtp-in.l.google.com", 25 }, { "mx1.mail.icloud.com", 25 }
};

static bool not_connected(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return !m->connected;
}

/* Which of the other mail ports of the same address answer? */
static void sibling_ports(struct probe *p, const struct main_outcome *m)
{
	for (size_t i = 0; i < ARRAY_LEN(mail_ports); i++) {
		unsigned port = mail_ports[i];
		struct dialogue_result out;
		if (port == m->plan.port)
			continue;
		const char *changed = arena_printf(p->ev->arena, "port %u", port);
		bool up = dialogue_peek(p, "port", changed, m->plan.host, m->plan.address, port, port == 465,
					1500, &out);
		experiment_tell(p, "sibling-port", "Does the same server answer on another mail port?",
				changed, up ? "works" : "fails",
				up ? "it answers there" : "no answer there either", out.session);
	}
}

static bool is_control(const char *host)
{
	for (size_t i = 0; i < ARRAY_LEN(controls); i++)
		if (!strcmp(controls[i].host, host))
			return true;
	return false;
}

/* Does any server of the world answer on this port from here? */
static void control_host(struct probe *p, const struct main_outcome *m)
{
	for (size_t i = 0, tried = 0; i < ARRAY_LEN(controls) && tried < 2; i++) {
		unsigned port = m->plan.port == 465 || m->plan.port == 25 ? m->plan.port : 587;
		if (controls[i].port != port || is_control(m->plan.host))
			continue;
		tried++;
		const struct dns_answer *a = probe_lookup(p, controls[i].host, "A", 0, "control");
		if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
			continue;
		struct dialogue_result out;
		const char *changed = arena_printf(p->ev->arena, "%s:%u", controls[i].host, port);
		bool up = dialogue_peek(p, "control-host", changed, controls[i].host, a->records.v[0], port,
					port == 465, 1500, &out);
		experiment_tell(p, "control-host",
				"Does an unrelated mail server answer on this port from here?", changed,
				up ? "works" : "fails", up ? "it answers" : "it does not answer either",
				out.session);
	}
}

static bool closed_early(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	if (!m->connected || m->greeted)
		return false;
	bool closed = m->brk && (!strcmp(m->brk->brk.how, "eof") || !strcmp(m->brk->brk.how, "reset"));
	return closed || (m->reply && m->reply->reply.code == 421 && !strcmp(m->reply->reply.step, "banner"));
}

/* One later, single, polite try: a limit on connections passes, a ban stays. */
static void polite_retry(struct probe *p, const struct main_outcome *m)
{
	enum { PAUSE_MS = 1500 };
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	net_loop_sleep(p->loop, probe_within(p, PAUSE_MS));
	plan.purpose = "retry";
	plan.changed = "one more try after a pause, alone";
	plan.until = UNTIL_CONNECT;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "polite-retry", "Does a later, single connection get through?", plan.changed,
			out.greeted ? "works" : "fails", out.greeted ? "it is greeted" : "the same again",
			out.session);
}

static bool not_a_mail_server(const struct probe *p, const struct main_outcome *m)
{
	return !m->greeted && !evidence_session(p->ev, "mx") && !m->spoke_tls;
}

/* A name that nobody has: a resolver that answers it sent us here by invention. */
static void invented_name(struct probe *p, const struct main_outcome *m)
{
	(void)m;
	probe_random_name(p);
}

const struct experiment experiments_connect[] = {
	{ "invented-name", not_a_mail_server, invented_name },
	{ "sibling-port", not_connected, sibling_ports },
	{ "control-host", not_connected, control_host },
	{ "polite-retry", closed_early, polite_retry },
	{ NULL, NULL, NULL },
};
