/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for a login that was refused without a reason: the whole address
 * as name, another region, and who serves the account's domain.  One more
 * attempt at most for each, and never the same pair at the same server. */
#include <string.h>

#include "catalog/provider.h"
#include "check/experiment.h"
#include "mail/suffix.h"

static bool password_refused(const struct probe *p, const struct main_outcome *m)
{
	const struct fact *a = m->session ? evidence_last(p->ev, FACT_AUTH, m->session) : NULL;
	return a && !strcmp(a->auth.result, "refused") && p->req->password && !p->token && !p->told_to_go &&
	       m->reply && !strcmp(m->reply->reply.step, "auth") && m->reply->reply.code == 535;
}

/* ---- the whole address as user name */

static const char *address_for(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	size_t n = strlen(t->user);
	if (!strncmp(t->from, t->user, n) && t->from[n] == '@')
		return t->from;
	const char *domain = *t->domain ? t->domain : suffix_registered(p->ev->arena, t->host);
	return domain ? arena_printf(p->ev->arena, "%s@%s", t->user, domain) : NULL;
}

static bool name_lacks_domain(const struct probe *p, const struct main_outcome *m)
{
	const struct provider *v = provider_by_host(m->plan.host);
	return password_refused(p, m) && *p->target->target.user && !strchr(p->target->target.user, '@') &&
	       !v && address_for(p);
}

static void full_address(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "full-address";
	plan.user = address_for(p);
	plan.changed = arena_printf(p->ev->arena, "user name %s", plan.user);
	plan.login = true;
	plan.until = UNTIL_AUTH;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "full-address", "Is the whole address wanted as user name?", plan.user,
			out.logged_in ? "works" : "fails",
			out.logged_in ? "with it the same password is accepted" : "refused with it too",
			out.session);
}

/* ---- Amazon SES: the same pair at another region's server */

enum { SES_REGIONS_MAX = 40, SES_LOGINS_MAX = 8 };

/* Where most accounts are comes first; the rest as the catalogue has them. */
static const char *const ses_regions[] = { "us-east-1",      "us-west-2",  "eu-west-1",      "eu-central-1",
					   "eu-west-2",      "ap-south-1", "ap-southeast-2", "ap-northeast-1",
					   "ap-southeast-1", "us-east-2" };

static bool ses_refused(const struct probe *p, const struct main_outcome *m)
{
	const struct provider *v = provider_by_host(m->plan.host);
	return password_refused(p, m) && v && !strcmp(v->name, "ses");
}

static bool login_at(struct probe *p, const struct main_outcome *m, const char *host, const char *address)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "ses-region";
	plan.host = host;
	plan.address = address;
	plan.changed = arena_printf(p->ev->arena, "server %s", host);
	plan.login = true;
	plan.until = UNTIL_AUTH;
	dialogue_run(p, &plan, &out);
	if (out.logged_in)
		experiment_tell(p, "ses-region", "Do these credentials belong to another region?", host,
				"works", "the same name and password are accepted there", out.session);
	return out.logged_in;
}

static size_t ses_hosts(struct probe *p, const struct main_outcome *m, const char *host[SES_REGIONS_MAX])
{
	const struct provider *v = provider_by_host(m->plan.host);
	struct strlist all = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(ses_regions); i++)
		strlist_add(&all, p->ev->arena,
			    arena_printf(p->ev->arena, "email-smtp.%s.amazonaws.com", ses_regions[i]));
	for (size_t i = 0; i < v->nservers; i++)
		if (!strlist_has(&all, v->servers[i].host))
			strlist_add(&all, p->ev->arena, v->servers[i].host);
	for (size_t i = 0; i < all.n && n < SES_REGIONS_MAX; i++)
		if (strcmp(all.v[i], m->plan.host) != 0)
			host[n++] = all.v[i];
	return n;
}

static void ses_region(struct probe *p, const struct main_outcome *m)
{
	struct dns_question *q[SES_REGIONS_MAX];
	const char *host[SES_REGIONS_MAX];
	size_t n = ses_hosts(p, m, host), tried = 0;
	for (size_t i = 0; i < n; i++)
		q[i] = probe_ask(p, host[i], "A", 0);
	for (size_t i = 0; i < n && tried < SES_LOGINS_MAX && !p->told_to_go && probe_left_ms(p); i++) {
		const struct dns_answer *a = dns_wait(p->dns, q[i], p->until_ms);
		if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
			continue;
		probe_record_dns(p, q[i], "near");
		tried++;
		if (login_at(p, m, host[i], probe_text(p, a->records.v[0])))
			return;
	}
	if (tried)
		experiment_tell(p, "ses-region", "Do these credentials belong to another region?",
				"servers of other regions", "fails", "refused there too", 0);
}

/* ---- who serves the domain in the user name? */

static bool domain_unknown(const struct probe *p, const struct main_outcome *m)
{
	const char *at = strrchr(p->target->target.user, '@');
	return password_refused(p, m) && at && provider_by_host(m->plan.host) && !provider_by_domain(at + 1);
}

static void user_domain(struct probe *p, const struct main_outcome *m)
{
	const char *domain = strrchr(p->target->target.user, '@') + 1;
	const struct dns_answer *a = probe_lookup(p, domain, "MX", 0, "mx");
	(void)m;
	if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
		return;
	const char *blank = strchr(a->records.v[0], ' ');
	probe_provider(p, provider_by_mx(blank ? blank + 1 : a->records.v[0]), "mx", "user-domain");
}

const struct experiment experiments_auth[] = {
	{ "full-address", name_lacks_domain, full_address, false },
	{ "ses-region", ses_refused, ses_region, false },
	{ "user-domain", domain_unknown, user_domain, true },
	{ .name = NULL },
};
