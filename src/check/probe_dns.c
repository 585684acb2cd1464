/* SPDX-License-Identifier: Apache-2.0 */
/* From the server's name to its addresses; and when that fails, what exactly fails. */
#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "catalog/provider.h"
#include "check/experiment.h"
#include "net/dns_conf.h"
#include "net/route.h"

static int family_of(const char *s)
{
	unsigned char b[16];
	return inet_pton(AF_INET, s, b) == 1 ? 4 : inet_pton(AF_INET6, s, b) == 1 ? 6 : 0;
}

static bool wanted(const struct probe *p, int family)
{
	return !p->req->family || p->req->family == family;
}

static void take(struct probe *p, const struct dns_answer *a)
{
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < a->records.n; i++)
		if (p->addresses.n < PROBE_ADDRESSES_MAX)
			strlist_add(&p->addresses, p->ev->arena, a->records.v[i]);
}

/* Two views of one name: the resolver that was named, and the one this system uses. */
void probe_other_resolver(struct probe *p)
{
	const char *host = p->target->target.host;
	struct dns_server servers[DNS_SERVERS_MAX];
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (!p->req->resolver || !*p->req->resolver || !*host || family_of(host))
		return;
	if (!dns_resolv_conf_read(dns_file_read("/etc/resolv.conf", a), servers) ||
	    !strcmp(servers[0].text, dns_resolver(p->dns)))
		return;
	probe_answer(p,
		     dns_ask(p->dns, host, "A", DNS_NO_HOSTS | DNS_ONE_TRY, probe_text(p, servers[0].text)),
		     "other-resolver");
}

static bool is_this_machine(const char *host)
{
	return !strcmp(host, "localhost") || z_istarts(host, "localhost.");
}

/* The hosts file answered: what does DNS say of the same name? */
static void past_hosts_file(struct probe *p, const char *host, const struct dns_answer *a)
{
	bool hosts = a && a->status == DNS_ANSWER_OK && !strcmp(a->via, "hosts");
	if (hosts && p->req->experiments && !is_this_machine(host))
		probe_lookup(p, host, "A", DNS_NO_HOSTS, "reference");
}

static const char *parent_of(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot && strchr(dot + 1, '.') ? dot + 1 : NULL;
}

/* NXDOMAIN: is it the name, and what was meant?  A name that cannot exist tells
 * whether this resolver invents answers. */
static void after_nxdomain(struct probe *p, const char *host)
{
	struct arena *a = p->ev->arena;
	const char *near = provider_near_host(host), *parent = parent_of(host);
	const char *base = parent ? parent : host;
	if (near)
		probe_lookup(p, near, "A", 0, "near");
	if (parent)
		probe_lookup(p, parent, "A", 0, "parent");
	static const char *const usual[] = { "smtp", "mail" };
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		const char *name = arena_printf(a, "%s.%s", usual[i], base);
		if (strcmp(name, host) != 0)
			probe_lookup(p, name, "A", 0, "near");
	}
}

/* Does this machine know any way out?  By its tables alone: nothing is sent to the root
 * server whose addresses stand for the internet. */
static void look_for_route(struct probe *p)
{
	bool out = !net_route_errno("198.41.0.4") || !net_route_errno("2001:503:ba3e::2:30");
	experiment_tell(p, "route", "Does this computer know a way to the internet?", "",
			out ? "works" : "fails", out ? "there is a route" : "there is no route", 0);
}

/* The resolver failed: with checking off, over TCP, with another small question. */
static void after_failure(struct probe *p, const char *host, const struct dns_answer *first)
{
	const char *parent = parent_of(host);
	if (!first || first->status == DNS_ANSWER_TIMEOUT) {
		look_for_route(p);
		probe_lookup(p, parent ? parent : "example.com", "SOA", DNS_ONE_TRY, "small");
		probe_lookup(p, host, "A", DNS_TCP | DNS_ONE_TRY | DNS_NO_HOSTS, "tcp");
		return;
	}
	if (first->status == DNS_ANSWER_SERVFAIL || first->status == DNS_ANSWER_BOGUS)
		probe_lookup(p, host, "A", DNS_CD | DNS_NO_HOSTS, "cd");
	probe_lookup(p, "example.com", "A", DNS_ONE_TRY | DNS_NO_HOSTS, "control");
}

static void after_nodata(struct probe *p, const char *host)
{
	probe_lookup(p, host, "MX", 0, "parent");
	probe_lookup(p, host, "TXT", 0, "parent");
}

static void follow_up(struct probe *p, const char *host, const struct dns_answer *a4)
{
	if (!p->req->experiments)
		return;
	if (a4 && a4->status == DNS_ANSWER_NXDOMAIN)
		after_nxdomain(p, host);
	else if (a4 && a4->status == DNS_ANSWER_NODATA)
		after_nodata(p, host);
	else
		after_failure(p, host, a4);
}

/* A name nobody has: a resolver that answers it invents addresses. */
void probe_random_name(struct probe *p)
{
	unsigned long long mix = (unsigned long long)net_loop_now_ms(p->loop) * 2654435761ULL;
	const char *name = arena_printf(p->ev->arena, "nx-%08llx.example.com", mix & 0xffffffff);
	probe_lookup(p, name, "A", DNS_ONE_TRY, "random");
}

/* Both are asked at once; when one has addresses, the other gets a moment more
 * (RFC 8305, 3), so that a resolver deaf to AAAA costs little. */
static void wait_for_both(struct probe *p, struct dns_question *q4, struct dns_question *q6)
{
	enum { OTHER_FAMILY_MS = 300 };
	struct dns_question *first = q4 ? q4 : q6, *second = q4 && q6 ? q6 : NULL;
	const struct dns_answer *a = dns_wait(p->dns, first, p->until_ms);
	bool enough = a && a->status == DNS_ANSWER_OK;
	if (second)
		dns_wait(p->dns, second, enough ? probe_within(p, OTHER_FAMILY_MS) : p->until_ms);
}

/* The host is an address already. */
static bool take_literal(struct probe *p, const char *host, int family)
{
	if (wanted(p, family))
		strlist_add(&p->addresses, p->ev->arena, host);
	else
		probe_skip(p, "dns", "the address typed is of the other IP version");
	return p->addresses.n > 0;
}

/* No address was found: what tells why. */
static void ask_further(struct probe *p, const char *host, const struct dns_answer *a)
{
	follow_up(p, host, a);
	if (p->req->experiments) {
		probe_other_resolver(p);
		probe_random_name(p);
	}
}

bool probe_addresses(struct probe *p)
{
	const char *host = p->target->target.host;
	int literal = family_of(host);
	if (literal)
		return take_literal(p, host, literal);
	struct dns_question *q6 = wanted(p, 6) ? probe_ask(p, host, "AAAA", 0) : NULL;
	struct dns_question *q4 = wanted(p, 4) ? probe_ask(p, host, "A", 0) : NULL;
	tls_trust_ready(p->trust);        /* the questions are under way: time to spare */
	if (!text_is_ascii(str_of(host))) /* TLS and certificates know the A-label form */
		p->target->target.host = probe_text(p, dns_question_name(q4 ? q4 : q6));
	wait_for_both(p, q4, q6);
	const struct dns_answer *a4 = q4 ? dns_answer_of(q4) : NULL, *a6 = q6 ? dns_answer_of(q6) : NULL;
	if (q4)
		probe_record_dns(p, q4, "host");
	if (q6 && (a6 || !a4))
		probe_record_dns(p, q6, "host");
	take(p, a6);
	take(p, a4);
	past_hosts_file(p, host, a4);
	if (!p->addresses.n)
		ask_further(p, host, a4 ? a4 : a6);
	return p->addresses.n > 0;
}
