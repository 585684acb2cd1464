/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what was typed: garbage in a field, a name that does not exist, the
 * wrong one of two servers. */
#include <string.h>
#include <strings.h>

#include "catalog/provider.h"
#include "check/rule_domain.h"

static const struct {
	const char *problem, *words;
} problems[] = {
	{ "scheme", "a web address in front of the name" },
	{ "slash", "a slash" },
	{ "blank", "a blank" },
	{ "line-break", "a line break" },
	{ "port-in-host", "the port in the same field" },
	{ "zero-width", "an invisible character" },
	{ "lookalike", "a letter of another alphabet that looks like a Latin one" },
	{ "at-sign", "an @ sign: that is an address, not a server" },
	{ "no-at", "the @ is missing" },
	{ "two-ats", "two @ signs" },
	{ "no-domain", "nothing after the @" },
	{ "no-local", "nothing before the @" },
	{ "comma", "a comma" },
	{ "display-name", "a name beside the address" },
	{ "dot", "a dot too many" },
	{ "too-long", "too many characters" },
	{ "empty", "nothing in it" },
	{ "bad-character", "a character that cannot stand there" },
	{ "bad-label", "a part that cannot be in a name" },
	{ "quoted", "quotation marks" },
	{ "brackets", "brackets" },
	{ "bad-number", "numbers that are no address" },
	{ "unbalanced-quote", "a quotation mark without its partner" },
};

static const char *words_of(const char *problem)
{
	for (size_t i = 0; i < ARRAY_LEN(problems); i++)
		if (z_eq(problems[i].problem, problem))
			return problems[i].words;
	return problem;
}

static const char *id_of(const struct fact_input *i)
{
	if (z_eq(i->field, "host") || z_eq(i->field, "domain"))
		return "cfg-host-paste-garbage";
	return z_eq(i->field, "from") && z_eq(i->problem, "empty") ? "cfg-from-blank" : "cfg-address-invalid";
}

static void judge_input(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_INPUT, f));) {
		struct finding *x = verdict_raise(v, id_of(&f->input), 0.99, f);
		finding_word(v, x, "problem", words_of(f->input.problem));
		finding_word(v, x, "value", f->input.value);
		finding_word(v, x, "suggest", f->input.clean);
	}
}

/* A recipient without a sender: asked with the empty one, and said. */
static void judge_no_sender(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_TARGET, NULL);
	const struct fact_target *t = rule_target(ev);
	if (t->to.n && !*t->from && !t->from_given && !rule_is_domain_check(ev))
		verdict_raise(v, "cfg-from-blank", 0.9, f)->severity = SEVERITY_WARNING;
}

static bool resolves(const struct fact *f)
{
	return f && z_eq(f->dns.status, "ok");
}

/* The near name that exists, best first: a provider's own, then smtp. and mail. */
static const char *existing_near_name(const struct evidence *ev, const struct fact **proof)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (z_eq(f->dns.purpose, "near") && resolves(f)) {
			*proof = f;
			return f->dns.name;
		}
	return provider_near_host(rule_target(ev)->host);
}

static bool resolver_invents(const struct evidence *ev)
{
	return resolves(rule_dns(ev, "random", ""));
}

static void judge_host_name(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = rule_dns(ev, "host", "A");
	if (!f)
		f = rule_dns(ev, "host", "AAAA");
	if (!f || !z_eq(f->dns.status, "nxdomain") || rule_main(ev) || resolver_invents(ev))
		return;
	if (provider_by_host(f->dns.name)) { /* a name we know to be right: the resolver is not */
		finding_instead(verdict_raise(v, "dns-resolver-differs", 0.7, f), "cfg-host-typo", 0.1);
		return;
	}
	const struct fact *proof = NULL, *parent = rule_dns(ev, "parent", "");
	const struct fact *other = rule_dns(ev, "other-resolver", "A");
	const char *near = existing_near_name(ev, &proof);
	if (!near && resolves(other))
		return; /* it exists for another resolver: rule_dns says so */
	bool parent_is_there = parent && !z_eq(parent->dns.status, "nxdomain");
	struct finding *x = verdict_raise(v, "cfg-host-typo", near ? 0.96 : parent_is_there ? 0.93 : 0.88, f);
	finding_fact(x, proof);
	finding_word(v, x, "suggest", near);
	finding_instead(x, "dns-servfail", 0.01);
}

static bool equals_mx(const struct fact *mx, const char *host)
{
	for (size_t i = 0; mx && i < mx->dns.answers.n; i++) {
		const char *name = strchr(mx->dns.answers.v[i], ' ');
		if (name && !strcasecmp(name + 1, host))
			return true;
	}
	return false;
}

/* A refusal that names another reason than relaying: the mailbox, the client, a list. */
static bool has_other_reason(const struct evidence *ev, const struct fact *rcpt)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	if (!rule_meanings(ev, rcpt, m) || m[0].confidence < 0.8)
		return false;
	return !z_eq(m[0].entry->id, "rcpt-relay-denied") && !z_eq(m[0].entry->id, "auth-required-530");
}

/* The server that receives for a domain was entered as the one that sends. */
static void judge_mx_as_submission(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *mx = rule_dns(ev, "mx-of-user", "MX"), *e = evidence_last(ev, FACT_EHLO, main);
	/* the first: the last answered a recipient of ours */
	const struct fact *rcpt = rule_reply_at(ev, main, "rcpt"), *auth = evidence_last(ev, FACT_AUTH, main);
	const struct fact *s = evidence_last(ev, FACT_SESSION, main);
	bool submission = s && (s->dialogue.port == 587 || s->dialogue.port == 465);
	/* before TLS a list without login says nothing yet */
	bool no_login = e && !e->ehlo.auth.n && (e->ehlo.after_tls || !e->ehlo.starttls) && !submission;
	bool refused = rcpt && rcpt->reply.code >= 500;
	/* without a login: a small server does both under one name, and would relay after one */
	bool does_both = !auth && rule_experiment_is(ev, "submission-port", "works");
	if (!no_login || does_both || (!refused && !auth) || !equals_mx(mx, rule_target(ev)->host) ||
	    (refused && has_other_reason(ev, rcpt)))
		return;
	struct finding *x = verdict_raise(v, "cfg-mx-used-as-submission", 0.94, mx);
	finding_fact(x, e);
	finding_fact(x, refused ? rcpt : auth);
	const struct fact *at = rule_dns(ev, "near", "");
	if (resolves(at))
		finding_word(v, x, "suggest", at->dns.name);
}

const struct rule rules_config[] = {
	{ "input", judge_input },
	{ "no-sender", judge_no_sender },
	{ "host-name", judge_host_name },
	{ "mx-as-submission", judge_mx_as_submission },
	{ NULL, NULL },
};
