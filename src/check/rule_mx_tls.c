/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what a domain promises about the encryption of its mail: MTA-STS and DANE. */
#include <string.h>

#include "check/rule_domain.h"
#include "mail/dns_view.h"

static const struct fact *sts_fact(const struct evidence *ev)
{
	return evidence_next(ev, FACT_MTA_STS, NULL);
}

/* In testing mode senders only report. */
static void weigh(struct finding *x, const struct fact_mta_sts *m)
{
	if (!z_eq(m->mode, "enforce") && x->severity > SEVERITY_WARNING)
		x->severity = SEVERITY_WARNING;
}

static void judge_sts_policy(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = sts_fact(ev);
	if (!f)
		return;
	const struct fact_mta_sts *m = &f->mta_sts;
	if (z_eq(m->result, "unfetchable") || z_eq(m->result, "unusable")) {
		struct finding *x = rule_raise_policy(v, "dp-mta-sts-policy-unfetchable", 0.97, f);
		finding_word(v, x, "domain", m->domain);
		finding_word(v, x, "problem", m->problem);
	}
	if (z_eq(m->result, "temperror") && rule_is_domain_check(ev))
		rule_raise_unknown(v, f, "MTA-STS", m->domain, m->problem);
	if (z_eq(m->result, "ok") && !z_eq(m->mode, "none") && m->unlisted.n) {
		struct finding *x = rule_raise_policy(v, "dp-mta-sts-mx-mismatch", 0.97, f);
		finding_word(v, x, "domain", m->domain);
		finding_word(v, x, "host", strlist_join(&m->unlisted, v->arena, ", "));
		weigh(x, m);
	}
}

static bool is_mx_session(const struct evidence *ev, unsigned session)
{
	const char *purpose = rule_purpose(ev, session);
	return z_eq(purpose, "main") || z_eq(purpose, "mx");
}

/* "10@0 certificate has expired" without its numbers. */
static const char *words(const struct fact_verify *x)
{
	const char *blank = x->errors.n ? strchr(x->errors.v[0], ' ') : NULL;
	return blank ? blank + 1 : "";
}

/* Of the domain that is checked: what senders go by; NULL: no policy, or none that counts. */
static const struct fact *sts_of_domain(const struct evidence *ev)
{
	const struct fact *sts = rule_is_domain_check(ev) ? sts_fact(ev) : NULL;
	bool counts = sts && z_eq(sts->mta_sts.result, "ok") && !z_eq(sts->mta_sts.mode, "none");
	return counts ? sts : NULL;
}

static void judge_sts_certificates(const struct evidence *ev, struct verdict *v)
{
	const struct fact *sts = sts_of_domain(ev);
	if (!sts)
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_VERIFY, f));) {
		const struct fact_verify *x = &f->verify;
		if (!is_mx_session(ev, f->session) || x->trusted ||
		    strlist_has(&sts->mta_sts.unlisted, x->name))
			continue;
		struct finding *found = verdict_raise(v, "dp-mta-sts-cert", 0.97, f);
		finding_fact(found, sts);
		finding_word(v, found, "domain", sts->mta_sts.domain);
		finding_word(v, found, "host", x->name);
		finding_word(v, found, "problem", words(x));
		weigh(found, &sts->mta_sts);
	}
}

static const struct fact *tlsa_of(const struct evidence *ev, const char *host)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TLSA, f));)
		if (dns_name_eq(f->tlsa.host, host))
			return f;
	return NULL;
}

static void judge_dane_certificates(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_VERIFY, f));) {
		if (!z_eq(f->verify.dane, "mismatch"))
			continue;
		struct finding *x = verdict_raise(v, "dp-dane-mismatch", 0.97, f);
		finding_fact(x, tlsa_of(ev, f->verify.name));
		finding_word(v, x, "host", f->verify.name);
	}
}

/* The EHLO of a dialogue with an MX host that offered no encryption; NULL: it did, or its offers were not
 * heard as it made them. */
static const struct fact *without_tls(const struct evidence *ev, const struct fact *session)
{
	const struct fact *f = evidence_last(ev, FACT_EHLO, session->session);
	if (!f || !is_mx_session(ev, session->session))
		return NULL;
	const struct fact_ehlo *e = &f->ehlo;
	return e->starttls || e->after_tls || e->helo || e->masked.n ? NULL : f;
}

/* Senders that insist go on to another host, where the policy (NULL: none asked) names that one. */
static bool another_offers_tls(const struct evidence *ev, const char *host, const struct fact_mta_sts *policy)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SESSION, f));) {
		const struct fact *e = evidence_last(ev, FACT_EHLO, f->session);
		const char *name = f->dialogue.host;
		if (!e || !is_mx_session(ev, f->session) || dns_name_eq(name, host))
			continue;
		bool named = !policy || !strlist_has(&policy->unlisted, name);
		if (named && (e->ehlo.starttls || e->ehlo.after_tls))
			return true;
	}
	return false;
}

/* Seen from one network only: on the way to it, the offer may have been taken out. */
static struct finding *raise_missing(struct verdict *v, const char *id, const struct fact *ehlo,
				     const char *host, const struct fact_mta_sts *policy)
{
	struct finding *x = verdict_raise(v, id, 0.85, ehlo);
	finding_word(v, x, "host", host);
	finding_instead(x, "starttls-stripped", 0.15);
	if (another_offers_tls(v->ev, host, policy) && x->severity > SEVERITY_WARNING)
		x->severity = SEVERITY_WARNING;
	return x;
}

/* Promised by a proven record, and not offered in the same dialogue. */
static void judge_dane_without_tls(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SESSION, f));) {
		const struct fact *ehlo = without_tls(ev, f), *tlsa = tlsa_of(ev, f->dialogue.host);
		if (ehlo && tlsa && z_eq(tlsa->tlsa.result, "secure"))
			finding_fact(raise_missing(v, "dp-dane-starttls-missing", ehlo, f->dialogue.host,
						   NULL),
				     tlsa);
	}
}

static void judge_sts_without_tls(const struct evidence *ev, struct verdict *v)
{
	const struct fact *sts = sts_of_domain(ev);
	if (!sts)
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SESSION, f));) {
		const struct fact *ehlo = without_tls(ev, f);
		if (!ehlo)
			continue;
		struct finding *x = raise_missing(v, "dp-mta-sts-starttls-missing", ehlo, f->dialogue.host,
						  &sts->mta_sts);
		finding_fact(x, sts);
		finding_word(v, x, "domain", sts->mta_sts.domain);
		weigh(x, &sts->mta_sts);
	}
}

/* Why nothing could be proven: in the words of a question asked for its proof. */
static const struct fact *unprovable(const struct evidence *ev)
{
	const struct fact *f = NULL;
	while ((f = evidence_next(ev, FACT_DNS, f)))
		if (z_eq(f->dns.purpose, "validated") && *f->dns.error)
			break;
	return f;
}

/* Nothing about the domain: the name server in use lets nobody look. */
static void judge_untested(const struct evidence *ev, struct verdict *v, const struct fact *tlsa)
{
	const struct fact *why = unprovable(ev);
	struct finding *x = verdict_raise(v, "dns-dnssec-untested", 0.95, tlsa);
	finding_fact(x, why);
	finding_word(v, x, "host", tlsa->tlsa.host);
	if (why) {
		finding_word(v, x, "value", why->dns.resolver);
		finding_word(v, x, "problem", why->dns.error);
	}
}

static bool is_signed(const struct evidence *ev, const char *host)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (f->dns.secure && z_eq(f->dns.purpose, "mx-host") && dns_name_eq(f->dns.name, host))
			return true;
	return false;
}

/* Where the host's zone is signed, who sends with DANE waits until it is known whether there is a record
 * (RFC 7672, 2.1.1).  Silence within our short patience proves nothing. */
static void judge_dane_lookup(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TLSA, f));) {
		const char *name = arena_printf(v->arena, "_%ld._tcp.%s", f->tlsa.port, f->tlsa.host);
		const struct fact *asked = NULL;
		for (const struct fact *d = NULL; (d = evidence_next(ev, FACT_DNS, d));)
			if (z_eq(d->dns.purpose, "tlsa") && dns_name_eq(d->dns.name, name))
				asked = d;
		bool failed =
			asked && (z_eq(asked->dns.status, "servfail") || z_eq(asked->dns.status, "bogus"));
		if (!failed || !is_signed(ev, f->tlsa.host))
			continue;
		struct finding *x = verdict_raise(v, "dns-tlsa-lookup-failed", 0.9, f);
		finding_fact(x, asked);
		finding_word(v, x, "host", f->tlsa.host);
		finding_word(v, x, "port", arena_printf(v->arena, "%ld", f->tlsa.port));
		finding_word(v, x, "problem", asked->dns.status);
	}
}

static void judge_dane_proof(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TLSA, f));)
		if (z_eq(f->tlsa.result, "insecure"))
			finding_word(v, verdict_raise(v, "dp-dane-unsigned", 0.93, f), "host", f->tlsa.host);
		else if (z_eq(f->tlsa.result, "untested") && !verdict_has(v, "dns-dnssec-untested"))
			judge_untested(ev, v, f);
}

const struct rule rules_mx_tls[] = {
	{ "sts-policy", judge_sts_policy },
	{ "sts-certificates", judge_sts_certificates },
	{ "dane-certificates", judge_dane_certificates },
	{ "dane-without-tls", judge_dane_without_tls },
	{ "sts-without-tls", judge_sts_without_tls },
	{ "dane-lookup", judge_dane_lookup },
	{ "dane-proof", judge_dane_proof },
	{ NULL, NULL },
};
