/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule_domain.h"

#include <string.h>

bool rule_is_domain_check(const struct evidence *ev)
{
	const struct fact_target *t = rule_target(ev);
	return !strcmp(t->form, "domain") || (!strcmp(t->form, "address") && !*t->host);
}

bool rule_domain_missing(const struct evidence *ev)
{
	const char *domain = rule_target(ev)->domain;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		bool about = !strcmp(f->dns.purpose, "mx") || !strcmp(f->dns.purpose, "spf");
		if (about && !strcmp(f->dns.status, "nxdomain") &&
		    (str_ieq(str_of(f->dns.name), domain) ||
		     (!strcmp(f->dns.type, "MX") && rule_is_domain_check(ev))))
			return true;
	}
	return false;
}

struct finding *rule_raise_policy(struct verdict *v, const char *id, double confidence, const struct fact *f)
{
	bool stood = verdict_has(v, id);
	struct finding *x = verdict_raise(v, id, confidence, f);
	bool full = rule_is_domain_check(v->ev) || *rule_target(v->ev)->sending_ip;
	if (!stood && !full && x->severity > SEVERITY_WARNING)
		x->severity = SEVERITY_WARNING;
	return x;
}

/* "SPF, DMARC": with those named before. */
static const char *joined(struct verdict *v, const struct finding *x, const char *record)
{
	const char *before = "";
	for (size_t i = 0; i < x->nwords; i++)
		if (!strcmp(x->words[i].name, "record"))
			before = x->words[i].value;
	if (!*before)
		return record;
	return strstr(before, record) ? before : arena_printf(v->arena, "%s, %s", before, record);
}

void rule_raise_unknown(struct verdict *v, const struct fact *f, const char *record, const char *domain,
			const char *why)
{
	bool stood = verdict_has(v, "dns-spf-or-dkim-lookup-failed");
	struct finding *x = verdict_raise(v, "dns-spf-or-dkim-lookup-failed", 0.9, f);
	finding_word(v, x, "record", joined(v, x, record));
	finding_word(v, x, "domain", domain);
	finding_word(v, x, "problem", why);
	if (!stood && !rule_is_domain_check(v->ev) && !*rule_target(v->ev)->sending_ip)
		x->severity = SEVERITY_NOTE;
}
