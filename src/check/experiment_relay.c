/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments about a relay's standing: whom it serves, where it listens, and
 * whether the sender's own domain has a server that answers. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/experiment.h"
#include "mail/suffix.h"
#include "smtp/host.h"

enum { MX_LOOKED_UP_MAX = 3, PEEK_MS = 1500 };

/* NULL: none, or an address literal, which has no records. */
static const char *domain_of(const char *address)
{
	const char *domain = z_domain(address);
	return *domain && *domain != '[' ? domain : NULL;
}

static bool took_without_login(const struct probe *p, const struct main_outcome *m)
{
	const struct fact_target *t = &p->target->target;
	const struct fact *auth = evidence_last(p->ev, FACT_AUTH, m->session);
	bool accepted = false;
	for (const struct fact *f = NULL; (f = evidence_in(p->ev, FACT_REPLY, m->session, f));)
		accepted = accepted || (!strcmp(f->reply.step, "rcpt") && f->reply.code / 100 == 2 &&
					strlist_has(&t->to, f->reply.recipient));
	return accepted && !auth && t->to.n && domain_of(t->from) && domain_of(t->to.v[0]);
}

/* Which servers receive for a domain: is this one of them?  Told by addresses of the kind we connected to. */
static void servers_of(struct probe *p, const struct main_outcome *m, const char *domain, const char *purpose)
{
	const char *type = m->connect && strchr(m->connect->connect.address, ':') ? "AAAA" : "A";
	const struct dns_answer *mx = probe_lookup(p, domain, "MX", 0, purpose);
	for (size_t i = 0; mx && i < mx->records.n && i < MX_LOOKED_UP_MAX; i++) {
		const char *name = strchr(mx->records.v[i], ' ');
		if (name && strcmp(name + 1, ".") != 0)
			probe_lookup(p, name + 1, type, 0, purpose);
	}
}

static void whom_it_serves(struct probe *p, const struct main_outcome *m)
{
	servers_of(p, m, domain_of(p->target->target.from), "server-of-from");
	servers_of(p, m, domain_of(p->target->target.to.v[0]), "server-of-to");
}

/* An address of this very machine: one can bind to it. */
static bool is_own_address(const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool six = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	if (!six && inet_pton(AF_INET, address, &v4.sin_addr) != 1)
		return false;
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	int bad = six ? bind(fd, (struct sockaddr *)&v6, sizeof(v6))
		      : bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	close(fd);
	return !bad;
}

static bool refused_at_own_address(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return m->connect && !strcmp(m->connect->connect.result, "refused") &&
	       !smtp_host_is_loopback(m->plan.address) && is_own_address(m->plan.address);
}

/* The machine is this one: does the port answer on loopback only? */
static void loopback(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_result out;
	const char *address = strchr(m->plan.address, ':') ? "::1" : "127.0.0.1";
	const char *changed = arena_printf(p->ev->arena, "%s port %u", address, m->plan.port);
	const struct dialogue_plan peek = { .purpose = "loopback",
					    .changed = changed,
					    .host = "",
					    .address = address,
					    .port = m->plan.port,
					    .security = m->plan.port == 465 ? SECURITY_TLS : SECURITY_NONE,
					    .connect_ms = PEEK_MS };
	bool up = dialogue_peek(p, &peek, &out);
	experiment_tell(p, "loopback", "Does it answer on the machine's loopback address?", changed,
			up ? "works" : "fails", up ? "it answers there" : "no answer there either",
			out.session);
}

static const char *own_domain(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	return domain_of(strchr(t->user, '@') ? t->user : t->from);
}

static bool is_elsewhere(const struct probe *p, const char *domain)
{
	const char *a = suffix_registered(p->ev->arena, p->target->target.host);
	const char *b = suffix_registered(p->ev->arena, domain);
	return a && b && strcmp(a, b) != 0;
}

/* A name that access providers and hosters give to what they send through. */
static bool is_named_for_sending(const char *host)
{
	static const char *const names[] = { "smtp", "relay", "out", "send", "asmtp", "mailout", "postout" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (z_istarts(host, names[i]))
			return true;
	return false;
}

/* A server of another company will not relay for the sender's domain. */
static bool refused_elsewhere(const struct probe *p, const struct main_outcome *m)
{
	const char *domain = own_domain(p);
	const struct fact *auth = evidence_last(p->ev, FACT_AUTH, m->session);
	bool relay = m->reply && m->reply->reply.code >= 550 && !strcmp(m->reply->reply.step, "rcpt");
	return relay && !auth && !p->told_to_go && domain && is_named_for_sending(p->target->target.host) &&
	       is_elsewhere(p, domain);
}

/* The name of the domain's own submission server, as published or as usual. */
static const char *own_server(struct probe *p, const char *domain)
{
	const char *srv = arena_printf(p->ev->arena, "_submission._tcp.%s", domain);
	const struct dns_answer *a = probe_lookup(p, srv, "SRV", 0, "own-server");
	const char *target = a && a->records.n ? strrchr(a->records.v[0], ' ') : NULL;
	static const char *const usual[] = { "mail", "smtp" };
	if (target && strcmp(target + 1, ".") != 0)
		return target + 1;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		const char *name = arena_printf(p->ev->arena, "%s.%s", usual[i], domain);
		a = probe_lookup(p, name, "A", 0, "own-server");
		if (a && a->status == DNS_ANSWER_OK && a->records.n)
			return name;
	}
	return NULL;
}

static bool answers(struct probe *p, const char *name, unsigned port, struct dialogue_result *out)
{
	const struct dns_answer *a = probe_lookup(p, name, "A", 0, "own-server");
	struct dialogue_plan plan = dialogue_main_plan(p);
	if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
		return false;
	plan.purpose = "own-server";
	plan.changed = arena_printf(p->ev->arena, "%s port %u", name, port);
	plan.host = name;
	plan.address = a->records.v[0];
	plan.port = port;
	plan.security = SECURITY_AUTO;
	plan.until = UNTIL_TLS;
	plan.login = plan.watch_silence = plan.ask_control = false;
	plan.connect_ms = plan.greeting_ms = PEEK_MS;
	dialogue_run(p, &plan, out);
	return out->ehlo;
}

/* Would the server of the sender's own domain be the right one? */
static void ask_own_server(struct probe *p, const struct main_outcome *m)
{
	(void)m;
	struct dialogue_result out = { 0 };
	const char *name = own_server(p, own_domain(p));
	if (!name || str_ieq(str_of(name), p->target->target.host))
		return;
	bool up = answers(p, name, 587, &out) || answers(p, name, m->plan.port, &out);
	experiment_tell(p, "own-server", "Does the server of the sender's own domain answer?", name,
			up ? "works" : "fails", up ? "it answers" : "it does not answer", out.session);
}

const struct experiment experiments_relay[] = {
	{ "whom-it-serves", took_without_login, whom_it_serves, false },
	{ "loopback", refused_at_own_address, loopback, false },
	{ "own-server", refused_elsewhere, ask_own_server, false },
	{ .name = NULL },
};
