/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf.h"

#include <string.h>

#include "base/text.h"
#include "mail/spf_run.h"

static enum spf_answer check_host(struct spf_run *r, const char *domain, bool included,
				  enum spf_result *result);

static enum spf_answer match_include(struct spf_run *r, const struct spf_term *t, const char *name)
{
	enum spf_result inner = SPF_NONE;
	enum spf_answer ans = check_host(r, name, true, &inner);
	if (ans != SPF_HIT)
		return ans;
	if (inner == SPF_NONE)
		return spf_permerror(r, "missing", t,
				     arena_printf(r->a, "%s has no SPF record",
						  text_printable(r->a, str_of(name))));
	if (inner == SPF_PASS)
		return SPF_HIT;
	r->out->term = r->out->at = "";
	return SPF_MISS;
}

static enum spf_answer match(struct spf_run *r, const struct spf_term *t, const char *domain)
{
	const char *name;
	if (spf_term_looks_up(t) && ++r->out->lookups > SPF_LOOKUPS_MAX)
		return spf_permerror(r, "too-many-lookups", t, "more than 10 terms that ask the DNS");
	if (spf_target(r, t, domain, &name) == SPF_WAIT)
		return SPF_WAIT;
	return t->kind == SPF_INCLUDE ? match_include(r, t, name) : spf_match(r, t, name);
}

/* Puts the questions of all terms that may be reached on the list at once. */
static void prefetch(struct spf_run *r, const struct spf_record *rec, const char *domain)
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
		    spf_target(r, t, domain, &name) == SPF_WAIT)
			continue;
		const char *type = t->kind == SPF_A        ? spf_address_type(r)
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

static void decide(struct spf_run *r, const struct spf_record *rec, const struct spf_term *t,
		   const char *domain, bool included)
{
	if (t->kind != SPF_INCLUDE || t->qualifier != '+') {
		r->out->term = t->text;
		r->out->at = text_printable(r->a, str_of(domain));
		r->out->problem = r->out->why = ""; /* a "+all" behind "-include:" lets nobody pass */
		r->out->nproblems = 0;
	}
	if (spf_term_passes_all(t))
		spf_note(r->a, r->out, "passall", t->text, domain, "the record lets everybody send");
	if (!included) {
		r->exp = rec->exp;
		r->exp_domain = domain;
	}
}

static enum spf_answer follow_redirect(struct spf_run *r, const struct spf_record *rec, const char *domain,
				       bool included, enum spf_result *result)
{
	const char *name;
	if (++r->out->lookups > SPF_LOOKUPS_MAX)
		return spf_permerror(r, "too-many-lookups", rec->redirect,
				     "more than 10 terms that ask the DNS");
	if (spf_target(r, rec->redirect, domain, &name) == SPF_WAIT)
		return SPF_WAIT;
	enum spf_answer ans = check_host(r, name, included, result);
	if (ans == SPF_HIT && *result == SPF_NONE)
		return spf_permerror(r, "missing", rec->redirect,
				     arena_printf(r->a, "%s has no SPF record",
						  text_printable(r->a, str_of(name))));
	return ans;
}

static enum spf_answer evaluate(struct spf_run *r, const struct spf_record *rec, const char *domain,
				bool included, enum spf_result *result)
{
	prefetch(r, rec, domain);
	for (size_t i = 0; i < rec->n; i++) {
		const struct spf_term *t = &rec->terms[i];
		if (t->kind >= SPF_REDIRECT)
			continue;
		enum spf_answer ans = match(r, t, domain);
		if (ans == SPF_MISS)
			continue;
		if (ans == SPF_HIT) {
			*result = qualified(t->qualifier);
			decide(r, rec, t, domain, included);
		}
		return ans;
	}
	*result = SPF_NEUTRAL;
	return rec->redirect ? follow_redirect(r, rec, domain, included, result) : SPF_HIT;
}

static bool is_in_path(const struct spf_run *r, const char *domain)
{
	for (size_t i = 0; i < r->depth; i++)
		if (dns_name_eq(r->path[i], domain))
			return true;
	return false;
}

/* Parses and evaluates the record found at domain, which is on the path now. */
static enum spf_answer judge_record(struct spf_run *r, const char *txt, const char *domain, bool included,
				    enum spf_result *result)
{
	struct spf_record rec;
	if (r->depth == 1)
		r->out->record = text_printable(r->a, str_of(txt));
	if (spf_record_parse(r->a, txt, &rec))
		return evaluate(r, &rec, domain, included, result);
	spf_note(r->a, r->out, "syntax", rec.bad, domain, rec.why);
	return SPF_PERM;
}

/* check_host() of RFC 7208, 4.  SPF_HIT: *result holds; it may be SPF_NONE. */
static enum spf_answer check_host(struct spf_run *r, const char *domain, bool included,
				  enum spf_result *result)
{
	const char *txt;
	*result = SPF_NONE;
	if (!spf_domain_usable(domain))
		return SPF_HIT;
	if (is_in_path(r, domain))
		return spf_permerror(r, "loop", NULL,
				     arena_printf(r->a, "the record leads back to %s",
						  text_printable(r->a, str_of(domain))));
	enum spf_found found = spf_find(r->view, r->w, domain, &txt);
	if (found == SPF_FOUND_WAITING)
		return SPF_WAIT;
	if (found == SPF_FOUND_NONE)
		return SPF_HIT;
	r->path[r->depth++] = domain;
	enum spf_answer ans =
		found == SPF_FOUND_TEMPERROR ? spf_temperror(r, NULL, domain)
		: found == SPF_FOUND_MANY
			? spf_permerror(r, "multiple", NULL, "more than one SPF record; none counts")
			: judge_record(r, txt, domain, included, result);
	r->depth--;
	return ans;
}

/* The sender's explanation of a fail (6.2); "" when anything is odd with it. */
static enum spf_answer explain(struct spf_run *r)
{
	const char *name;
	struct dns_records got;
	if (!r->exp)
		return SPF_HIT;
	if (spf_target(r, r->exp, r->exp_domain, &name) == SPF_WAIT ||
	    !dns_view_ask(r->view, r->w, name, "TXT", &got))
		return SPF_WAIT;
	if (got.status != DNS_OK || got.n != 1 || spf_macro_fault(str_of(got.v[0]), SPF_IN_EXPLANATION))
		return SPF_HIT;
	if (spf_prepare_macros(r, got.v[0], r->exp_domain) == SPF_WAIT)
		return SPF_WAIT;
	const char *text = spf_macro_expand(r->a, got.v[0], &r->macros);
	if (text && text_is_ascii(str_of(text)))
		r->out->explanation = text_printable(r->a, str_of(text));
	return SPF_HIT;
}

/* RFC 7208, 4.3: the null sender is postmaster@helo, a missing local part postmaster. */
static const char *set_sender(struct spf_run *r, const struct spf_ask *q)
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

static void set_macros(struct spf_run *r, const struct spf_ask *q)
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
	struct spf_run r = { .a = a, .ip = ipaddr_unmapped(q->ip), .view = view, .w = w, .out = out };
	w->n = 0;
	set_macros(&r, q);
	const char *domain = set_sender(&r, q);
	*out = spf_report_of(text_printable(a, str_of(domain)),
			     q->mail_from && *q->mail_from ? "mailfrom" : "helo");
	enum spf_result result = SPF_NONE;
	enum spf_answer ans = check_host(&r, domain, false, &result);
	out->result = ans == SPF_TEMP ? SPF_TEMPERROR : ans == SPF_PERM ? SPF_PERMERROR : result;
	if (ans == SPF_HIT && result == SPF_FAIL)
		ans = explain(&r);
	if (ans != SPF_WAIT)
		w->n = 0;
	return ans != SPF_WAIT;
}
