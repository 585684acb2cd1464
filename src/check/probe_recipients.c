/* SPDX-License-Identifier: Apache-2.0 */
/* Do the domains of the recipients exist, and do they take mail?  A server for sending
 * often accepts what it can never deliver.  Asked beside the dialogue. */
#include <string.h>

#include "check/probe.h"
#include "mail/dns_view.h"

enum { RECIPIENT_DOMAINS_MAX = 5, LAST_WAIT_MS = 300 /* after all else */ };

/* Names of inner networks, which our resolver need not know (RFC 6762; ICANN). */
static bool is_inner(const char *domain)
{
	static const char *const ends[] = { ".local", ".lan",         ".internal", ".home",
					    ".corp",  ".localdomain", ".localhost" };
	bool single = !strchr(domain, '.');
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		single = single || z_iends(domain, ends[i]);
	return single;
}

static struct strlist domains_of(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	struct strlist domains = { 0 };
	for (size_t i = 0; i < t->to.n && domains.n < RECIPIENT_DOMAINS_MAX; i++) {
		const char *at = strrchr(t->to.v[i], '@');
		if (at && dns_name_askable(at + 1) && !is_inner(at + 1) && !strlist_has(&domains, at + 1))
			strlist_add(&domains, p->ev->arena, at + 1);
	}
	return domains;
}

void probe_recipients_start(struct probe *p)
{
	if (!*p->target->target.host)
		return; /* a domain check asks for its own */
	struct strlist domains = domains_of(p);
	for (size_t i = 0; i < domains.n; i++)
		(void)probe_ask(p, domains.v[i], "MX", 0);
}

void probe_recipients(struct probe *p)
{
	uint64_t until_ms = probe_within(p, LAST_WAIT_MS);
	struct strlist domains = { 0 };
	if (*p->target->target.host)
		domains = domains_of(p);
	for (size_t i = 0; i < domains.n; i++) {
		struct dns_question *q = probe_ask(p, domains.v[i], "MX", 0);
		if (dns_wait(p->dns, q, until_ms))
			probe_record_dns(p, q, "to-domain");
	}
}
