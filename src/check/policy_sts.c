/* SPDX-License-Identifier: Apache-2.0 */
/* The policy file of MTA-STS (RFC 8461, 3.3): fetched, read, and compared with the MX hosts. */

#include "check/policy.h"
#include "check/policy_view.h"

/* Words for what went wrong with the fetch, NULL when the file is there. */
static const char *fetch_problem(struct probe *p, const struct http_answer *a)
{
	static const char *const words[HTTP_RESULTS] = {
		[HTTP_DNS] = "its web host has no address",
		[HTTP_CONNECT] = "its web host takes no connection",
		[HTTP_FORBIDDEN] = "its web host is at an address that may not be asked from here",
		[HTTP_TIMED_OUT] = "its web host does not answer in time",
		[HTTP_TLS] = "the TLS handshake with its web host failed",
		[HTTP_CERTIFICATE] = "its web host shows a bad certificate",
		[HTTP_REDIRECT] = "its web host redirects the request, which counts as a failure",
		[HTTP_FAILED] = "the request failed",
	};
	if (!a)
		return "its web host does not answer in time";
	if (a->result != HTTP_OK)
		return words[a->result];
	if (a->status / 100 == 3)
		return words[HTTP_REDIRECT];
	return a->status == 200 ? NULL : arena_printf(p->ev->arena, "its web host answers %ld", a->status);
}

/* MX hosts that no pattern of the policy fits. */
static void compare(struct probe *p, const struct mta_sts_policy *policy, const char *domain, struct fact *f)
{
	const struct fact *mx = policy_view_fact(p->ev, domain, "MX");
	for (size_t i = 0; mx && i < mx->dns.answers.n; i++) {
		const char *host = dns_mx_host(p->ev->arena, mx->dns.answers.v[i]);
		if (host && *host && !mta_sts_allows(policy, host))
			strlist_add(&f->mta_sts.unlisted, p->ev->arena, host);
	}
}

static void read_policy(struct probe *p, const struct http_answer *x, const char *domain, struct fact *f)
{
	struct mta_sts_policy policy;
	mta_sts_policy_parse(p->ev->arena, x->content_type, x->body, &policy);
	f->mta_sts.problem = probe_text(p, policy.problem);
	if (!policy.good) {
		f->mta_sts.result = "unusable";
		return;
	}
	f->mta_sts.mode = mta_sts_mode_name(policy.mode);
	f->mta_sts.max_age = (long)policy.max_age;
	for (size_t i = 0; i < policy.mx.n; i++)
		strlist_add(&f->mta_sts.mx, p->ev->arena, probe_text(p, policy.mx.v[i]));
	compare(p, &policy, domain, f);
}

/* The MX records, which the file is compared with, are asked for meanwhile.  What comes is *q's. */
static const struct http_answer *fetch(struct probe *p, const char *domain, uint64_t until_ms,
				       struct http_request **q)
{
	uint64_t now = net_loop_now_ms(p->loop);
	const struct http_options o = {
		.url = arena_printf(p->ev->arena, "https://mta-sts.%s/.well-known/mta-sts.txt", domain),
		.ca_file = p->req->ca_file,
		.no_redirects = true,
		.timeout_ms = until_ms > now ? until_ms - now : 1,
	};
	*q = http_start(p->loop, p->dns, &o);
	if (!policy_view_fact(p->ev, domain, "MX"))
		probe_lookup(p, domain, "MX", 0, "policy");
	const struct http_answer *a = http_wait(*q, until_ms);
	probe_tell(p, probe_record_http(p, "mta-sts", o.url, a, HTTP_BODY_MAX));
	return a;
}

void policy_sts_file(struct probe *p, const struct policy_task *t, uint64_t until_ms)
{
	const struct mta_sts_txt *txt = &t->out.sts;
	bool named = txt->result == MTA_STS_OK;
	CLEANUP(http_free) struct http_request *q = NULL;
	const struct http_answer *a = named ? fetch(p, t->domain, until_ms, &q) : NULL;
	const char *problem = named ? fetch_problem(p, a) : NULL;
	struct fact *f = probe_fact(p, FACT_MTA_STS, 0);
	f->mta_sts.domain = probe_text(p, t->domain);
	f->mta_sts.result = mta_sts_result_name(txt->result);
	f->mta_sts.id = probe_text(p, txt->id);
	f->mta_sts.problem = probe_text(p, txt->problem);
	if (problem) {
		f->mta_sts.result = "unfetchable";
		f->mta_sts.problem = problem;
	} else if (named) {
		read_policy(p, a, t->domain, f);
	}
	probe_tell(p, f);
}
