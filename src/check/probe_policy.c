/* SPDX-License-Identifier: Apache-2.0 */
/* What the domain publishes about its mail: which records matter for this check,
 * asked early and beside the dialogue, judged after it. */
#include <string.h>

#include "check/message.h"
#include "check/policy.h"
#include "smtp/host.h"

enum {
	PATIENCE_DOMAIN_MS = 10000, /* for look-ups after the dialogue, when the domain is the question */
	PATIENCE_MS = 2000,         /* when a server is */
	PATIENCE_LOOPBACK_MS = 500, /* when it is one on this machine: there may be no network at all */
	PATIENCE_FILE_MS = 8000     /* for the file of MTA-STS */
};

/* Selectors that services and guides use; that one is missing proves nothing. */
static const char *const usual_selectors[] = { "selector1", "selector2", "google", "default",
					       "k1",        "s1",        "dkim",   "mail" };

/* Lists that answer small users without an account and are used by many servers. */
static const char *const usual_lists[] = { "zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org",
					   "psbl.surriel.com" };

static bool is_about_domain(const struct fact_target *t)
{
	return !strcmp(t->form, "domain") || !strcmp(t->form, "address");
}

static bool is_wanted(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	return !p->no_policy && *t->domain && dns_name_askable(t->domain) &&
	       (is_about_domain(t) || t->from_given || *t->sending_ip);
}

/* Texts of the request may be missing. */
static const char *given(const char *s)
{
	return s ? s : "";
}

/* The mail that would be judged by DMARC: From: of the message file, else the domain asked about. */
static const char *header_domain(const struct probe *p)
{
	const struct fact *m = evidence_next(p->ev, FACT_MESSAGE, NULL);
	const char *at =
		m && !strcmp(m->message.source, "file") ? strrchr(m->message.header_from, '@') : NULL;
	return at && dns_name_askable(at + 1) ? at + 1 : p->target->target.domain;
}

/* People also paste the record's whole name. */
static const char *selector_of(const struct policy *pol)
{
	struct str s = str_of(pol->p->req->dkim_selector);
	s.len = str_ifind(s, "._domainkey");
	return arena_dup(pol->arena, s.p, s.len);
}

static void plan_dkim(struct policy *pol)
{
	const struct probe *p = pol->p;
	const struct fact_target *t = &p->target->target;
	if (*given(p->req->dkim_selector))
		policy_add(pol, policy_dkim(t->domain, selector_of(pol), "yes"));
	if (*given(p->req->dkim_selector) || !is_about_domain(t))
		return;
	for (size_t i = 0; i < ARRAY_LEN(usual_selectors); i++)
		policy_add(pol, policy_dkim(t->domain, usual_selectors[i], "guess"));
}

static void plan_address(struct policy *pol)
{
	const struct probe *p = pol->p;
	const struct fact_target *t = &p->target->target;
	struct spf_ask ask = { .helo = t->ehlo_name, .now_s = probe_now_s(p) };
	if (!ipaddr_read(str_of(t->sending_ip), &ask.ip))
		return;
	ask.mail_from = strchr(t->from, '@') ? t->from : arena_printf(pol->arena, "postmaster@%s", t->domain);
	policy_add(pol, policy_spf_check(&ask));
	policy_add(pol, policy_ptr(t->sending_ip, p->req->ehlo_given ? t->ehlo_name : ""));
	for (size_t i = 0; i < p->req->dnsbl.n; i++)
		policy_add(pol, policy_dnsbl(t->sending_ip, p->req->dnsbl.v[i]));
	for (size_t i = 0; !p->req->dnsbl.n && i < ARRAY_LEN(usual_lists); i++)
		policy_add(pol, policy_dnsbl(t->sending_ip, usual_lists[i]));
}

static struct policy *plan(struct probe *p)
{
	struct policy *pol = mem_alloc(sizeof(*pol));
	const struct fact_target *t = &p->target->target;
	struct dmarc_ask dmarc = { .from_domain = header_domain(p) };
	pol->p = p;
	pol->arena = arena_new();
	policy_add(pol, policy_spf_lint(t->domain));
	policy_add(pol, policy_dmarc(&dmarc));
	policy_add(pol, policy_sts(t->domain));
	plan_dkim(pol);
	plan_address(pol);
	return pol;
}

static void policy_free(struct policy **pol)
{
	if (!*pol)
		return;
	arena_free(&(*pol)->arena);
	mem_free(pol);
}

static struct policy_task *task_of(struct policy *pol, const char *purpose, bool with_ip)
{
	for (size_t i = 0; i < pol->n; i++)
		if (!strcmp(pol->v[i].purpose, purpose) && (pol->v[i].spf_ask.ip.family != 0) == with_ip)
			return &pol->v[i];
	return NULL;
}

static const struct policy_task *mail_task(const struct policy *pol)
{
	for (size_t i = 0; i < pol->n; i++)
		if (pol->v[i].message.p)
			return &pol->v[i];
	return NULL;
}

static enum dmarc_auth spf_auth(enum spf_result r)
{
	return r == SPF_PASS        ? DMARC_AUTH_PASSED
	       : r == SPF_TEMPERROR ? DMARC_AUTH_UNKNOWN
				    : DMARC_AUTH_FAILED;
}

static enum dmarc_auth dkim_auth(enum dkim_result r)
{
	return r == DKIM_RESULT_PASS        ? DMARC_AUTH_PASSED
	       : r == DKIM_RESULT_TEMPERROR ? DMARC_AUTH_UNKNOWN
					    : DMARC_AUTH_FAILED;
}

static void add_signers(struct dmarc_ask *ask, const struct dkim_report *r)
{
	for (size_t i = 0; i < r->n && ask->nsigners < DMARC_SIGNERS_MAX; i++)
		ask->signers[ask->nsigners++] =
			(struct dmarc_signer){ r->v[i].domain, dkim_auth(r->v[i].result) };
}

/* With an address or a signed mail at hand, DMARC's outcome can be foreseen. */
static void judge_dmarc(struct policy *pol, uint64_t until_ms)
{
	struct policy_task *dmarc = task_of(pol, "dmarc", false), *spf = task_of(pol, "spf", true);
	const struct policy_task *mail = mail_task(pol);
	bool spf_known = spf && spf->done, is_signed = mail && mail->done && mail->out.signatures.n;
	if (!dmarc || !dmarc->done || (!spf_known && !is_signed))
		return;
	struct dmarc_ask *ask = &dmarc->dmarc_ask;
	ask->judge = true;
	ask->spf_domain = spf_known ? spf->out.spf.domain : z_domain(pol->p->target->target.from);
	ask->spf = spf_known ? spf_auth(spf->out.spf.result) : DMARC_AUTH_UNKNOWN;
	if (is_signed)
		add_signers(ask, &mail->out.signatures);
	dmarc->done = false;
	policy_run(pol, until_ms);
}

/* A list that answers for everything: is it the list, or a resolver that invents answers? */
static void look_for_invented(struct policy *pol)
{
	struct probe *p = pol->p;
	bool wildcard = false;
	for (size_t i = 0; i < pol->n; i++)
		wildcard = wildcard || (!strcmp(pol->v[i].purpose, "dnsbl") && pol->v[i].done &&
					pol->v[i].out.list.result == DNSBL_WILDCARD);
	if (!wildcard)
		return;
	unsigned long long mix = (unsigned long long)net_loop_now_ms(p->loop) * 2654435761ULL;
	const char *name = arena_printf(p->ev->arena, "nx-%08llx.example.com", mix & 0xffffffff);
	probe_lookup(p, name, "A", DNS_ONE_TRY | DNS_NO_HOSTS, "random");
}

/* A message of one's own, for its signatures; its fact is recorded unless it was. */
static bool read_message(struct probe *p, struct buf *out)
{
	bool known = evidence_next(p->ev, FACT_MESSAGE, NULL) != NULL;
	return *given(p->req->message_file) &&
	       probe_message(p, known ? MESSAGE_NO_ATTACHMENT : MESSAGE_REAL, out) && buf_waiting(out);
}

void probe_policy_go_on(struct probe *p)
{
	if (!is_wanted(p))
		return;
	CLEANUP(policy_free) struct policy *pol = plan(p);
	policy_go_on(pol);
}

static uint64_t patience(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	bool loopback = p->addresses.n && smtp_host_is_loopback(p->addresses.v[0]);
	if (!*t->host || *t->sending_ip)
		return PATIENCE_DOMAIN_MS;
	return loopback ? PATIENCE_LOOPBACK_MS : PATIENCE_MS;
}

void probe_policy(struct probe *p)
{
	if (!is_wanted(p) || net_loop_interrupted(p->loop))
		return;
	uint64_t until_ms = probe_within(p, patience(p));
	CLEANUP(buf_clear) struct buf message = { 0 };
	bool own = read_message(p, &message);
	CLEANUP(policy_free) struct policy *pol = plan(p);
	if (own)
		policy_add(pol, policy_signatures(buf_str(&message), header_domain(p)));
	policy_run(pol, until_ms);
	judge_dmarc(pol, until_ms);
	policy_record(pol);
	look_for_invented(pol);
	const struct policy_task *sts = task_of(pol, "mta-sts", false);
	if (sts && sts->done)
		policy_sts_file(p, sts, probe_within(p, PATIENCE_FILE_MS));
}
