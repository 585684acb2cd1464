/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/sts.h"

#include "net/http.h"
#include "relay/delivery/lookup.h"

/* ---- its record ---- */

struct record_view {
	const struct dns_answer *answer;
};

static bool get_txt(void *ctx, const char *name, const char *type, struct dns_records *out)
{
	const struct record_view *v = ctx;
	const struct dns_answer *x = v->answer;
	(void)name;
	(void)type;
	*out = (struct dns_records){ .status = DNS_TEMPERROR };
	if (!x)
		return true;
	if (x->status == DNS_ANSWER_OK)
		*out = (struct dns_records){ DNS_OK, x->records.v, x->records.n, x->secure };
	else if (x->status == DNS_ANSWER_NXDOMAIN)
		out->status = DNS_NXDOMAIN;
	else if (x->status == DNS_ANSWER_NODATA)
		out->status = DNS_NODATA;
	return true;
}

/* False: there is none now; *untold then says why that is not sure, or is "". */
static bool find_record(struct dns *dns, const char *domain, uint64_t until_ms, struct arena *a,
			struct mta_sts_txt *out, const char **untold)
{
	const char *name = arena_printf(a, "_mta-sts.%s", domain);
	struct record_view seen = { dns_wait(dns, dns_ask(dns, name, "TXT", 0, NULL), until_ms) };
	const struct dns_view view = { get_txt, &seen };
	bool told = mta_sts_find(a, domain, &view, NULL, out) && out->result == MTA_STS_OK;
	if (!told && !lookup_is_told(seen.answer))
		*untold = arena_printf(a, "its MTA-STS record (%s) could not be looked up: %s", name,
				       lookup_words(seen.answer));
	return told;
}

/* ---- its policy ---- */

/* A server that says there is none has spoken; one that cannot be reached, or is busy, has not. */
static bool may_pass(const struct http_answer *x)
{
	if (!x || x->result != HTTP_OK)
		return !x || x->result != HTTP_REDIRECT;
	return x->status >= 500 || x->status == 408 || x->status == 429;
}

static const char *not_had(const struct http_answer *x, const char *url, struct arena *a)
{
	const char *what = !x                      ? "no answer in time"
			   : x->result == HTTP_OK  ? arena_printf(a, "it says %ld", x->status)
			   : *x->error             ? x->error
						   : http_result_name(x->result);
	return arena_printf(a,
			    "its MTA-STS policy could not be had from %s (%s); if that lasts, the "
			    "recipient's administrator has to mend it",
			    url, what);
}

static bool fetch(struct relay *r, struct dns *dns, const char *domain, struct arena *a, struct sts *out)
{
	const char *ca = r->settings->ca_file;
	const struct http_options o = {
		.url = arena_printf(a, "https://mta-sts.%s/.well-known/mta-sts.txt", domain),
		.ca_file = ca && *ca ? ca : NULL,
		.no_redirects = true, /* RFC 8461, 3.3 */
		.timeout_ms = STS_FETCH_MS,
	};
	CLEANUP(http_free) struct http_request *q = http_start(r->loop, dns, &o);
	const struct http_answer *x = http_wait(q, net_loop_now_ms(r->loop) + STS_FETCH_MS);
	if (may_pass(x))
		out->why = not_had(x, o.url, a);
	out->lack = x ? x->lack : 0;
	if (!x || x->result != HTTP_OK || x->status != 200)
		return false;
	mta_sts_policy_parse(a, x->content_type, arena_str(a, x->body), &out->policy);
	return out->policy.good;
}

static enum sts_word word_of(const struct sts *s)
{
	return s->policy.mode == MTA_STS_MODE_ENFORCE ? STS_ENFORCED : STS_NONE;
}

void sts_find(struct relay *r, struct sts_cache *c, struct dns *dns, const char *domain, uint64_t until_ms,
	      struct arena *a, struct sts *out)
{
	struct mta_sts_txt txt;
	const char *id;
	*out = (struct sts){ .why = "" };
	bool told = find_record(dns, domain, until_ms, a, &txt, &out->why);
	bool fetched = told && sts_cache_wants(c, domain, txt.id, relay_now_ms()) &&
		       fetch(r, dns, domain, a, out);
	if (fetched)
		sts_cache_put(c, domain, txt.id, &out->policy, relay_now_ms());
	/* The fetch let others run. */
	if (fetched || sts_cache_get(c, domain, relay_now_ms(), a, &out->policy, &id)) {
		out->word = word_of(out);
		out->why = "";
	} else if (*out->why) {
		out->word = STS_UNTOLD;
	}
	if (out->word != STS_UNTOLD)
		out->lack = 0;
}
