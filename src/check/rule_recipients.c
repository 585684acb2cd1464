/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for recipients whose domain cannot take mail, whatever the server for sending
 * says, and for a sender whose domain does not exist. */
#include <string.h>

#include "check/rule_domain.h"
#include "mail/dns_view.h"

/* Reserved for examples and tests (RFC 2606, 6761): nobody has typed one by mistake. */
static bool is_reserved(const char *domain)
{
	static const char *const names[] = { "example",     "test",        "invalid",    "localhost",
					     "example.com", "example.net", "example.org" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (dns_name_within(domain, names[i]))
			return true;
	return false;
}

/* What the server said to a recipient of that domain, NULL when it was not asked. */
static const struct fact *reply_for(const struct evidence *ev, const char *domain)
{
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));) {
		const char *at = strrchr(f->reply.recipient, '@');
		if (!strcmp(f->reply.step, "rcpt") && at && !rule_is_control(ev, f) &&
		    dns_name_eq(at + 1, domain))
			return f;
	}
	return NULL;
}

static const char *fault_of(struct verdict *v, const struct fact *f)
{
	if (!strcmp(f->dns.status, "nxdomain"))
		return "dns-nxdomain-recipient-domain";
	if (strcmp(f->dns.status, "ok") != 0 || f->dns.answers.n != 1)
		return NULL;
	const char *host = dns_mx_host(v->arena, f->dns.answers.v[0]);
	return host && !*host ? "mx-null" : NULL;
}

static void judge_recipient_domains(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (strcmp(f->dns.purpose, "to-domain") != 0)
			continue;
		const char *id = fault_of(v, f);
		const struct fact *reply = id ? reply_for(ev, f->dns.name) : NULL;
		if (!reply)
			continue;
		bool refused = reply->reply.code >= 400, reserved = is_reserved(f->dns.name);
		bool stood = verdict_has(v, id);
		if (refused && reserved && !stood)
			continue;
		struct finding *x = verdict_raise(v, id, 0.96, f);
		finding_fact(x, reply);
		finding_word(v, x, "domain", f->dns.name);
		if (stood)
			continue;
		x->step = STEP_RCPT; /* what comes before it in the dialogue is mended first */
		if (reserved)
			x->severity = SEVERITY_WARNING;
	}
}

/* No answer, no bounce and no reply can ever come back to such a sender. */
static void judge_sender_domain(const struct evidence *ev, struct verdict *v)
{
	const struct fact_target *t = rule_target(ev);
	const struct fact *reply = rule_reply_at(ev, rule_main(ev), "mail-from");
	const char *at = strrchr(t->from, '@');
	if (rule_is_domain_check(ev) || !t->from_given || !at || !reply)
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (strcmp(f->dns.purpose, "spf") != 0 || strcmp(f->dns.status, "nxdomain") != 0 ||
		    !dns_name_eq(f->dns.name, at + 1))
			continue;
		bool stood = verdict_has(v, "mf-sender-domain-missing");
		if (!stood && (reply->reply.code >= 400 || is_reserved(f->dns.name)))
			continue;
		struct finding *x = verdict_raise(v, "mf-sender-domain-missing", 0.95, f);
		finding_word(v, x, "domain", f->dns.name);
		if (!stood)
			x->severity = SEVERITY_WARNING; /* this server takes it; the next may not */
	}
}

const struct rule rules_recipients[] = {
	{ "sender-domain", judge_sender_domain },
	{ "recipient-domains", judge_recipient_domains },
	{ NULL, NULL },
};
