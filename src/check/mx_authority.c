/* SPDX-License-Identifier: Apache-2.0 */
/* Do all name servers of a domain say the same?  Asked beside the dialogues; what does
 * not answer in that time is left out. */
#include <string.h>

#include "check/mx.h"

enum { LAST_WAIT_MS = 150 }; /* after the dialogues */

void mx_authority_start(struct probe *p, const char *domain, struct mx_authority *a)
{
	*a = (struct mx_authority){ 0 };
	if (p->req->experiments)
		a->ns = probe_ask(p, domain, "NS", 0);
}

/* Name servers are asked on port 53; where resolver and name server are both on
 * loopback, one harness plays them all, and its port counts. */
static const char *server_of(struct probe *p, const char *address)
{
	const char *resolver = dns_resolver(p->dns), *colon = strrchr(resolver, ':');
	bool loopback = z_istarts(address, "127.") && z_istarts(resolver, "127.");
	if (strchr(address, ':'))
		return arena_printf(p->ev->arena, "[%s]:53", address);
	return arena_printf(p->ev->arena, "%s:%s", address, loopback && colon ? colon + 1 : "53");
}

static void ask_names(struct probe *p, struct mx_authority *a)
{
	const struct dns_answer *ns = dns_answer_of(a->ns);
	if (a->n || ns->status != DNS_ANSWER_OK)
		return;
	for (size_t i = 0; i < ns->records.n && a->n < MX_NAME_SERVERS_MAX; i++)
		a->v[a->n++].address = probe_ask(p, ns->records.v[i], "A", DNS_NO_HOSTS);
}

void mx_authority_go_on(struct probe *p, const char *domain, struct mx_authority *a)
{
	if (!a->ns || !dns_done(a->ns))
		return;
	ask_names(p, a);
	for (size_t i = 0; i < a->n; i++) {
		const struct dns_answer *address = dns_answer_of(a->v[i].address);
		if (!a->v[i].mx && address && address->status == DNS_ANSWER_OK && address->records.n)
			a->v[i].mx = dns_ask(p->dns, domain, "MX", DNS_NO_RECURSE | DNS_ONE_TRY,
					     server_of(p, address->records.v[0]));
	}
}

void mx_authority_finish(struct probe *p, const char *domain, struct mx_authority *a)
{
	uint64_t until_ms = probe_within(p, LAST_WAIT_MS);
	if (!a->ns || !dns_wait(p->dns, a->ns, until_ms))
		return;
	probe_record_dns(p, a->ns, "ns");
	mx_authority_go_on(p, domain, a);
	for (size_t i = 0; i < a->n; i++)
		dns_wait(p->dns, a->v[i].address, until_ms);
	mx_authority_go_on(p, domain, a);
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].mx && dns_wait(p->dns, a->v[i].mx, until_ms))
			probe_record_dns(p, a->v[i].mx, "authority");
}
