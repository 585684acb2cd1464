/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for the address that sends: its name, and the lists it may stand on. */
#include <string.h>

#include "check/rule_inner.h"
#include "check/rule_view.h"

/* Where the name of the address leads, "no address" for nowhere. */
static const char *forward(const struct evidence *ev, struct verdict *v, const char *name)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (!strcmp(f->dns.purpose, "ptr") && strcmp(f->dns.type, "PTR") != 0 &&
		    str_ieq(str_of(f->dns.name), name))
			return f->dns.answers.n ? strlist_join(&f->dns.answers, v->arena, ", ")
						: "no address at all";
	return "";
}

static struct finding *raise_ptr(struct verdict *v, const char *id, const struct fact *f)
{
	struct finding *x = verdict_raise(v, id, 0.96, f);
	finding_word(v, x, "ip", f->ptr.ip);
	if (f->ptr.names.n)
		finding_word(v, x, "value", f->ptr.names.v[0]);
	return x;
}

static void judge_name(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_PTR, NULL);
	if (!f)
		return;
	const struct fact_ptr *r = &f->ptr;
	if (!strcmp(r->result, "generic"))
		raise_ptr(v, "dp-generic-ptr", f);
	if (!strcmp(r->result, "mismatch")) {
		struct finding *x = raise_ptr(v, "dp-fcrdns-mismatch", f);
		finding_word(v, x, "other", r->names.n ? forward(ev, v, r->names.v[0]) : "");
	}
	if (!strcmp(r->result, "ok") && *r->helo && !r->helo_matches) {
		struct finding *x = raise_ptr(v, "dp-fcrdns-mismatch", f);
		finding_word(v, x, "other", r->ip);
		x->severity = SEVERITY_WARNING; /* the name is sound, only the greeting differs */
	}
	if (!strcmp(r->result, "temperror"))
		raise_ptr(v, "dns-ptr-lookup-failed", f);
	if (!strcmp(r->result, "none") && !rule_is_internal(r->ip)) {
		struct finding *x = raise_ptr(v, "rcpt-ptr-missing", f);
		x->step = STEP_DOMAIN_POLICY;
		x->severity = SEVERITY_WARNING; /* foreseen: nobody has refused yet */
	}
}

static const struct fact *invented(const struct evidence *ev)
{
	const struct fact *f = rule_dns(ev, "random", "A");
	return f && !strcmp(f->dns.status, "ok") && f->dns.answers.n ? f : NULL;
}

static struct finding *raise_list(struct verdict *v, const char *id, double confidence, const struct fact *f)
{
	struct finding *x = verdict_raise(v, id, confidence, f);
	finding_word(v, x, "ip", f->dnsbl.subject);
	finding_word(v, x, "zone", f->dnsbl.zone);
	return x;
}

/* A refusal says nothing about the address; an answer for every name neither. */
static void judge_lists(const struct evidence *ev, struct verdict *v)
{
	const struct fact *random = invented(ev);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNSBL, f));) {
		if (!strcmp(f->dnsbl.result, "listed") && !random) {
			struct finding *x =
				raise_list(v, "dp-ip-blocklisted", f->dnsbl.proven ? 0.97 : 0.8, f);
			finding_word(v, x, "reply", strlist_join(&f->dnsbl.answers, v->arena, ", "));
		}
		if (!strcmp(f->dnsbl.result, "wildcard") && random)
			finding_word(v, verdict_raise(v, "dns-nxdomain-rewritten", 0.97, random), "value",
				     random->dns.answers.v[0]);
		else if (!strcmp(f->dnsbl.result, "refused") || !strcmp(f->dnsbl.result, "wildcard"))
			raise_list(v, "dp-dnsbl-query-refused", 0.95, f);
		else if (!strcmp(f->dnsbl.result, "temperror"))
			raise_list(v, "dp-dnsbl-lookup-failed", 0.9, f);
	}
}

const struct rule rules_address[] = {
	{ "address-name", judge_name },
	{ "address-lists", judge_lists },
	{ NULL, NULL },
};
