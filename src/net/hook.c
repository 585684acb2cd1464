/* SPDX-License-Identifier: Apache-2.0 */
#include "net/hook.h"

#include <stdio.h>

#include "net/http.h"
#include "smtp/scram.h"

enum { SIGNATURE_BYTES = 2 * SCRAM_HASH_BYTES + 1 };

const char *hook_signature(struct arena *a, struct str secret, long long now_s, const char *json)
{
	char hex[SIGNATURE_BYTES];
	struct scram_key k;
	if (!scram_sign(secret, str_of(arena_printf(a, "%lld.%s", now_s, json)), &k))
		return NULL;
	for (size_t i = 0; i < SCRAM_HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", k.b[i]);
	return arena_printf(a, "t=%lld,v1=%s", now_s, hex);
}

static bool add_headers(struct arena *a, const struct hook_post *p, struct strlist *h, struct err *e)
{
	strlist_add(h, a, "Content-Type: application/json");
	strlist_add(h, a, arena_printf(a, "Postrider-Event: %s", p->event));
	if (*p->delivery)
		strlist_add(h, a, arena_printf(a, "Postrider-Delivery: %s", p->delivery));
	if (!p->secret.len)
		return true;
	const char *signature = hook_signature(a, p->secret, p->now_s, p->json);
	if (!signature)
		return ERR_FILL(e, ERR_TLS, 0, "sign", "what is told to %s", p->url);
	strlist_add(h, a, arena_printf(a, "Postrider-Signature: %s", signature));
	return true;
}

static bool judge(const struct http_answer *a, const char *url, long *status, struct err *e)
{
	*status = a ? a->status : 0;
	if (a && a->result == HTTP_OK && a->status / 100 == 2)
		return true;
	ERR_FILL(e, ERR_HTTP, *status, "post to", "%s", url);
	if (a && a->result == HTTP_OK)
		return err_detail(e, "it answers %ld", a->status);
	return err_detail(e, "%s%s%s", a ? http_result_name(a->result) : "no answer",
			  a && *a->error ? ": " : "", a ? a->error : "");
}

bool hook_send(struct net_loop *l, struct dns *d, const struct hook_post *p, long *status, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist headers = { 0 };
	if (!add_headers(a, p, &headers, e))
		return false;
	const char **v = arena_alloc(a, (headers.n + 1) * sizeof(*v)); /* ends with NULL */
	for (size_t i = 0; i < headers.n; i++)
		v[i] = headers.v[i];
	const struct http_options o = { .url = p->url,
					.form = p->json,
					.headers = v,
					.ca_file = p->ca_file,
					.allow_http = true,
					.no_redirects = true };
	CLEANUP(http_free) struct http_request *q = http_start(l, d, &o);
	return judge(http_wait(q, net_loop_now_ms(l) + HTTP_TIMEOUT_MS * 2), p->url, status, e);
}
