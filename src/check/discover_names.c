/* SPDX-License-Identifier: Apache-2.0 */
/* Further names of a search: of the same machine, by its certificate, and of the access provider. */
#include <string.h>
#include <strings.h>

#include "check/discover_inner.h"
#include "mail/ipaddr.h"
#include "mail/suffix.h"

/* ---- names in a certificate

 * mail.acme.example is often the hoster's machine, whose certificate says so. */

static bool is_wildcard(const char *name)
{
	return !strncmp(name, "*.", 2);
}

/* RFC 6125, 6.4.3: the star is the whole first label. */
static bool certificate_has(const struct fact_cert *c, const char *host)
{
	const char *dot = strchr(host, '.');
	for (size_t i = 0; i < c->names.n; i++)
		if (!strcasecmp(c->names.v[i], host) ||
		    (is_wildcard(c->names.v[i]) && dot && !strcasecmp(c->names.v[i] + 1, dot)))
			return true;
	return false;
}

static bool leads_to(struct search *s, const char *name, const char *address)
{
	const char *type = strchr(address, ':') ? "AAAA" : "A";
	const struct dns_answer *a = probe_lookup(s->p, name, type, 0, "candidate");
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < a->records.n; i++)
		if (!strcmp(a->records.v[i], address))
			return true;
	return false;
}

static const char *name_of_address(struct search *s, const char *address, const char *purpose)
{
	struct ipaddr ip;
	if (!ipaddr_read(str_of(address), &ip))
		return "";
	const struct dns_answer *a =
		probe_lookup(s->p, ipaddr_ptr_name(s->p->ev->arena, &ip), "PTR", 0, purpose);
	return a && a->status == DNS_ANSWER_OK && a->records.n ? a->records.v[0] : "";
}

/* The alias' end and the address' own name come first: of many names they are the machine's. */
static void collect_names(struct search *s, const struct candidate *c, const struct fact_cert *cert,
			  const char *address, struct strlist *names)
{
	struct arena *a = s->p->ev->arena;
	const struct dns_answer *alias = dns_answer_of(probe_ask(s->p, c->host, "A", 0));
	if (alias && *alias->cname && certificate_has(cert, alias->cname))
		strlist_add(names, a, alias->cname);
	const char *ptr = name_of_address(s, address, "candidate");
	if (*ptr && certificate_has(cert, ptr) && !strlist_has(names, ptr))
		strlist_add(names, a, ptr);
	for (size_t i = 0; i < cert->names.n && names->n < DISCOVER_CERTIFICATE_NAMES; i++)
		if (!is_wildcard(cert->names.v[i]) && strchr(cert->names.v[i], '.') &&
		    !strlist_has(names, cert->names.v[i]))
			strlist_add(names, a, cert->names.v[i]);
}

void search_add_certificate_names(struct search *s, const struct candidate *c, unsigned session)
{
	struct probe *p = s->p;
	const struct fact *verify = evidence_last(p->ev, FACT_VERIFY, session);
	const struct fact *connect = evidence_last(p->ev, FACT_CONNECT, session);
	const struct fact *cert = evidence_in(p->ev, FACT_CERT, session, NULL);
	struct strlist names = { 0 };
	if (!verify || !connect || !cert || verify->verify.name_matches)
		return;
	collect_names(s, c, &cert->cert, connect->connect.address, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct candidate other = *c;
		if (!leads_to(s, names.v[i], connect->connect.address))
			continue;
		other.host = probe_text(p, names.v[i]);
		other.source = SOURCE_CERTIFICATE;
		other.vouched = strlist_has(&s->r->accept, names.v[i]) ? "accepted" : "";
		other.why = arena_printf(p->ev->arena,
					 "it is the name that the machine behind %s proves to have", c->host);
		candidates_add(&s->list, other);
	}
}

/* ---- the access provider */

static bool is_public(const char *address)
{
	struct ipaddr ip;
	return ipaddr_read(str_of(address), &ip) && !ipaddr_is_internal(&ip);
}

/* "mail.example.com Hello host [203.0.113.7]": servers tell whom they see. */
static const char *address_told(const struct probe *p, const struct fact *reply)
{
	const char *line = reply->reply.lines.n ? reply->reply.lines.v[0] : "";
	const char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;
	return close ? arena_dup(p->ev->arena, open + 1, (size_t)(close - open) - 1) : "";
}

/* Our address as others see it; "" unknown. */
static const char *public_address(const struct probe *p)
{
	for (size_t i = 0; i < p->ev->n; i++) {
		const struct fact *f = p->ev->facts[i];
		if (f->kind == FACT_CONNECT && is_public(f->connect.local_address))
			return f->connect.local_address;
		if (f->kind == FACT_REPLY && !strcmp(f->reply.step, "ehlo") && is_public(address_told(p, f)))
			return address_told(p, f);
	}
	return "";
}

static const char *isp_domain(struct search *s)
{
	if (*s->r->isp)
		return s->r->isp;
	const char *address = public_address(s->p);
	const char *name = *address ? name_of_address(s, address, "isp") : "";
	const char *registered = *name ? suffix_registered(s->p->ev->arena, name) : NULL;
	return registered ? registered : "";
}

static void add_isp_name(struct search *s, const char *label, const char *domain, const char *why)
{
	static const struct {
		unsigned port;
		enum request_security security;
	} ports[] = { { 25, SECURITY_STARTTLS }, { 587, SECURITY_STARTTLS } };
	const char *host = arena_printf(s->p->ev->arena, "%s.%s", label, domain);
	const struct dns_answer *a = probe_lookup(s->p, host, "A", 0, "isp");
	struct candidate c = {
		.host = host, .source = SOURCE_ISP, .why = why, .login = "", .user = "", .vouched = ""
	};
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < ARRAY_LEN(ports); i++) {
		c.port = ports[i].port;
		c.security = ports[i].security;
		candidates_add(&s->list, c);
	}
}

void search_add_isp(struct search *s)
{
	static const char *const labels[] = { "smtp", "mail", "relay" };
	struct arena *a = s->p->ev->arena;
	const char *domain = isp_domain(s), *own = suffix_registered(a, s->list.domain);
	if (!*domain || (own && !strcasecmp(domain, own)))
		return;
	const char *why = arena_printf(a, "%s is the access provider of this network", domain);
	const struct provider *v = provider_by_domain(domain);
	candidates_add_provider(&s->list, v, domain, SOURCE_ISP, why);
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		add_isp_name(s, labels[i], domain, why);
}
