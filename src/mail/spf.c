/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf.h"

#include <string.h>

#include "base/text.h"
#include "mail/spf_lookup.h"
#include "mail/spf_macro.h"

/* What one term or one record came to. */
enum answer { MISS, HIT, TEMP, PERM, WAIT };

struct run {
	struct arena *a;
	struct ipaddr ip;
	const struct dns_view *view;
	struct dns_wants *w;
	struct spf_report *out;
	struct spf_macro_values macros;
	const char *path[SPF_LOOKUPS_MAX + 2]; /* domains whose records are being evaluated */
	size_t depth;
	const struct spf_term *exp; /* of the record that decided */
	const char *exp_domain;
	bool waiting;
};

static const char *address_type(const struct run *r)
{
	return r->ip.family == 4 ? "A" : "AAAA";
}

static enum answer permerror(struct run *r, const char *problem, const struct spf_term *t, const char *why)
{
	spf_note(r->a, r->out, problem, t ? t->text : "", r->path[r->depth - 1], why);
	return PERM;
}

static enum answer temperror(struct run *r, const struct spf_term *t, const char *name)
{
	const char *why =
		arena_printf(r->a, "no answer from the DNS about %s", text_printable(r->a, str_of(name)));
	spf_note(r->a, r->out, "temperror", t ? t->text : "", r->path[r->depth - 1], why);
	return TEMP;
}

/* Asks and counts a void answer.  HIT: there are records. */
static enum answer ask(struct run *r, const struct spf_term *t, const char *name, const char *type,
		       struct dns_records *got)
{
	if (!dns_view_ask(r->view, r->w, name, type, got))
		return WAIT;
	if (got->status == DNS_TEMPERROR)
		return temperror(r, t, name);
	if (got->status == DNS_OK || !dns_name_askable(name))
		return got->n ? HIT : MISS;
	if (++r->out->void_lookups > SPF_VOIDS_MAX)
		return permerror(r, "void-lookups", t, "more than 2 questions to the DNS found nothing");
	return MISS;
}

static bool any_in(const struct run *r, const struct dns_records *got, const struct spf_term *t)
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
static enum answer name_validates(struct run *r, const char *name)
{
	struct dns_records got;
	if (!dns_view_ask(r->view, r->w, name, address_type(r), &got))
		return WAIT;
	return got.status == DNS_OK && any_in(r, &got, NULL) ? HIT : MISS;
}

/* The best validated name for %{p}: the domain, else below it, else any (7.3). */
static enum answer find_p(struct run *r, const char *domain, const char **p)
{
	struct dns_records got;
	unsigned best = 0;
	bool waiting = false;
	*p = "unknown";
	if (!dns_view_ask(r->view, r->w, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got))
		return WAIT;
	for (size_t i = 0; i < got.n && i < SPF_PTR_MAX; i++) {
		enum answer ok = name_validates(r, got.v[i]);
		unsigned rank = dns_name_eq(got.v[i], domain) ? 3 : dns_name_within(got.v[i], domain) ? 2 : 1;
		waiting = waiting || ok == WAIT;
		if (ok == HIT && rank > best) {
			best = rank;
			*p = dns_name_plain(r->a, got.v[i]);
		}
	}
	return waiting ? WAIT : HIT;
}

/* Sets the macros that depend on the record's domain, %{p} only when used. */
static enum answer prepare_macros(struct run *r, const char *text, const char *domain)
{
	r->macros.domain = domain;
	return spf_macro_needs_p(text) ? find_p(r, domain, &r->macros.validated) : HIT;
}

/* The name a term is about; "" when it cannot be one. */
static enum answer target(struct run *r, const struct spf_term *t, const char *domain, const char **name)
{
	*name = dns_name_plain(r->a, domain);
	if (!*t->domain)
		return HIT;
	if (prepare_macros(r, t->domain, domain) == WAIT)
		return WAIT;
	const char *expanded = spf_domain_expand(r->a, t->domain, &r->macros);
	*name = expanded ? expanded : "";
	return HIT;
}

static enum answer match_a(struct run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum answer ans = ask(r, t, name, address_type(r), &got);
	return ans == HIT && !any_in(r, &got, t) ? MISS : ans;
}

/* One host of an mx term: only a name that does not exist is a void lookup. */
static enum answer match_mx_host(struct run *r, const struct spf_term *t, const char *host)
{
	struct dns_records got;
	if (!dns_view_ask(r->view, r->w, host, address_type(r), &got))
		return WAIT;
	if (got.status == DNS_TEMPERROR)
		return temperror(r, t, host);
	if (got.status == DNS_NXDOMAIN && dns_name_askable(host) && ++r->out->void_lookups > SPF_VOIDS_MAX)
		return permerror(r, "void-lookups", t, "more than 2 questions to the DNS found nothing");
	return any_in(r, &got, t) ? HIT : MISS;
}

static enum answer match_mx(struct run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum answer ans = ask(r, t, name, "MX", &got), first = MISS;
	if (ans != HIT)
		return ans;
	if (got.n > SPF_MX_MAX)
		return permerror(r, "too-many-lookups", t, "the domain has more than 10 MX hosts");
	bool waiting = false;
	for (size_t i = 0; i < got.n && (first == MISS || waiting); i++) {
		const char *host = dns_mx_host(r->a, got.v[i]);
		ans = host && *host ? match_mx_host(r, t, host) : MISS;
		waiting = waiting || ans == WAIT;
		first = first == MISS ? ans : first;
	}
	return waiting ? WAIT : first;
}

static enum answer match_ptr(struct run *r, const struct spf_term *t, const char *name)
{
	struct dns_records got;
	enum answer found = MISS;
	if (!dns_view_ask(r->view, r->w, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got))
		return WAIT;
	if (got.status == DNS_TEMPERROR)
		return MISS;
	enum answer ans = ask(r, t, ipaddr_ptr_name(r->a, &r->ip), "PTR", &got);
	if (ans != HIT)
		return ans;
	for (size_t i = 0; i < got.n && i < SPF_PTR_MAX && found != HIT; i++) {
		ans = dns_name_within(got.v[i], name) ? name_validates(r, got.v[i]) : MISS;
		found = ans == MISS ? found : ans;
	}
	return found;
}

static enum answer check_host(struct run *r, const char *domain, bool included, enum spf_result *result);

static enum answer match_include(struct run *r, const struct spf_term *t, const char *name)
{
	enum spf_result inner = SPF_NONE;
	enum answer ans = check_host(r, name, true, &inner);
	if (ans != HIT)
		return ans;
	if (inner == SPF_NONE)
		return permerror(r, "missing", t,
				 arena_printf(r->a, "%s has no SPF record",
					      text_printable(r->a, str_of(name))));
	if (inner == SPF_PASS)
		return HIT;
	r->out->term = r->out->at = "";
	return MISS;
}

static enum answer match(struct run *r, const struct spf_term *t, const char *domain)
{
	const char *name;
	struct dns_records got;
	if (spf_term_looks_up(t) && ++r->out->lookups > SPF_LOOKUPS_MAX)
		return permerror(r, "too-many-lookups", t, "more than 10 terms that ask the DNS");
	if (target(r, t, domain, &name) == WAIT)
		return WAIT;
	switch (t->kind) {
	case SPF_ALL:
		return HIT;
	case SPF_IP4:
		return ipaddr_in(&r->ip, &t->net, t->bits4) ? HIT : MISS;
	case SPF_IP6:
		return ipaddr_in(&r->ip, &t->net, t->bits6) ? HIT : MISS;
	case SPF_A:
		return match_a(r, t, name);
	case SPF_MX:
		return match_mx(r, t, name);
	case SPF_PTR:
		return match_ptr(r, t, name);
	case SPF_EXISTS:
		return ask(r, t, name, "A", &got);
	case SPF_INCLUDE:
		return match_include(r, t, name);
	default:
		return MISS;
	}
}

/* Puts the questions of all terms that may be reached on the list at once. */
static void prefetch(struct run *r, const struct spf_record *rec, const char *domain)
{
	const char *name;
	unsigned room = SPF_LOOKUPS_MAX - r->out->lookups;
	struct dns_records got;
	for (size_t i = 0; i < rec->n && room; i++) {
		const struct spf_term *t = &rec->terms[i];
		if (t->kind == SPF_ALL || (t->kind == SPF_IP4 && ipaddr_in(&r->ip, &t->net, t->bits4)) ||
		    (t->kind == SPF_IP6 && ipaddr_in(&r->ip, &t->net, t->bits6)))
			return;
		if (!spf_term_looks_up(t) || spf_macro_needs_p(t->domain) ||
		    target(r, t, domain, &name) == WAIT)
			continue;
		const char *type = t->kind == SPF_A        ? address_type(r)
				   : t->kind == SPF_MX     ? "MX"
				   : t->kind == SPF_EXISTS ? "A"
				   : t->kind == SPF_PTR    ? "PTR"
							   : "TXT";
		(void)!dns_view_ask(r->view, r->w, t->kind == SPF_PTR ? ipaddr_ptr_name(r->a, &r->ip) : name,
				    type, &got);
		room--;
	}
}

static enum spf_result qualified(char qualifier)
{
	return qualifier == '+'   ? SPF_PASS
	       : qualifier == '-' ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
				  : SPF_NEUTRAL;
}

static void decide(struct run *r, const struct spf_record *rec, const struct spf_term *t, const char *domain,
		   bool included)
{
	if (t->kind != SPF_INCLUDE) {
		r->out->term = t->text;
		r->out->at = text_printable(r->a, str_of(domain));
	}
	if (t->qualifier == '+' && spf_term_passes_all(t))
		spf_note(r->a, r->out, "passall", t->text, domain, "the record lets everybody send");
	if (!included) {
		r->exp = rec->exp;
		r->exp_domain = domain;
	}
}

static enum answer follow_redirect(struct run *r, const struct spf_record *rec, const char *domain,
				   bool included, enum spf_result *result)
{
	const char *name;
	if (++r->out->lookups > SPF_LOOKUPS_MAX)
		return permerror(r, "too-many-lookups", rec->redirect, "more than 10 terms that ask the DNS");
	if (target(r, rec->redirect, domain, &name) == WAIT)
		return WAIT;
	enum answer ans = check_host(r, name, included, result);
	if (ans == HIT && *result == SPF_NONE)
		return permerror(r, "missing", rec->redirect,
				 arena_printf(r->a, "%s has no SPF record",
					      text_printable(r->a, str_of(name))));
	return ans;
}

static enum answer evaluate(struct run *r, const struct spf_record *rec, const char *domain, bool included,
			    enum spf_result *result)
{
	prefetch(r, rec, domain);
	for (size_t i = 0; i < rec->n; i++) {
		const struct spf_term *t = &rec->terms[i];
		if (t->kind >= SPF_REDIRECT)
			continue;
		enum answer ans = match(r, t, domain);
		if (ans == MISS)
			continue;
		if (ans == HIT) {
			*result = qualified(t->qualifier);
			decide(r, rec, t, domain, included);
		}
		return ans;
	}
	*result = SPF_NEUTRAL;
	return rec->redirect ? follow_redirect(r, rec, domain, included, result) : HIT;
}

static bool is_in_path(const struct run *r, const char *domain)
{
	for (size_t i = 0; i < r->depth; i++)
		if (dns_name_eq(r->path[i], domain))
			return true;
	return false;
}

/* Parses and evaluates the record found at domain, which is on the path now. */
static enum answer judge_record(struct run *r, const char *txt, const char *domain, bool included,
				enum spf_result *result)
{
	struct spf_record rec;
	if (r->depth == 1)
		r->out->record = text_printable(r->a, str_of(txt));
	if (spf_record_parse(r->a, txt, &rec))
		return evaluate(r, &rec, domain, included, result);
	spf_note(r->a, r->out, "syntax", rec.bad, domain, rec.why);
	return PERM;
}

/* check_host() of RFC 7208, 4.  HIT: *result holds; it may be SPF_NONE. */
static enum answer check_host(struct run *r, const char *domain, bool included, enum spf_result *result)
{
	const char *txt;
	*result = SPF_NONE;
	if (!spf_domain_usable(domain))
		return HIT;
	if (is_in_path(r, domain))
		return permerror(r, "loop", NULL,
				 arena_printf(r->a, "the record leads back to %s",
					      text_printable(r->a, str_of(domain))));
	enum spf_found found = spf_find(r->view, r->w, domain, &txt);
	if (found == SPF_FOUND_WAITING)
		return WAIT;
	if (found == SPF_FOUND_NONE)
		return HIT;
	r->path[r->depth++] = domain;
	enum answer ans = found == SPF_FOUND_TEMPERROR ? temperror(r, NULL, domain)
			  : found == SPF_FOUND_MANY
				  ? permerror(r, "multiple", NULL, "more than one SPF record; none counts")
				  : judge_record(r, txt, domain, included, result);
	r->depth--;
	return ans;
}

/* The sender's explanation of a fail (6.2); "" when anything is odd with it. */
static enum answer explain(struct run *r)
{
	const char *name;
	struct dns_records got;
	if (!r->exp)
		return HIT;
	if (target(r, r->exp, r->exp_domain, &name) == WAIT ||
	    !dns_view_ask(r->view, r->w, name, "TXT", &got))
		return WAIT;
	if (got.status != DNS_OK || got.n != 1 || spf_macro_fault(str_of(got.v[0]), SPF_IN_EXPLANATION))
		return HIT;
	if (prepare_macros(r, got.v[0], r->exp_domain) == WAIT)
		return WAIT;
	const char *text = spf_macro_expand(r->a, got.v[0], &r->macros);
	if (text && text_is_ascii(str_of(text)))
		r->out->explanation = text_printable(r->a, str_of(text));
	return HIT;
}

/* RFC 7208, 4.3: the null sender is postmaster@helo, a missing local part postmaster. */
static const char *set_sender(struct run *r, const struct spf_ask *q)
{
	const char *from = q->mail_from && *q->mail_from ? q->mail_from : arena_printf(r->a, "@%s", q->helo);
	const char *at = strrchr(from, '@');
	const char *domain = dns_name_plain(r->a, at ? at + 1 : from);
	bool has_local = at && at > from;
	r->macros.local = has_local ? arena_dup(r->a, from, (size_t)(at - from)) : "postmaster";
	r->macros.sender = arena_printf(r->a, "%s@%s", r->macros.local, domain);
	r->macros.sender_domain = r->macros.domain = domain;
	return domain;
}

static void set_macros(struct run *r, const struct spf_ask *q)
{
	char text[IPADDR_TEXT_BYTES];
	r->macros.helo = q->helo;
	r->macros.ip_dotted = ipaddr_dotted(r->a, &r->ip);
	r->macros.ip_text = arena_strdup(r->a, ipaddr_text(&r->ip, text));
	r->macros.ip_kind = r->ip.family == 4 ? "in-addr" : "ip6";
	r->macros.receiver = q->receiver ? q->receiver : "unknown";
	r->macros.now_s = q->now_s;
}

bool spf_check(struct arena *a, const struct spf_ask *q, const struct dns_view *view, struct dns_wants *w,
	       struct spf_report *out)
{
	struct run r = { .a = a, .ip = ipaddr_unmapped(q->ip), .view = view, .w = w, .out = out };
	w->n = 0;
	set_macros(&r, q);
	const char *domain = set_sender(&r, q);
	*out = spf_report_of(text_printable(a, str_of(domain)),
			     q->mail_from && *q->mail_from ? "mailfrom" : "helo");
	enum spf_result result = SPF_NONE;
	enum answer ans = check_host(&r, domain, false, &result);
	out->result = ans == TEMP ? SPF_TEMPERROR : ans == PERM ? SPF_PERMERROR : result;
	if (ans == HIT && result == SPF_FAIL)
		ans = explain(&r);
	if (ans != WAIT)
		w->n = 0;
	return ans != WAIT;
}
