/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what a domain publishes about its senders: SPF, DKIM, DMARC.  A look-up
 * that failed is "unknown", never "missing". */
#include <string.h>

#include "check/rule_domain.h"

/* Look-alikes of one record: the gravest problem is the one to mend first. */
static const double SURE = 0.97, FURTHER = 0.85;

static const struct {
	const char *problem, *id;
} spf_ids[] = {
	{ "multiple", "dp-spf-multiple" },
	{ "syntax", "dp-spf-syntax" },
	{ "loop", "dp-spf-loop" },
	{ "too-many-lookups", "dp-spf-too-many-lookups" },
	{ "missing", "dp-spf-void-lookups" },
	{ "void-lookups", "dp-spf-void-lookups" },
	{ "passall", "dp-spf-passall" },
};

static const char *spf_id(const char *problem)
{
	for (size_t i = 0; i < ARRAY_LEN(spf_ids); i++)
		if (!strcmp(spf_ids[i].problem, problem))
			return spf_ids[i].id;
	return NULL;
}

/* Slips that occur again and again, and what was meant. */
static const struct {
	const char *begins, *suggest;
} slips[] = {
	{ "ipv4", "write ip4: for ipv4:" },
	{ "ipv6", "write ip6: for ipv6:" },
	{ "ip:", "write ip4: or ip6: for ip:" },
	{ "incude", "write include: for it" },
	{ "inlcude", "write include: for it" },
	{ "includes", "write include: for it" },
	{ "include=", "write include: for include=" },
	{ "redirect:", "write redirect= for redirect:" },
	{ "all=", "write the all with its sign only, such as -all" },
};

static const char *slip(const char *term)
{
	term += strspn(term, "+-~?");
	for (size_t i = 0; i < ARRAY_LEN(slips); i++)
		if (z_istarts(term, slips[i].begins))
			return slips[i].suggest;
	return strchr(term, ',') ? "put one blank for each comma" : "";
}

static const char *spf_count(struct verdict *v, const struct fact_spf *s)
{
	if (!strcmp(s->problem, "too-many-lookups"))
		return arena_printf(v->arena, "%ld", s->lookups);
	if (!strcmp(s->problem, "void-lookups"))
		return arena_printf(v->arena, "%ld", s->void_lookups);
	return !strcmp(s->problem, "missing") ? "One or more" : "";
}

static void raise_spf_problem(struct verdict *v, const struct fact *f, bool gravest)
{
	const struct fact_spf *s = &f->spf;
	const char *id = spf_id(s->problem);
	bool own = gravest || !strcmp(s->problem, "passall");
	if (!strcmp(s->problem, "temperror"))
		rule_raise_unknown(v, f, "SPF", s->domain, s->why);
	if (!id || (!own && verdict_has(v, id)))
		return;
	struct finding *x = rule_raise_policy(v, id, own ? SURE : FURTHER, f);
	bool own_record = !strcmp(s->problem, "syntax") || !strcmp(s->problem, "multiple");
	finding_word(v, x, "domain", own_record && *s->at ? s->at : s->domain);
	finding_word(v, x, "term", s->term);
	finding_word(v, x, "count", spf_count(v, s));
	finding_word(v, x, "suggest", slip(s->term));
}

/* Records as they are, whoever sends. */
static void judge_spf_record(const struct evidence *ev, struct verdict *v)
{
	const char *linted = "";
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SPF, f));) {
		bool first = strcmp(linted, f->spf.domain) != 0;
		if (*f->spf.ip && (!first || strcmp(f->spf.result, "permerror") != 0))
			continue;
		if (!*f->spf.ip && !strcmp(f->spf.result, "none") && !*f->spf.problem &&
		    !rule_domain_missing(ev))
			finding_word(v, rule_raise_policy(v, "dp-spf-none", SURE, f), "domain",
				     f->spf.domain);
		raise_spf_problem(v, f, first);
		linted = f->spf.domain;
	}
}

/* The answer for the address that will send. */
static void judge_spf_sender(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SPF, f));) {
		bool fails = !strcmp(f->spf.result, "fail") || !strcmp(f->spf.result, "softfail");
		if (!*f->spf.ip)
			continue;
		if (!strcmp(f->spf.result, "temperror"))
			rule_raise_unknown(v, f, "SPF", f->spf.domain, f->spf.why);
		if (!fails)
			continue;
		struct finding *x = rule_raise_policy(v, "dp-spf-relay-not-included", SURE, f);
		finding_word(v, x, "domain", f->spf.domain);
		finding_word(v, x, "ip", f->spf.ip);
		finding_word(v, x, "term", f->spf.term);
	}
}

static struct finding *raise_key(struct verdict *v, const char *id, double confidence, const struct fact *f)
{
	const struct fact_dkim_key *k = &f->dkim_key;
	struct finding *x = rule_raise_policy(v, id, confidence, f);
	finding_word(v, x, "selector", k->selector);
	finding_word(v, x, "domain", k->domain);
	finding_word(v, x, "problem", k->problem);
	if (k->bits > 0)
		finding_word(v, x, "size", arena_printf(v->arena, "only %ld", k->bits));
	return x;
}

/* A selector that was named must hold a good key. */
static void judge_named_key(struct verdict *v, const struct fact *f)
{
	const struct fact_dkim_key *k = &f->dkim_key;
	if (!strcmp(k->result, "missing"))
		raise_key(v, "dp-dkim-key-missing", SURE, f);
	else if (!strcmp(k->result, "bad") || !strcmp(k->result, "revoked"))
		raise_key(v, "dp-dkim-key-bad", SURE, f);
	else if (!strcmp(k->result, "short"))
		raise_key(v, "dp-dkim-key-short", SURE, f);
	else if (!strcmp(k->result, "temperror"))
		rule_raise_unknown(v, f, "DKIM", k->domain, k->problem);
}

/* A usual name: only what stands there can be at fault, and it may be out of use. */
static void judge_guessed_key(struct verdict *v, const struct fact *f)
{
	enum { BITS_THAT_COUNT = 1024 };
	const struct fact_dkim_key *k = &f->dkim_key;
	struct finding *x = NULL;
	if (!strcmp(k->result, "bad") && !verdict_has(v, "dp-dkim-key-bad"))
		x = raise_key(v, "dp-dkim-key-bad", 0.8, f);
	else if (!strcmp(k->result, "short") && !verdict_has(v, "dp-dkim-key-short"))
		x = raise_key(v, "dp-dkim-key-short", 0.8, f);
	if (x)
		x->severity = k->bits >= BITS_THAT_COUNT ? SEVERITY_NOTE : SEVERITY_WARNING;
}

static void judge_dkim_keys(const struct evidence *ev, struct verdict *v)
{
	if (rule_domain_missing(ev))
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DKIM_KEY, f));)
		if (!strcmp(f->dkim_key.expected, "guess"))
			judge_guessed_key(v, f);
		else
			judge_named_key(v, f);
}

static const struct {
	const char *result, *id;
} dkim_ids[] = {
	{ "body-hash", "dp-dkim-body-hash" },     { "signature", "dp-dkim-header-changed" },
	{ "key-missing", "dp-dkim-key-missing" }, { "key-bad", "dp-dkim-key-bad" },
	{ "key-short", "dp-dkim-key-short" },
};

/* A message that was given as a file.  An unsigned one says something only where no
 * server for sending stands between, which would sign it. */
static void judge_signature(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_MESSAGE, NULL);
	if (!f || strcmp(f->message.source, "file") != 0)
		return;
	const struct fact_message *m = &f->message;
	bool direct = rule_is_domain_check(ev) || *rule_target(ev)->sending_ip;
	if (!strcmp(m->dkim_result, "none") && direct)
		verdict_raise(v, "dp-dkim-not-signed", 0.96, f);
	if (!strcmp(m->dkim_result, "temperror"))
		rule_raise_unknown(v, f, "DKIM", m->dkim_domain, "");
	for (size_t i = 0; i < ARRAY_LEN(dkim_ids); i++) {
		if (strcmp(dkim_ids[i].result, m->dkim_result) != 0)
			continue;
		struct finding *x = verdict_raise(v, dkim_ids[i].id, SURE, f);
		finding_word(v, x, "domain", m->dkim_domain);
		finding_word(v, x, "selector", m->dkim_selector);
	}
}

/* Receivers still find a policy in the record, only a lesser tag is odd. */
static bool is_still_used(const struct fact_dmarc *d)
{
	return !strcmp(d->result, "syntax") && *d->applies && strncmp(d->problem, "p=", 2) != 0;
}

static void judge_dmarc_record(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_DMARC, NULL);
	if (!f || rule_domain_missing(ev))
		return;
	const struct fact_dmarc *d = &f->dmarc;
	struct finding *x = NULL;
	if (!strcmp(d->result, "none"))
		x = rule_raise_policy(v, "dp-dmarc-none", SURE, f);
	else if (!strcmp(d->result, "multiple") || !strcmp(d->result, "syntax"))
		x = rule_raise_policy(v, "dp-dmarc-multiple-or-syntax", SURE, f);
	else if (!strcmp(d->result, "temperror"))
		rule_raise_unknown(v, f, "DMARC", d->domain, d->problem);
	if (!x)
		return;
	if (is_still_used(d))
		x->severity = SEVERITY_WARNING;
	finding_word(v, x, "domain", d->domain);
	finding_word(v, x, "problem", d->problem);
	finding_word(v, x, "term", d->problem);
}

/* The domain for which SPF passes, "" none. */
static const struct fact *spf_pass(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SPF, f));)
		if (*f->spf.ip && !strcmp(f->spf.result, "pass"))
			return f;
	return NULL;
}

/* Something passes, and not for the domain people see. */
static void judge_alignment(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_DMARC, NULL), *spf = spf_pass(ev);
	const struct fact *m = evidence_next(ev, FACT_MESSAGE, NULL);
	bool dkim = m && !strcmp(m->message.dkim_result, "pass");
	if (!f || strcmp(f->dmarc.outcome, "fail") != 0 || (!spf && !dkim))
		return;
	struct finding *x = rule_raise_policy(v, "dp-dmarc-align", SURE, f);
	finding_fact(x, spf);
	if (dkim)
		finding_fact(x, m);
	finding_word(v, x, "domain", f->dmarc.domain);
	finding_word(v, x, "other", spf ? spf->spf.domain : m->message.dkim_domain);
}

const struct rule rules_policy[] = {
	{ "spf-record", judge_spf_record },
	{ "spf-sender", judge_spf_sender },
	{ "dkim-keys", judge_dkim_keys },
	{ "dkim-signature", judge_signature },
	{ "dmarc-record", judge_dmarc_record },
	{ "dmarc-alignment", judge_alignment },
	{ NULL, NULL },
};
