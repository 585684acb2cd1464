/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of candidates, one function each, in order of merit. */
#include "check/find.h"

#include <string.h>

#include "mail/suffix.h"

static struct candidate named(enum candidate_source source, const char *host, const char *why)
{
	return (struct candidate){
		.host = host, .source = source, .why = why, .login = "", .user = "", .vouched = ""
	};
}

static const char *below(struct finder *f, const char *label)
{
	return arena_printf(f->p->ev->arena, "%s.%s", label, f->domain);
}

static void ask_names(struct finder *f)
{
	struct probe *p = f->p;
	f->mx = probe_ask(p, f->domain, "MX", 0);
	f->submissions = probe_ask(p, below(f, "_submissions._tcp"), "SRV", 0);
	f->submission = probe_ask(p, below(f, "_submission._tcp"), "SRV", 0);
	(void)probe_ask(p, below(f, "smtp"), "A", 0); /* answered from memory later */
	(void)probe_ask(p, below(f, "mail"), "A", 0);
}

/* ---- the domain in the catalogue */

static void by_catalogue(struct finder *f)
{
	const struct provider *v = provider_by_domain(f->domain);
	probe_provider(f->p, v, "domain", "target");
	candidates_add_provider(f->out, v, f->domain, SOURCE_PROVIDER,
				v ? arena_printf(f->p->ev->arena,
						 "%s is a domain of %s, whose server this is", f->domain,
						 v->title)
				  : "");
}

/* ---- SRV (RFC 6186, 3.1; RFC 8314, 5.1) */

struct srv {
	unsigned priority, weight, port;
	char target[256];
};

/* Lower priority first, then more weight; "." says: not offered. */
static size_t read_srv(const struct dns_answer *a, struct srv v[], size_t room)
{
	size_t n = 0;
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < a->records.n && n < room; i++) {
		struct srv s;
		if (sscanf(a->records.v[i], "%u %u %u %255s", &s.priority, &s.weight, &s.port, s.target) !=
			    4 ||
		    !strcmp(s.target, ".") || !s.port || s.port > 65535)
			continue;
		size_t at = n++;
		for (; at && (v[at - 1].priority > s.priority ||
			      (v[at - 1].priority == s.priority && v[at - 1].weight < s.weight));
		     at--)
			v[at] = v[at - 1];
		v[at] = s;
	}
	return n;
}

static void by_record(struct finder *f, struct dns_question *q, enum request_security security)
{
	enum { RECORDS_MAX = 4 };
	struct srv v[RECORDS_MAX];
	const struct dns_answer *a = probe_answer(f->p, q, "srv");
	size_t n = read_srv(a, v, RECORDS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct candidate c = named(SOURCE_SRV, probe_text(f->p, v[i].target),
					   arena_printf(f->p->ev->arena, "the SRV record %s names it",
							dns_question_name(q)));
		c.port = v[i].port;
		c.security = security;
		c.vouched = a->secure ? "dnssec" : "";
		candidates_add(f->out, c);
	}
}

static void by_srv(struct finder *f)
{
	ask_names(f);
	f->mx_answer = probe_answer(f->p, f->mx, "mx");
	f->no_dns = !f->mx_answer || f->mx_answer->status == DNS_ANSWER_TIMEOUT;
	by_record(f, f->submissions, SECURITY_TLS);
	by_record(f, f->submission, SECURITY_STARTTLS);
}

/* ---- who receives for the domain */

/* The i'th MX host's name; NULL past the end, or where the domain takes no mail. */
static const char *mx_host(const struct finder *f, size_t i)
{
	const struct dns_answer *a = f->mx_answer;
	if (!a || a->status != DNS_ANSWER_OK || i >= a->records.n || i >= FIND_MX_MAX)
		return NULL;
	const char *blank = strchr(a->records.v[i], ' ');
	const char *host = blank ? blank + 1 : a->records.v[i];
	return *host && strcmp(host, ".") != 0 ? host : NULL;
}

static void by_mx_provider(struct finder *f)
{
	const char *host = mx_host(f, 0);
	const struct provider *v = host ? provider_by_mx(host) : NULL;
	probe_provider(f->p, v, "mx", "target");
	if (v)
		candidates_add_provider(f->out, v, host, SOURCE_MX_PROVIDER,
					arena_printf(f->p->ev->arena,
						     "%s receives for %s (MX %s), and this is its server",
						     v->title, f->domain, probe_text(f->p, host)));
}

static const char *mx_vouches(const struct finder *f)
{
	return f->mx_answer && f->mx_answer->secure ? "dnssec" : "";
}

/* The registered domain of the first MX host that is not the address's own; NULL none. */
static const char *hoster(const struct finder *f)
{
	const char *host = mx_host(f, 0);
	const char *registered = host ? suffix_registered(f->p->ev->arena, host) : NULL;
	return registered && !candidate_is_own(host, f->domain) && !provider_by_mx(host) ? registered : NULL;
}

static void by_hoster(struct finder *f)
{
	const char *domain = hoster(f);
	if (domain)
		find_in_files(f->p, f->address, domain, SOURCE_HOSTER, mx_vouches(f), f->out);
}

static void by_mx_host(struct finder *f)
{
	const char *host;
	for (size_t i = 0; (host = mx_host(f, i)); i++) {
		struct candidate c =
			named(SOURCE_MX, probe_text(f->p, host),
			      arena_printf(f->p->ev->arena, "it receives mail for %s (MX)", f->domain));
		c.vouched = mx_vouches(f);
		if (!provider_by_mx(host))
			candidates_add_usual(f->out, c);
	}
}

/* Behind a filter the MX is the filter's; the alias for mail programs still leads to whoever
 * has the mailboxes. */
static void by_autodiscover(struct finder *f)
{
	const struct dns_answer *a = probe_lookup(f->p, below(f, "autodiscover"), "A", 0, "autodiscover");
	const struct provider *v =
		a && a->status == DNS_ANSWER_OK && *a->cname ? provider_by_host(a->cname) : NULL;
	probe_provider(f->p, v, "autodiscover", "target");
	if (a && a->status == DNS_ANSWER_OK && !v && !f->out->n)
		find_in_autodiscover(f->p, f->address, below(f, "autodiscover"), f->out);
	if (v)
		candidates_add_provider(
			f->out, v, f->domain, SOURCE_AUTODISCOVER,
			arena_printf(f->p->ev->arena,
				     "the domain's autodiscover name leads to %s, and this is its server",
				     v->title));
}

/* ---- names tried on the off chance */

static bool has_address(struct finder *f, const char *name)
{
	const struct dns_answer *a = probe_lookup(f->p, name, "A", 0, "near");
	if (a && a->status == DNS_ANSWER_NODATA) /* the name is there */
		a = probe_lookup(f->p, name, "AAAA", 0, "near");
	return a && a->status == DNS_ANSWER_OK;
}

static void by_name(struct finder *f, const char *name, enum candidate_source source, const char *why)
{
	if (has_address(f, name))
		candidates_add_usual(f->out, named(source, name, why));
}

static void by_usual_name(struct finder *f)
{
	by_name(f, below(f, "smtp"), SOURCE_NAME, "it is a usual name in the domain");
	by_name(f, below(f, "mail"), SOURCE_NAME, "it is a usual name in the domain");
}

static void by_hoster_name(struct finder *f)
{
	static const char *const labels[] = { "smtp", "mail" };
	struct arena *a = f->p->ev->arena;
	const char *domain = hoster(f);
	for (size_t i = 0; domain && i < ARRAY_LEN(labels); i++)
		by_name(f, arena_printf(a, "%s.%s", labels[i], domain), SOURCE_HOSTER_NAME,
			arena_printf(a, "it is a usual name of %s, which receives for %s", domain,
				     f->domain));
}

static void by_bare_domain(struct finder *f)
{
	by_name(f, f->domain, SOURCE_DOMAIN, "it is the domain itself");
}

static void by_file(struct finder *f)
{
	find_in_files(f->p, f->address, f->domain, SOURCE_AUTOCONFIG, "https", f->out);
}

/* In order of merit; what is named of a later source never comes before an earlier one's. */
static void (*const steps[])(struct finder *f) = { by_catalogue,    by_srv,        by_mx_provider, by_file,
						   by_autodiscover, by_usual_name, by_hoster,      by_mx_host,
						   by_hoster_name,  by_bare_domain };

void find_begin(struct finder *f, struct probe *p, const char *address, const char *domain,
		struct candidates *out)
{
	*f = (struct finder){ .p = p, .address = address, .domain = domain, .out = out };
	*out = (struct candidates){ .arena = p->ev->arena, .domain = domain };
}

bool find_next(struct finder *f)
{
	if (f->step == ARRAY_LEN(steps) || f->no_dns || !probe_left_ms(f->p))
		return false;
	steps[f->step++](f);
	return true;
}

void find_first(struct finder *f)
{
	bool more = true;
	while (more && !f->out->n && (!f->step || steps[f->step - 1] != by_usual_name))
		more = find_next(f);
}
