/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/sts.h"

#include <string.h>

#include "net/http.h"

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

static bool find_record(struct dns *dns, const char *domain, uint64_t until_ms, struct arena *a,
			struct mta_sts_txt *out)
{
	const char *name = arena_printf(a, "_mta-sts.%s", domain);
	struct record_view seen = { dns_wait(dns, dns_ask(dns, name, "TXT", 0, NULL), until_ms) };
	const struct dns_view view = { get_txt, &seen };
	return mta_sts_find(a, domain, &view, NULL, out) && out->result == MTA_STS_OK;
}

/* ---- its policy ---- */

static bool fetch(struct relay *r, struct dns *dns, const char *domain, struct arena *a,
		  struct mta_sts_policy *out)
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
	if (!x || x->result != HTTP_OK || x->status != 200)
		return false;
	mta_sts_policy_parse(a, arena_str(a, str_cut(x->body, 0, MTA_STS_BODY_BYTES_MAX)), out);
	return out->good;
}

bool sts_find(struct relay *r, struct sts_cache *c, struct dns *dns, const char *domain, uint64_t until_ms,
	      struct arena *a, struct mta_sts_policy *out)
{
	struct mta_sts_txt txt;
	const char *id;
	bool told = find_record(dns, domain, until_ms, a, &txt);
	if (told && sts_cache_wants(c, domain, txt.id, relay_now_ms()) && fetch(r, dns, domain, a, out)) {
		sts_cache_put(c, domain, txt.id, out, relay_now_ms());
		return out->mode == MTA_STS_MODE_ENFORCE;
	}
	/* The fetch let others run. */
	return sts_cache_get(c, domain, relay_now_ms(), a, out, &id) && out->mode == MTA_STS_MODE_ENFORCE;
}
