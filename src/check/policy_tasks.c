/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks of policy.h: each binds one evaluator of mail/ to the fact it gives. */
#include <string.h>

#include "check/policy.h"

static void copy_list(struct probe *p, struct strlist *to, const struct strlist *from)
{
	for (size_t i = 0; i < from->n; i++)
		strlist_add(to, p->ev->arena, probe_text(p, from->v[i]));
}

static bool judge_spf_lint(struct policy_task *t, struct arena *a, const struct dns_view *view,
			   struct dns_wants *w)
{
	return spf_lint(a, t->domain, view, w, &t->out.spf);
}

static bool judge_spf(struct policy_task *t, struct arena *a, const struct dns_view *view,
		      struct dns_wants *w)
{
	return spf_check(a, &t->spf_ask, view, w, &t->out.spf);
}

static struct fact *spf_fact(struct probe *p, const struct policy_task *t)
{
	const struct spf_report *r = &t->out.spf;
	char ip[IPADDR_TEXT_BYTES];
	struct fact *f = probe_fact(p, FACT_SPF, 0);
	f->spf.domain = probe_text(p, r->domain);
	f->spf.ip = probe_text(p, ipaddr_text(&t->spf_ask.ip, ip));
	f->spf.identity = r->identity;
	f->spf.result = spf_result_name(r->result);
	f->spf.record = probe_text(p, r->record);
	f->spf.term = probe_text(p, r->term);
	f->spf.at = probe_text(p, r->at);
	f->spf.problem = r->problem;
	f->spf.why = probe_text(p, r->why);
	f->spf.lookups = (long)r->lookups;
	f->spf.void_lookups = (long)r->void_lookups;
	f->spf.explanation = probe_text(p, r->explanation);
	return f;
}

/* The gravest problem first; each further one in a fact of its own. */
static void record_spf(const struct policy_task *t, struct probe *p)
{
	const struct spf_report *r = &t->out.spf;
	probe_tell(p, spf_fact(p, t));
	for (size_t i = 0; i < r->nproblems; i++) {
		const struct spf_problem *x = &r->problems[i];
		if (!strcmp(x->problem, r->problem) && !strcmp(x->term, r->term) && !strcmp(x->at, r->at))
			continue;
		struct fact *f = spf_fact(p, t);
		f->spf.problem = x->problem;
		f->spf.term = probe_text(p, x->term);
		f->spf.at = probe_text(p, x->at);
		f->spf.why = probe_text(p, x->why);
		probe_tell(p, f);
	}
}

struct policy_task policy_spf_lint(const char *domain)
{
	return (struct policy_task){
		.purpose = "spf", .judge = judge_spf_lint, .record = record_spf, .domain = domain
	};
}

struct policy_task policy_spf_check(const struct spf_ask *ask)
{
	return (struct policy_task){
		.purpose = "spf", .judge = judge_spf, .record = record_spf, .spf_ask = *ask
	};
}

static bool judge_dkim(struct policy_task *t, struct arena *a, const struct dns_view *view,
		       struct dns_wants *w)
{
	return dkim_key_find(a, t->domain, t->subject, view, w, &t->out.key);
}

static void record_dkim(const struct policy_task *t, struct probe *p)
{
	const struct dkim_key *k = &t->out.key;
	struct fact *f = probe_fact(p, FACT_DKIM_KEY, 0);
	f->dkim_key.domain = probe_text(p, t->domain);
	f->dkim_key.selector = probe_text(p, t->subject);
	f->dkim_key.result = dkim_key_result_name(k->result);
	f->dkim_key.key = probe_text(p, k->key);
	f->dkim_key.bits = (long)k->bits;
	f->dkim_key.problem = probe_text(p, k->problem);
	f->dkim_key.record = probe_text(p, k->record);
	f->dkim_key.expected = t->expected;
	probe_tell(p, f);
}

struct policy_task policy_dkim(const char *domain, const char *selector, const char *expected)
{
	return (struct policy_task){ .purpose = "dkim",
				     .judge = judge_dkim,
				     .record = record_dkim,
				     .domain = domain,
				     .subject = selector,
				     .expected = expected };
}

static bool judge_signatures(struct policy_task *t, struct arena *a, const struct dns_view *view,
			     struct dns_wants *w)
{
	return dkim_verify(a, t->message, t->spf_ask.now_s, view, w, &t->out.signatures);
}

static void record_key(struct probe *p, const struct dkim_signature *s)
{
	if (!s->key.domain)
		return;
	struct policy_task key = policy_dkim(s->domain, s->selector, "yes");
	key.out.key = s->key;
	record_dkim(&key, p);
}

/* Completes the message's own fact: the best signature speaks for it. */
static void record_signatures(const struct policy_task *t, struct probe *p)
{
	const struct dkim_signature *best = dkim_best(&t->out.signatures, t->domain);
	for (size_t i = 0; i < p->ev->n; i++) {
		struct fact *f = p->ev->facts[i];
		if (f->kind != FACT_MESSAGE || strcmp(f->message.source, "file") != 0)
			continue;
		f->message.dkim_result = best ? dkim_result_name(best->result) : "none";
		f->message.dkim_domain = best ? probe_text(p, best->domain) : "";
		f->message.dkim_selector = best ? probe_text(p, best->selector) : "";
	}
	if (best)
		record_key(p, best);
}

struct policy_task policy_signatures(struct str message, const char *from_domain)
{
	return (struct policy_task){ .purpose = "dkim",
				     .judge = judge_signatures,
				     .record = record_signatures,
				     .domain = from_domain,
				     .message = message };
}

static bool judge_dmarc(struct policy_task *t, struct arena *a, const struct dns_view *view,
			struct dns_wants *w)
{
	return dmarc_check(a, &t->dmarc_ask, view, w, &t->out.dmarc);
}

static void record_dmarc(const struct policy_task *t, struct probe *p)
{
	const struct dmarc_report *r = &t->out.dmarc;
	struct fact *f = probe_fact(p, FACT_DMARC, 0);
	f->dmarc.domain = probe_text(p, r->domain);
	f->dmarc.at = probe_text(p, r->at);
	f->dmarc.result = dmarc_result_name(r->result);
	f->dmarc.policy = r->policy;
	f->dmarc.sub_policy = r->sub_policy;
	f->dmarc.applies = r->applies;
	f->dmarc.adkim = r->adkim;
	f->dmarc.aspf = r->aspf;
	f->dmarc.record = probe_text(p, r->record);
	f->dmarc.problem = probe_text(p, r->problem);
	f->dmarc.outcome = dmarc_outcome_name(r->outcome);
	f->dmarc.spf_aligned = r->spf_aligned;
	f->dmarc.dkim_aligned = r->dkim_aligned;
	f->dmarc.spf_domain = probe_text(p, r->spf_domain);
	f->dmarc.dkim_domain = probe_text(p, r->dkim_domain);
	probe_tell(p, f);
}

struct policy_task policy_dmarc(const struct dmarc_ask *ask)
{
	return (struct policy_task){
		.purpose = "dmarc", .judge = judge_dmarc, .record = record_dmarc, .dmarc_ask = *ask
	};
}

static bool judge_sts(struct policy_task *t, struct arena *a, const struct dns_view *view,
		      struct dns_wants *w)
{
	return mta_sts_find(a, t->domain, view, w, &t->out.sts);
}

struct policy_task policy_sts(const char *domain)
{
	return (struct policy_task){ .purpose = "mta-sts", .judge = judge_sts, .domain = domain };
}

static bool judge_ptr(struct policy_task *t, struct arena *a, const struct dns_view *view,
		      struct dns_wants *w)
{
	struct ipaddr ip;
	if (!ipaddr_read(str_of(t->domain), &ip))
		ip.family = 0;
	return fcrdns_check(a, &ip, *t->subject ? t->subject : NULL, view, w, &t->out.ptr);
}

static void record_ptr(const struct policy_task *t, struct probe *p)
{
	const struct fcrdns_report *r = &t->out.ptr;
	struct fact *f = probe_fact(p, FACT_PTR, 0);
	f->ptr.ip = probe_text(p, t->domain);
	copy_list(p, &f->ptr.names, &r->names);
	f->ptr.result = fcrdns_result_name(r->result);
	f->ptr.confirmed = probe_text(p, r->confirmed);
	f->ptr.helo = probe_text(p, t->subject);
	f->ptr.helo_matches = r->helo_matches;
	probe_tell(p, f);
}

struct policy_task policy_ptr(const char *ip, const char *helo)
{
	return (struct policy_task){
		.purpose = "ptr", .judge = judge_ptr, .record = record_ptr, .domain = ip, .subject = helo
	};
}

static bool judge_dnsbl(struct policy_task *t, struct arena *a, const struct dns_view *view,
			struct dns_wants *w)
{
	return dnsbl_check(a, t->subject, t->domain, view, w, &t->out.list);
}

static void record_dnsbl(const struct policy_task *t, struct probe *p)
{
	const struct dnsbl_report *r = &t->out.list;
	struct fact *f = probe_fact(p, FACT_DNSBL, 0);
	f->dnsbl.zone = probe_text(p, r->zone);
	f->dnsbl.subject = probe_text(p, r->subject);
	f->dnsbl.result = dnsbl_result_name(r->result);
	copy_list(p, &f->dnsbl.answers, &r->answers);
	f->dnsbl.reason = probe_text(p, r->reason);
	f->dnsbl.proven = r->proven;
	probe_tell(p, f);
}

struct policy_task policy_dnsbl(const char *subject, const char *zone)
{
	return (struct policy_task){ .purpose = "dnsbl",
				     .judge = judge_dnsbl,
				     .record = record_dnsbl,
				     .domain = zone,
				     .subject = subject };
}
