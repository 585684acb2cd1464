/* SPDX-License-Identifier: Apache-2.0 */
/* The connection of a dialogue: opened, and left. */
#include <errno.h>
#include <string.h>

#include "check/dialogue_inner.h"

static const enum session_security transport_of[] = {
	[SECURITY_AUTO] = SESSION_STARTTLS,
	[SECURITY_NONE] = SESSION_PLAIN,
	[SECURITY_STARTTLS] = SESSION_STARTTLS,
	[SECURITY_TLS] = SESSION_TLS,
};

static void record_connect(struct dialogue *d, enum session_event ev)
{
	const struct dialogue_plan *plan = d->plan;
	struct fact *f = probe_fact(d->p, FACT_CONNECT, d->no);
	int no = ev == SESSION_CONNECTED ? 0 : session_errno(d->s);
	f->connect.host = probe_text(d->p, plan->host);
	f->connect.address = probe_text(d->p, plan->address);
	f->connect.family = strchr(plan->address, ':') ? "ipv6" : "ipv4";
	f->connect.port = (long)plan->port;
	f->connect.err_no = no;
	f->connect.result = ev == SESSION_CONNECTED                    ? "ok"
			    : no == ECONNREFUSED                       ? "refused"
			    : no == ETIMEDOUT || ev == SESSION_TIMEOUT ? "timeout"
			    : no == EHOSTUNREACH || no == ENETUNREACH  ? "unreachable"
			    : no == EACCES || no == EPERM              ? "denied"
			    : no == ECONNRESET                         ? "reset"
								       : "error";
	f->connect.error = no ? probe_text(d->p, strerror(no)) : "";
	f->connect.local_address = probe_text(d->p, session_local_address(d->s));
	f->connect.elapsed_ms = session_connect_elapsed_ms(d->s);
	d->out->err_no = no;
	probe_tell(d->p, f);
}

static void record_session(struct dialogue *d)
{
	struct fact *f = probe_fact(d->p, FACT_SESSION, d->no);
	f->dialogue.purpose = probe_text(d->p, d->plan->purpose);
	f->dialogue.host = probe_text(d->p, d->plan->host);
	f->dialogue.address = probe_text(d->p, d->plan->address);
	f->dialogue.port = (long)d->plan->port;
	f->dialogue.security = request_security_name(d->plan->security);
	f->dialogue.changed = probe_text(d->p, d->plan->changed);
	probe_tell(d->p, f);
}

/* A content check may take minutes; with an attachment, some time is kept to try without. */
static uint64_t dot_patience_ms(const struct dialogue *d)
{
	uint64_t left = probe_left_ms(d->p);
	return d->p->req->experiments && d->p->req->attach.n ? left / 2 : left;
}

static struct session_options options_of(const struct dialogue *d)
{
	const struct dialogue_plan *plan = d->plan;
	struct session_options o = {
		.address = plan->address,
		.port = plan->port,
		.security = transport_of[plan->security],
		.offer = { .sni = plan->no_sni || *plan->host == '\0' ? NULL : plan->host,
			   .max = plan->tls_max },
		.bind = d->p->req->bind && *d->p->req->bind ? d->p->req->bind : NULL,
		.connect_ms = plan->connect_ms ? plan->connect_ms : DIALOGUE_CONNECT_MS,
		.until_ms = d->p->until_ms,
	};
	for (size_t i = 0; i < SMTP_COMMANDS; i++)
		o.client.timeout_ms[i] = DIALOGUE_REPLY_MS;
	/* A greeting may be late on purpose (RFC 5321, 4.5.3.2.1 gives it 5 minutes). */
	o.client.timeout_ms[SMTP_CMD_CONNECT] =
		plan->greeting_ms ? plan->greeting_ms : (uint64_t)d->p->req->timeout_s * 1000 * 6 / 10;
	o.client.timeout_ms[SMTP_CMD_DOT] = dot_patience_ms(d);
	return o;
}

/* Nothing of the server was seen then, so nothing may be concluded: no connect fact. */
static bool is_allowed(struct dialogue *d)
{
	const struct net_guard *g = net_guard_here(d->p->loop);
	if (net_guard_allows(g, d->plan->address, d->plan->port))
		return true;
	probe_skip(d->p, "connect",
		   arena_printf(d->p->ev->arena, "%s port %u: checks of this address are not allowed here",
				d->plan->address, d->plan->port));
	d->out->broke = STEP_CONNECT;
	return false;
}

bool dialogue_open(struct dialogue *d, bool raw, uint64_t handshake_ms)
{
	if (!is_allowed(d))
		return false;
	dialogue_leave(d->p, SESSION_AWAIT_221);
	record_session(d);
	struct session_options o = options_of(d);
	o.raw = raw;
	o.handshake_ms = handshake_ms;
	d->s = session_open(d->p->loop, &o);
	d->p->connections++;
	enum session_event ev = session_wait(d->s, d->p->until_ms);
	dialogue_drain(d);
	record_connect(d, ev);
	d->alive = d->out->connected = ev == SESSION_CONNECTED;
	if (!d->alive)
		d->out->broke = STEP_CONNECT;
	return d->alive;
}

/* The 221 need not be waited for unless somebody is to connect again: a server may
 * count connections until it has seen the end of the last. */
void dialogue_leave_later(struct dialogue *d)
{
	session_say_quit(d->s);
	dialogue_drain(d);
	d->p->leaving_no = d->no;
	d->p->leaving = STEAL(d->s);
}

void dialogue_leave(struct probe *p, enum session_patience patience)
{
	struct dialogue d = { .p = p, .s = p->leaving, .no = p->leaving_no };
	if (!p->leaving)
		return;
	session_quit(d.s, patience);
	dialogue_drain(&d);
	session_free(&p->leaving);
}
