/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/sts.h"

#include <stdlib.h>
#include <string.h>

#include "net/http.h"
#include "store/names.h"

struct known {
	struct named named; /* first */
	struct arena *arena;
	char id[MTA_STS_ID_MAX + 1];
	struct mta_sts_policy policy;
	int64_t until_ms; /* Unix time */
};

struct sts_cache {
	struct names names;
};

struct sts_cache *sts_cache_new(void)
{
	return mem_alloc(sizeof(struct sts_cache));
}

static void known_clear(struct named *x)
{
	arena_free(&((struct known *)x)->arena);
}

void sts_cache_free(struct sts_cache **cp)
{
	struct sts_cache *c = *cp;
	if (!c)
		return;
	names_drop(&c->names, known_clear);
	free(c);
	*cp = NULL;
}

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

static void copy(struct arena *a, const struct mta_sts_policy *from, struct mta_sts_policy *to)
{
	*to = *from;
	to->problem = "";
	to->mx = (struct strlist){ 0 };
	for (size_t i = 0; i < from->mx.n; i++)
		strlist_add(&to->mx, a, from->mx.v[i]);
}

static void purge(struct sts_cache *c)
{
	int64_t now = relay_now_ms();
	for (size_t i = 0; i < c->names.room; i++) {
		struct known *k;
		while ((k = (struct known *)c->names.v[i]) && k->until_ms <= now &&
		       names_leave(&c->names, &k->named)) {
			arena_free(&k->arena);
			names_free(&k->named);
		}
	}
}

static void remember(struct sts_cache *c, const char *domain, const char *id, const struct mta_sts_policy *p)
{
	struct known *k = (struct known *)names_find(&c->names, str_of(domain));
	if (!k && c->names.n >= STS_CACHE_MAX)
		purge(c);
	if (!k && c->names.n >= STS_CACHE_MAX)
		return;
	if (!k)
		k = names_use(&c->names, str_of(domain), sizeof(*k));
	struct arena *old = k->arena;
	k->arena = arena_new();
	copy(k->arena, p, &k->policy);
	arena_free(&old);
	size_t n = strnlen(id, MTA_STS_ID_MAX);
	memcpy(k->id, id, n);
	k->id[n] = '\0';
	k->until_ms = relay_now_ms() + (int64_t)p->max_age * 1000;
}

bool sts_find(struct relay *r, struct sts_cache *c, struct dns *dns, const char *domain, uint64_t until_ms,
	      struct arena *a, struct mta_sts_policy *out)
{
	struct mta_sts_txt txt;
	bool told = find_record(dns, domain, until_ms, a, &txt);
	const struct known *k = (const struct known *)names_find(&c->names, str_of(domain));
	bool valid = k && k->until_ms > relay_now_ms();
	bool fresh = told && (!valid || strcmp(k->id, txt.id) != 0);
	if (fresh && fetch(r, dns, domain, a, out)) {
		remember(c, domain, txt.id, out);
		return out->mode == MTA_STS_MODE_ENFORCE;
	}
	k = (const struct known *)names_find(&c->names, str_of(domain)); /* the fetch let others run */
	if (!k || k->until_ms <= relay_now_ms())
		return false;
	copy(a, &k->policy, out);
	return out->mode == MTA_STS_MODE_ENFORCE;
}
