/* SPDX-License-Identifier: Apache-2.0 */
/* The mechanisms of SPF (RFC 7208, 5) and the names they are about. */

#include "base/text.h"
#include "mail/spf_run.h"

const char *spf_address_type(const struct spf_run *r)
{
	return r->ip.family == 4 ? "A" : "AAAA";
}

enum spf_answer spf_permerror(struct spf_run *r, const char *problem, const struct spf_term *t,
			      const char *why)
{
	spf_note(r->a, r->out, problem, t ? t->text : "", r->path[r->depth - 1], why);
	return SPF_PERM;
}

enum spf_answer spf_temperror(struct spf_run *r, const struct spf_term *t, const char *name)
{
	const char *why =
		arena_printf(r->a, "no answer from the DNS about %s", text_printable(r->a, str_of(name)));
	spf_note(r->a, r->out, "temperror", t ? t->text : "", r->path[r->depth - 1], why);
	return SPF_TEMP;
}

/* Asks and counts a void answer.  SPF_HIT: there are records. */
static enum spf_answer ask(struct spf_run *r, const struct spf_term *t, const char *name, const char *type,
			   struct dns_records *got)
{
	if (!dns_view_ask(r->view, r->w, name, type, got))
		return SPF_WAIT;
	if (got->status == DNS_TEMPERROR)
		return spf_temperror(r, t, name);
	if (got->status == DNS_OK || !dns_name_askable(name))
		return got->n ? SPF_HIT : SPF_MISS;
	if (++r->out->void_lookups > SPF_VOIDS_MAX)
		return spf_permerror(r, "void-lookups", t, "more than 2 questions to the DNS found nothing");
	return SPF_MISS;
}

static bool any_in(const struct spf_run *r, const struct dns_records *got, const struct spf_term *t)
{
	unsigned bits = t ? (r->ip.family == 4 ? t->bits4 : t->bits6) : 128;
	struct ipaddr net;
	for (size_t i = 0; i < got->n; i++)
		if (ipaddr_read(str_of(got->v[i]), &net) &&
		    (t ? ipaddr_in(&r->ip, &net, bits) : ipaddr_eq(&r->ip, &net)))
			return true;
	return false;
}

/* Whether the forward lookup of a PTR name leads back to the address.  Errors
 * mean no (RFC 7208, 5.5). */
static enum spf_answer name_validates(struct spf_run *r, const char *name)
{
	struct dns_records got;
	if (!dns_view_ask(r->view, r->w, name, spf_address_type(r), &got))
		return SPF_WAIT;
	return got.status == DNS_OK && any_in(r, &got, NULL) ? SPF_HIT : SPF_MISS;
}

/* The best validated name for %{p}: the domain, else below it, else any (7.3). */
static enum spf_answer find_p(struct spf_run *r, const char *domain, const char **p)
{
	struct dns_records got;
	unsigned best = 0;
	bool waiting = false;
	*p = "unknown";
	if (!dns_view_ask(r->view, r->w, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got))
		return SPF_WAIT;
	for (size_t i = 0; i < got.n && i < SPF_PTR_MAX; i++) {
		enum spf_answer ok = name_validates(r, got.v[i]);
		unsigned rank = dns_name_eq(got.v[i], domain) ? 3 : dns_name_within(got.v[i], domain) ? 2 : 1;
		waiting = waiting || ok == SPF_WAIT;
		if (ok == SPF_HIT && rank > best) {
			best = rank;
			*p = dns_name_plain(r->a, got.v[i]);
		}
	}
	return waiting ? SPF_WAIT : SPF_HIT;
}

enum spf_answer spf_prepare_macros(struct spf_run *r, const char *text, const char *domain)
{
	r->macros.domain = domain;
	return spf_macro_needs_p(text) ? find_p(r, domain, &r->macros.validated) : SPF_HIT;
}

enum spf_answer spf_target(struct spf_run *r, const struct spf_term *t, const char *domain, const char **name)
{
	*name = dns_name_plain(r->a, domain);
	if (!*t->domain)
		return SPF_HIT;
	if (spf_prepare_macros(r, t->domain, domain) == SPF_WAIT)
		return SPF_WAIT;
	const char *expanded = spf_domain_expand(r->a, t->domain, &r->macros);
	*name = expanded ? expanded : "";
	return SPF_HIT;
}

static enum spf_answer match_a(struct spf_run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum spf_answer ans = ask(r, t, name, spf_address_type(r), &got);
	return ans == SPF_HIT && !any_in(r, &got, t) ? SPF_MISS : ans;
}

/* One host of an mx term: only a name that does not exist is a void lookup. */
static enum spf_answer match_mx_host(struct spf_run *r, const struct spf_term *t, const char *host)
{
	struct dns_records got;
	if (!dns_view_ask(r->view, r->w, host, spf_address_type(r), &got))
		return SPF_WAIT;
	if (got.status == DNS_TEMPERROR)
		return spf_temperror(r, t, host);
	if (got.status == DNS_NXDOMAIN && dns_name_askable(host) && ++r->out->void_lookups > SPF_VOIDS_MAX)
		return spf_permerror(r, "void-lookups", t, "more than 2 questions to the DNS found nothing");
	return any_in(r, &got, t) ? SPF_HIT : SPF_MISS;
}

static enum spf_answer match_mx(struct spf_run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum spf_answer ans = ask(r, t, name, "MX", &got), first = SPF_MISS;
	if (ans != SPF_HIT)
		return ans;
	if (got.n > SPF_MX_MAX)
		return spf_permerror(r, "too-many-lookups", t, "the domain has more than 10 MX hosts");
	bool waiting = false;
	for (size_t i = 0; i < got.n && (first == SPF_MISS || waiting); i++) {
		const char *host = dns_mx_host(r->a, got.v[i]);
		ans = host && *host ? match_mx_host(r, t, host) : SPF_MISS;
		waiting = waiting || ans == SPF_WAIT;
		first = first == SPF_MISS ? ans : first;
	}
	return waiting ? SPF_WAIT : first;
}

static enum spf_answer match_ptr(struct spf_run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum spf_answer found = SPF_MISS;
	if (!dns_view_ask(r->view, r->w, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got))
		return SPF_WAIT;
	if (got.status == DNS_TEMPERROR)
		return SPF_MISS;
	enum spf_answer ans = ask(r, t, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got);
	if (ans != SPF_HIT)
		return ans;
	for (size_t i = 0; i < got.n && i < SPF_PTR_MAX && found != SPF_HIT; i++) {
		ans = dns_name_within(got.v[i], name) ? name_validates(r, got.v[i]) : SPF_MISS;
		found = ans == SPF_MISS ? found : ans;
	}
	return found;
}

enum spf_answer spf_match(struct spf_run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	switch (t->kind) {
	case SPF_ALL:
		return SPF_HIT;
	case SPF_IP4:
		return ipaddr_in(&r->ip, &t->net, t->bits4) ? SPF_HIT : SPF_MISS;
	case SPF_IP6:
		return ipaddr_in(&r->ip, &t->net, t->bits6) ? SPF_HIT : SPF_MISS;
	case SPF_A:
		return match_a(r, t, name);
	case SPF_MX:
		return match_mx(r, t, name);
	case SPF_PTR:
		return match_ptr(r, t, name);
	case SPF_EXISTS:
		return ask(r, t, name, "A", &got);
	default:
		return SPF_MISS;
	}
}
