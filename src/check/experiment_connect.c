/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for a connection that did not come up, or broke before a word. */
#include <string.h>

#include "check/experiment.h"

enum { PATIENCE_MS = 1200, GREETING_MS = 2500 };

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

static bool was_tried(const struct probe *p, const char *address, unsigned port)
{
	for (const struct fact *f = NULL; (f = evidence_next(p->ev, FACT_CONNECT, f));)
		if (f->connect.port == (long)port && !strcmp(f->connect.address, address))
			return true;
	return false;
}

/* Up to the greeting, and a QUIT: politer than a connection that says nothing. */
static bool knock(struct probe *p, const char *purpose, const char *changed, const char *host,
		  const char *address, unsigned port, struct dialogue_result *out)
{
	struct dialogue_plan plan = {
		.purpose = purpose,
		.changed = changed,
		.host = host,
		.address = address,
		.port = port,
		.security = port == 465 ? SECURITY_TLS : SECURITY_NONE,
		.until = UNTIL_CONNECT,
		.declare_size = -1,
		.connect_ms = PATIENCE_MS,
		.greeting_ms = GREETING_MS,
	};
	dialogue_run(p, &plan, out);
	return out->connected;
}

/* Which of the other mail ports of the same address answer? */
static void sibling_ports(struct probe *p, const struct main_outcome *m)
{
	for (size_t i = 0; i < ARRAY_LEN(mail_ports); i++) {
		unsigned port = mail_ports[i];
		struct dialogue_result out;
		if (was_tried(p, m->plan.address, port))
			continue;
		const char *changed = arena_printf(p->ev->arena, "port %u", port);
		bool up = knock(p, "port", changed, m->plan.host, m->plan.address, port, &out);
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
	unsigned asked = (unsigned)p->target->target.port;
	for (size_t i = 0, tried = 0; i < ARRAY_LEN(controls) && tried < 2; i++) {
		unsigned port = asked == 465 || asked == 25 ? asked : 587;
		if (controls[i].port != port || is_control(m->plan.host))
			continue;
		tried++;
		const struct dns_answer *a = probe_lookup(p, controls[i].host, "A", 0, "control");
		if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
			continue;
		struct dialogue_result out;
		const char *changed = arena_printf(p->ev->arena, "%s:%u", controls[i].host, port);
		bool up = knock(p, "control-host", changed, controls[i].host, a->records.v[0], port, &out);
		experiment_tell(p, "control-host",
				"Does an unrelated mail server answer on this port from here?", changed,
				up ? "works" : "fails", up ? "it answers" : "it does not answer either",
				out.session);
	}
}

/* A limit on connections at once, which a later one alone passes. */
static bool says_too_many(const struct fact *f)
{
	if (!f || f->reply.code != 421 || strcmp(f->reply.step, "banner") != 0)
		return false;
	return z_ihas(f->reply.text, "concurrent") || z_ihas(f->reply.text, "simultaneous") ||
	       (z_ihas(f->reply.text, "too many") && z_ihas(f->reply.text, "connection"));
}

static bool closed_early(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	if (!m->connected || m->greeted)
		return false;
	bool closed = m->brk && (!strcmp(m->brk->brk.how, "eof") || !strcmp(m->brk->brk.how, "reset"));
	return closed || says_too_many(m->reply);
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

static bool something_failed(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return !m->greeted || (m->verify && !m->verify->verify.trusted);
}

static void other_resolver(struct probe *p, const struct main_outcome *m)
{
	(void)m;
	probe_other_resolver(p);
}

const struct experiment experiments_connect[] = {
	{ "invented-name", not_a_mail_server, invented_name, true },
	{ "sibling-port", not_connected, sibling_ports, false },
	{ "control-host", not_connected, control_host, true },
	{ "other-resolver", something_failed, other_resolver, true },
	{ "polite-retry", closed_early, polite_retry, true },
	{ .name = NULL },
};
