/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/provider.h"
#include "catalog/words.h"
#include "explain/explain.h"
#include "net/oauth.h"
#include "relay/delivery/tokens_grant.h"
#include "relay/secret_file.h"
#include "store/names.h"

struct token {
	struct named named; /* first; the route's name */
	struct buf text;
	int64_t until_ms; /* Unix time; 0: there is none */
	bool served;      /* a login with it has passed */
	bool fetching;    /* one fiber asks, the others wait for it */
};

struct tokens {
	struct names names;
};

struct tokens *tokens_new(void)
{
	return mem_alloc(sizeof(struct tokens));
}

static void token_clear(struct named *x)
{
	buf_wipe(&((struct token *)x)->text);
}

void tokens_free(struct tokens **tp)
{
	struct tokens *t = *tp;
	if (!t)
		return;
	names_drop(&t->names, token_clear);
	free(t);
	*tp = NULL;
}

static struct token *known(struct tokens *t, const struct relay_route *route)
{
	return (struct token *)names_find(&t->names, str_of(route->name));
}

void tokens_forget(struct tokens *t, const struct relay_route *route)
{
	struct token *x = known(t, route);
	if (x)
		x->until_ms = 0;
}

static bool is_this(const struct token *x, struct str with_nul)
{
	struct str kept = buf_str(&x->text);
	return with_nul.len == kept.len + 1 && !memcmp(with_nul.p, kept.p, kept.len);
}

void tokens_served(struct tokens *t, const struct relay_route *route, struct str token)
{
	struct token *x = known(t, route);
	if (x && is_this(x, token))
		x->served = true;
}

bool tokens_refused(struct tokens *t, const struct relay_route *route, struct str token)
{
	const struct token *x = known(t, route);
	if (!x || !is_this(x, token))
		return x;
	tokens_forget(t, route);
	return x->served;
}

/* ---- asking for one ---- */

struct asking {
	struct relay *relay;
	const struct relay_route *route;
	struct arena *a;
	struct buf secret, refresh; /* refresh: of the settings, then the newest */
	struct grant *grant;        /* whose refresh token this is; NULL: none */
	const char *finding, *why;
};

static bool wrong(struct asking *q, const char *finding, const char *why)
{
	q->finding = finding;
	q->why = why;
	return false;
}

static bool wrong_err(struct asking *q, const char *finding, const struct err *e)
{
	char text[400];
	return wrong(q, finding, arena_strdup(q->a, err_text(e, text, sizeof(text))));
}

static bool read_secrets(struct asking *q)
{
	const struct relay_oauth *o = &q->route->oauth;
	const char *refresh = o->refresh_token_file;
	struct err e = { 0 };
	if (*o->client_secret_file && !secret_read(o->client_secret_file, &q->secret, &e))
		return wrong_err(q, "rs-smarthost-auth-fails", &e);
	if (refresh && *refresh && !secret_read(refresh, &q->refresh, &e))
		return wrong_err(q, "rs-smarthost-auth-fails", &e);
	return true;
}

static const char *provider_of(const struct relay_route *r)
{
	if (r->api != RELAY_API_NONE)
		return r->api == RELAY_API_GRAPH ? "microsoft-graph" : "gmail-api";
	const struct provider *p = provider_by_host(r->smarthost);
	return p ? p->name : "";
}

static struct oauth_options options_of(const struct asking *q)
{
	const struct relay_oauth *o = &q->route->oauth;
	const char *ca = q->relay->settings->ca_file;
	return (struct oauth_options){
		.client_id = o->client_id,
		.tenant_id = o->tenant_id,
		.client_secret = buf_waiting(&q->secret) ? buf_str(&q->secret).p : NULL,
		.refresh_token = buf_waiting(&q->refresh) ? buf_str(&q->refresh).p : NULL,
		.token_url = o->token_url,
		.scope = o->scope,
		.provider = provider_of(q->route),
		.ca_file = ca && *ca ? ca : NULL,
	};
}

/* A client secret goes out in clear to this very machine only. */
static bool is_local_url(const char *url)
{
	static const char *const local[] = { "http://127.0.0.1:", "http://127.0.0.1/", "http://[::1]:",
					     "http://[::1]/",     "http://localhost:", "http://localhost/" };
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if (z_istarts(url, local[i]))
			return !strchr(url, '@');
	return false;
}

/* What the sign-in service says is the cause, where it is known. */
static const char *finding_of(struct asking *q, const char *said)
{
	struct explanation x;
	explain_text(q->a, str_of(said), &(struct explain_hint){ .step = "oauth" }, &x);
	bool known = x.refusal && !z_eq(x.class->id, "unknown") && !words_is_guess(x.meanings[0].confidence);
	return known ? x.meanings[0].entry->id : "oauth-token-refused";
}

static void keep_token(const struct oauth_answer *answer, struct token *out)
{
	long life = answer->expires_in > 0 ? answer->expires_in : TOKEN_LIFE_S;
	long spare = life > 2 * TOKEN_SPARE_S ? TOKEN_SPARE_S : life / 10;
	buf_wipe(&out->text);
	buf_add(&out->text, buf_str(&answer->token).p, buf_waiting(&answer->token));
	out->served = false;
	out->until_ms = relay_now_ms() + (life - spare) * 1000LL;
}

/* "The client MUST discard the old refresh token and replace it with the new" (RFC 6749, 6). */
static void keep_refresh(const struct asking *q, const struct oauth_answer *answer)
{
	struct err e = { 0 };
	struct str fresh = buf_str(&answer->refresh), shown = buf_str(&q->refresh);
	if (!q->grant || !fresh.len || str_eq(fresh, shown.p))
		return;
	if (!grant_renew(q->grant, fresh, &e))
		relay_tell(q->relay, &e);
}

static bool take_answer(struct asking *q, const struct http_answer *x, struct token *out)
{
	struct oauth_answer answer = { .error = "", .description = "" };
	if (!x || x->result != HTTP_OK)
		return wrong(q, "oauth-endpoint-unreachable",
			     arena_printf(q->a, "no token could be fetched: %s",
					  x ? http_result_name(x->result) : "no answer in time"));
	if (!oauth_answer_read(x->body, q->a, &answer))
		return wrong(q, "oauth-endpoint-unreachable",
			     arena_printf(q->a, "the token address answers %ld, and not with a token",
					  x->status));
	bool got = buf_waiting(&answer.token) && oauth_token_is_plausible(buf_str(&answer.token));
	if (got) {
		keep_token(&answer, out);
		keep_refresh(q, &answer);
	}
	oauth_answer_wipe(&answer);
	if (got)
		return true;
	const char *said = arena_printf(q->a, "%s%s%s", answer.error, *answer.description ? ": " : "",
					answer.description);
	return wrong(q, finding_of(q, said), arena_printf(q->a, "no token is given: %s", said));
}

static bool ask(struct asking *q, struct token *out)
{
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf form = { 0 };
	const char *url, *resolver = q->relay->settings->resolver;
	const struct dns_options d = { .resolver = resolver && *resolver ? resolver : NULL };
	struct oauth_options o = options_of(q);
	if (!oauth_request_form(&o, q->a, &url, &form, &e))
		return wrong_err(q, "rs-smarthost-auth-fails", &e);
	if (!z_istarts(url, "https://") && !is_local_url(url))
		return wrong(q, "rs-smarthost-auth-fails", "token-url does not begin with https://");
	CLEANUP(dns_free) struct dns *dns = dns_new(q->relay->loop, &d, &e);
	if (!dns)
		return wrong_err(q, "oauth-endpoint-unreachable", &e);
	buf_add(&form, "", 1);
	const struct http_options h = { .url = url,
					.form = buf_str(&form).p,
					.ca_file = o.ca_file,
					.allow_http = is_local_url(url),
					.timeout_ms = TOKEN_FETCH_MS };
	CLEANUP(http_free) struct http_request *x = http_start(q->relay->loop, dns, &h);
	return take_answer(q, http_wait(x, net_loop_now_ms(q->relay->loop) + TOKEN_FETCH_MS), out);
}

/* Who shares a refresh token asks one after the other: a second showing of an old one counts as theft. */
static bool take_newest(struct asking *q)
{
	struct err e = { 0 };
	char name[OAUTH_KEPT_NAME_BYTES];
	CLEANUP(buf_wipe) struct buf newest = { 0 };
	uint64_t until_ms = net_loop_now_ms(q->relay->loop) + TOKEN_FETCH_MS;
	struct oauth_options o = options_of(q);
	const char *folder = arena_printf(q->a, "%s/tokens", q->relay->settings->data);
	if (!buf_waiting(&q->refresh))
		return true;
	oauth_kept_name(&o, name);
	q->grant = grant_take(q->relay->grants, q->relay->loop, folder, name, until_ms, &e);
	if (!q->grant || !grant_read(q->grant, &newest, &e)) /* nothing was asked: no service is to blame */
		return wrong_err(q, "rs-smarthost-auth-fails", &e);
	if (!buf_waiting(&newest))
		return true;
	buf_wipe(&q->refresh);
	return buf_add(&q->refresh, buf_str(&newest).p, buf_waiting(&newest));
}

static void end_asking(struct asking *q)
{
	grant_leave(q->grant);
	buf_wipe(&q->secret);
	buf_wipe(&q->refresh);
}

static void fetch(struct asking *q, struct token *out)
{
	if (read_secrets(q) && take_newest(q))
		(void)ask(q, out);
	end_asking(q);
}

/* Those of the settings stay, however seldom they are shown. */
static void touch(struct relay *r, const struct relay_route *route, const char *folder)
{
	char name[OAUTH_KEPT_NAME_BYTES];
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct asking q = { .relay = r, .route = route, .a = a };
	if (route->oauth.given && read_secrets(&q) && buf_waiting(&q.refresh)) {
		struct oauth_options o = options_of(&q);
		oauth_kept_name(&o, name);
		oauth_kept_touch(folder, name);
	}
	end_asking(&q);
}

void tokens_tidy(struct relay *r)
{
	const struct relay_settings *s = r->settings;
	CLEANUP(mem_free) char *folder = mem_printf("%s/tokens", s->data);
	for (size_t i = 0; i < s->nroutes; i++)
		touch(r, &s->routes[i], folder);
	for (size_t i = 0; i < s->nmailboxes; i++) {
		const struct relay_route as = tokens_mailbox(&s->mailboxes[i]);
		touch(r, &as, folder);
	}
	oauth_kept_tidy(folder, relay_now_ms() / 1000 - OAUTH_KEPT_UNUSED_S);
}

struct relay_route tokens_mailbox(const struct relay_mailbox *m)
{
	return (struct relay_route){ .name = m->name, .smarthost = m->host, .oauth = m->oauth };
}

static bool is_fetched(void *ctx)
{
	return !((struct token *)ctx)->fetching;
}

static bool is_good(const struct token *x)
{
	return x->until_ms > relay_now_ms() && buf_waiting(&x->text);
}

bool tokens_get(struct relay *r, struct tokens *t, const struct relay_route *route, struct arena *a,
		struct buf *out, const char **finding, const char **why)
{
	struct asking q = { .relay = r, .route = route, .a = a, .finding = "oauth-endpoint-unreachable" };
	q.why = "no token could be fetched";
	struct token *x = known(t, route);
	if (!x)
		x = names_use(&t->names, str_of(route->name), sizeof(*x));
	(void)net_loop_wait(r->loop, is_fetched, x, net_loop_now_ms(r->loop) + TOKEN_FETCH_MS);
	if (!is_good(x) && !x->fetching) {
		x->fetching = true;
		fetch(&q, x);
		x->fetching = false;
	}
	*finding = q.finding;
	*why = q.why;
	if (!is_good(x))
		return false;
	return buf_add(out, buf_str(&x->text).p, buf_waiting(&x->text)) && buf_add(out, "", 1);
}
