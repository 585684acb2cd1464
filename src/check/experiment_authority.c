/* SPDX-License-Identifier: Apache-2.0 */
/* An experiment for a server that fails: does the domain's own name server give another
 * address by now, and does the same work there?  Then a cache holds an old answer. */
#include <string.h>

#include "catalog/provider.h"
#include "check/experiment.h"
#include "mail/dns_view.h"
#include "mail/ipaddr.h"
#include "mail/suffix.h"

enum { NAME_SERVERS_ASKED = 2, ANSWER_WAIT_MS = 2000, CONNECT_WAIT_MS = 3000 };

static bool refused_recipient(const struct main_outcome *m)
{
	return m->reply && m->reply->reply.code / 100 == 5 && !strcmp(m->reply->reply.step, "rcpt");
}

static bool may_be_stale(const struct probe *p, const struct main_outcome *m)
{
	struct ipaddr ip;
	(void)p;
	return *m->plan.host && !ipaddr_read(str_of(m->plan.host), &ip) && !provider_by_host(m->plan.host) &&
	       (!m->connected || refused_recipient(m));
}

static const char *port_of_names(struct probe *p, const char *address)
{
	const char *resolver = dns_resolver(p->dns), *colon = strrchr(resolver, ':');
	bool harness = z_istarts(address, "127.") && z_istarts(resolver, "127.");
	return harness && colon ? colon + 1 : "53";
}

/* One question to a name server of the zone itself; NULL without a definite answer. */
static const struct dns_answer *ask_owner(struct probe *p, const char *owner, const char *name,
					  const char *type)
{
	uint64_t until_ms = probe_within(p, ANSWER_WAIT_MS);
	const struct dns_answer *a =
		dns_wait(p->dns, probe_ask(p, owner, "A", DNS_NO_HOSTS | DNS_ONE_TRY), until_ms);
	if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
		return NULL;
	const char *server =
		arena_printf(p->ev->arena, "%s:%s", a->records.v[0], port_of_names(p, a->records.v[0]));
	struct dns_question *q = dns_ask(p->dns, name, type, DNS_NO_RECURSE | DNS_ONE_TRY, server);
	a = dns_wait(p->dns, q, probe_within(p, ANSWER_WAIT_MS));
	probe_record_dns(p, q, "authority");
	return a && a->status == DNS_ANSWER_OK && a->records.n ? a : NULL;
}

static const struct dns_answer *ask_zone(struct probe *p, const char *name, const char *type)
{
	const char *zone = suffix_registered(p->ev->arena, name);
	const struct dns_answer *ns = zone ? probe_lookup(p, zone, "NS", DNS_ONE_TRY, "ns") : NULL;
	const struct dns_answer *found = NULL;
	for (size_t i = 0; ns && ns->status == DNS_ANSWER_OK && i < ns->records.n && i < NAME_SERVERS_ASKED;
	     i++)
		if (!found)
			found = ask_owner(p, ns->records.v[i], name, type);
	return found;
}

static const struct fact *cached(const struct probe *p, const char *name, const char *type)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(p->ev, FACT_DNS, f));) {
		const char *w = f->dns.purpose;
		bool plain = !strcmp(w, "host") || !strcmp(w, "mx-host") || !strcmp(w, "mx");
		if (plain && !strcmp(f->dns.type, type) && dns_name_eq(f->dns.name, name))
			last = f;
	}
	return last;
}

static bool have_in_common(const struct strlist *a, const struct strlist *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (strlist_has(b, a->v[i]))
			return true;
	return false;
}

/* An address that only the zone's own server gives, "" none. */
static const char *new_address(struct probe *p, const char *host)
{
	const struct fact *old = cached(p, host, "A");
	const struct dns_answer *now = old && old->dns.answers.n ? ask_zone(p, host, "A") : NULL;
	return now && !have_in_common(&now->records, &old->dns.answers) ? now->records.v[0] : "";
}

/* The domain's mail goes to other hosts by now; *host becomes the first of them. */
static const char *new_mx(struct probe *p, const char **host)
{
	const char *domain = p->target->target.domain;
	const struct fact *old = *p->target->target.host ? NULL : cached(p, domain, "MX");
	const struct dns_answer *now = old && old->dns.answers.n ? ask_zone(p, domain, "MX") : NULL;
	if (!now || have_in_common(&now->records, &old->dns.answers))
		return "";
	const char *name = dns_mx_host(p->ev->arena, now->records.v[0]);
	const struct dns_answer *a = name && *name ? ask_zone(p, name, "A") : NULL;
	if (name && *name && !a)
		a = probe_lookup(p, name, "A", DNS_ONE_TRY, "mx-host");
	*host = name;
	return a && a->status == DNS_ANSWER_OK && a->records.n ? a->records.v[0] : "";
}

static void try_new_address(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	const char *address = new_mx(p, &plan.host);
	if (!*address)
		address = new_address(p, plan.host = m->plan.host);
	if (!*address)
		return;
	plan.purpose = "new-address";
	plan.changed = arena_printf(p->ev->arena, "%s, as the domain's own name server says", address);
	plan.address = address;
	plan.until = refused_recipient(m) ? UNTIL_ENVELOPE : UNTIL_CONNECT;
	plan.from = p->target->target.from;
	plan.to = p->target->target.to;
	plan.connect_ms = CONNECT_WAIT_MS;
	dialogue_run(p, &plan, &out);
	bool works = plan.until == UNTIL_ENVELOPE ? out.rcpt_ok > 0 : out.greeted;
	experiment_tell(p, "new-address", "Does it work at the address the domain's own name server gives?",
			plan.changed, works ? "works" : "fails",
			works ? "it works there" : "not there either", out.session);
}

const struct experiment experiments_authority[] = {
	{ "new-address", may_be_stale, try_new_address, false },
	{ .name = NULL },
};
