/* SPDX-License-Identifier: Apache-2.0 */
/* From a domain to its MX hosts, their addresses and their TLSA records. */
#include <string.h>

#include "check/dane_proof.h"
#include "check/mx.h"
#include "check/policy_view.h"
#include "mail/ipaddr.h"

enum { TLSA_WAIT_MS = 1200 }; /* some name servers never answer this type */

static void take_addresses(struct probe *p, struct mx_host *h, const struct dns_answer *a)
{
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < a->records.n; i++)
		if (h->addresses.n < PROBE_ADDRESSES_MAX)
			strlist_add(&h->addresses, p->ev->arena, a->records.v[i]);
}

static void add_host(struct probe *p, struct mx_set *s, const char *name)
{
	struct ipaddr ip;
	if (s->n == MX_HOSTS_MAX || !*name)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (dns_name_eq(s->v[i].name, name))
			return;
	s->v[s->n++] =
		(struct mx_host){ .name = probe_text(p, name), .literal = ipaddr_read(str_of(name), &ip) };
}

static void ask_hosts(struct probe *p, struct mx_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct mx_host *h = &s->v[i];
		const char *tlsa = arena_printf(p->ev->arena, "_%d._tcp.%s", MX_PORT, h->name);
		if (h->literal)
			continue;
		h->a4 = p->req->family != 6 ? probe_ask(p, h->name, "A", 0) : NULL;
		h->a6 = p->req->family != 4 ? probe_ask(p, h->name, "AAAA", 0) : NULL;
		h->tlsa = probe_ask(p, tlsa, "TLSA", 0);
	}
}

/* What makes the resolver fail: signatures, the way, or the resolver itself? */
static void after_failure(struct probe *p, const char *domain, const struct dns_answer *a)
{
	if (!p->req->experiments)
		return;
	if (!a || a->status == DNS_ANSWER_TIMEOUT) {
		probe_lookup(p, "example.com", "SOA", DNS_ONE_TRY, "small");
		probe_lookup(p, domain, "MX", DNS_TCP | DNS_ONE_TRY, "tcp");
	} else if (a->status == DNS_ANSWER_SERVFAIL || a->status == DNS_ANSWER_BOGUS) {
		probe_lookup(p, domain, "MX", DNS_CD, "cd");
	}
}

static const struct dns_answer *ask_mx(struct probe *p, struct mx_set *s)
{
	const char *domain = s->domain;
	struct dns_question *q = s->mx = probe_ask(p, domain, "MX", 0);
	const struct dns_answer *a = dns_wait(p->dns, q, p->until_ms);
	const struct fact *known = policy_view_fact(p->ev, domain, "MX");
	if (!known || strcmp(known->dns.purpose, "mx") != 0)
		probe_record_dns(p, q, "mx");
	return a;
}

bool mx_look_up(struct probe *p, struct mx_set *s)
{
	const struct dns_answer *mx = ask_mx(p, s);
	if (mx && mx->status == DNS_ANSWER_OK) {
		for (size_t i = 0; i < mx->records.n; i++) {
			const char *host = dns_mx_host(p->ev->arena, mx->records.v[i]);
			add_host(p, s, host ? host : "");
		}
	} else if (mx && mx->status == DNS_ANSWER_NODATA) {
		s->implicit = true;
		add_host(p, s, s->domain);
	} else if (!mx || mx->status != DNS_ANSWER_NXDOMAIN) {
		after_failure(p, s->domain, mx);
	}
	ask_hosts(p, s);
	bool any = false;
	for (size_t i = 0; i < s->n; i++) {
		struct mx_host *h = &s->v[i];
		if (h->a6)
			take_addresses(p, h, probe_answer(p, h->a6, "mx-host"));
		if (h->a4)
			take_addresses(p, h, probe_answer(p, h->a4, "mx-host"));
		any = any || h->addresses.n;
	}
	return any;
}

/* One answer, proven: as it came when the resolver vouches for it, else asked again. */
struct proof {
	struct dns_question *plain, *again;
};

static struct proof prove(struct probe *p, struct dns_question *plain)
{
	struct proof x = { .plain = plain };
	const struct dns_answer *a = plain ? dns_answer_of(plain) : NULL;
	if (a && a->status == DNS_ANSWER_OK && !a->secure)
		x.again = probe_ask(p, dns_question_name(plain), dns_question_type(plain),
				    DNS_VALIDATE | DNS_NO_HOSTS);
	return x;
}

static const struct dns_answer *proof_answer(struct probe *p, const struct proof *x)
{
	if (x->again)
		return probe_answer(p, x->again, "validated");
	return x->plain ? dns_answer_of(x->plain) : NULL;
}

static const char *judge_proof(struct probe *p, struct mx_set *s, struct mx_host *h)
{
	struct proof tlsa = prove(p, h->tlsa), mx = prove(p, s->mx), a4 = prove(p, h->a4),
		     a6 = prove(p, h->a6);
	const struct dane_proof x = { .tlsa = proof_answer(p, &tlsa),
				      .mx = proof_answer(p, &mx),
				      .implicit = s->implicit,
				      .a4 = proof_answer(p, &a4),
				      .a6 = proof_answer(p, &a6),
				      .asked4 = h->a4,
				      .asked6 = h->a6 };
	return dane_proof_word(&x);
}

static void look_at_tlsa(struct probe *p, struct mx_set *s, struct mx_host *h)
{
	const struct dns_answer *a = dns_wait(p->dns, h->tlsa, probe_within(p, TLSA_WAIT_MS));
	probe_record_dns(p, h->tlsa, "tlsa");
	bool definite = a && (a->status == DNS_ANSWER_NODATA || a->status == DNS_ANSWER_NXDOMAIN);
	bool there = a && a->status == DNS_ANSWER_OK && a->records.n;
	const char *result = there                                ? judge_proof(p, s, h)
			     : definite                           ? "none"
			     : a && a->status == DNS_ANSWER_BOGUS ? "bogus"
								  : "temperror";
	struct fact *f = probe_fact(p, FACT_TLSA, 0);
	f->tlsa.host = h->name;
	f->tlsa.port = MX_PORT;
	f->tlsa.result = result;
	for (size_t i = 0; there && i < a->records.n; i++)
		strlist_add(&f->tlsa.records, p->ev->arena, probe_text(p, a->records.v[i]));
	if (!strcmp(result, "secure"))
		h->tlsa_records = f->tlsa.records;
	probe_tell(p, f);
}

void mx_look_up_tlsa(struct probe *p, struct mx_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].tlsa && s->v[i].addresses.n)
			look_at_tlsa(p, s, &s->v[i]);
}
