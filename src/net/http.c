/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/watch.h"

enum {
	HTTP_REDIRECTS_MAX = 5,
	HTTP_ADDRESSES_MAX = 8,
	HTTP_OTHER_FAMILY_MS = 800, /* patience with AAAA once A is there, or the other way round */
	HTTP_LATE_MS = 1000         /* libcurl's time-out may come that late */
};
static const char *const result_names[HTTP_RESULTS] = {
	[HTTP_OK] = "ok",
	[HTTP_DNS] = "dns",
	[HTTP_CONNECT] = "connect",
	[HTTP_FORBIDDEN] = "forbidden",
	[HTTP_TIMED_OUT] = "timeout",
	[HTTP_TLS] = "tls",
	[HTTP_CERTIFICATE] = "certificate",
	[HTTP_REDIRECT] = "redirect",
	[HTTP_FAILED] = "error",
};

const char *http_result_name(enum http_result r)
{
	return result_names[r];
}

static void destroy(struct http_request *r)
{
	buf_wipe(&r->form);
	for (size_t i = 0; i < r->headers.n; i++) /* ours, and one may hold a token */
		mem_wipe((char *)(uintptr_t)r->headers.v[i], strlen(r->headers.v[i]));
	buf_wipe(&r->body); /* a token endpoint's answer is a secret */
	free(r->location);
	arena_free(&r->arena);
	free(r);
}

void http_free(struct http_request **rp)
{
	struct http_request *r = *rp;
	if (!r)
		return;
	*rp = NULL;
	if (r->stage == HTTP_FETCHING) {
		r->orphan = true;
		atomic_store(&r->cancelled, true);
	} else {
		destroy(r);
	}
}

static void finish(struct http_request *r, enum http_result result, const char *error)
{
	r->stage = HTTP_DONE;
	r->answer = (struct http_answer){ .result = result,
					  .status = r->status,
					  .body = buf_str(&r->body),
					  .content_type = text_printable(r->arena, str_of(r->type)),
					  .date = text_printable(r->arena, str_of(r->date)),
					  .error = text_printable(r->arena, str_of(error)),
					  .retry_after = text_printable(r->arena, str_of(r->retry_after)),
					  .request_id = text_printable(r->arena, str_of(r->request_id)),
					  .sent = r->sent,
					  .lack = r->lack };
	r->answer.elapsed_ms = (long)(net_loop_now_ms(r->loop) - r->started_ms);
	buf_wipe(&r->form);
}

static const char not_allowed[] = "connections to its address are not allowed from here";

/* A form holds secrets: in clear it goes to this very machine only. */
static bool may_post(struct http_request *r)
{
	if (!r->has_form || r->loopback || str_ieq(str_of(r->scheme), "https"))
		return true;
	finish(r, HTTP_FAILED, "a form goes out in clear to this machine only: use https://");
	return false;
}

static void resolve(struct http_request *r)
{
	r->stage = HTTP_RESOLVING;
	r->resolve_ms = net_loop_now_ms(r->loop);
	r->q4 = r->q6 = NULL;
	r->kept_away = false;
	r->strayed = false;
	r->permitted = (struct strlist){ 0 };
	r->pin = NULL;
	r->loopback = http_is_loopback(r->host);
	if (http_is_literal(r->host)) {
		http_permit(r, r->host);
		return;
	}
	r->q4 = dns_ask(r->dns, r->host, "A", 0, NULL);
	r->q6 = dns_ask(r->dns, r->host, "AAAA", 0, NULL);
}

struct http_request *http_start(struct net_loop *l, struct dns *d, const struct http_options *o)
{
	struct http_request *r = mem_alloc(sizeof(*r));
	r->loop = l;
	r->dns = d;
	r->guard = net_guard_here(l);
	r->arena = arena_new();
	r->url = arena_strdup(r->arena, o->url);
	r->ca_file = o->ca_file ? arena_strdup(r->arena, o->ca_file) : NULL;
	r->has_form = o->form != NULL;
	if (o->form)
		buf_add(&r->form, o->form, strlen(o->form) + 1);
	for (const char *const *line = o->headers; line && *line; line++)
		strlist_add(&r->headers, r->arena, *line);
	r->no_redirects = o->no_redirects;
	r->allow_http = o->allow_http;
	r->see_out = o->see_out;
	r->started_ms = net_loop_now_ms(l);
	r->end_ms = r->started_ms + (o->timeout_ms ? o->timeout_ms : HTTP_TIMEOUT_MS);
	r->body.max = HTTP_BODY_MAX;
	if (!http_fetch_prepare())
		finish(r, HTTP_FAILED, "libcurl.so.4 cannot be loaded on this machine");
	else if (http_take_url(r))
		resolve(r);
	else
		finish(r, HTTP_FAILED, o->allow_http ? "not a web address" : "not an https:// address");
	return r;
}

/* RFC 8461, 3.3 forbids redirects to who says so; a form is never repeated elsewhere. */
static void follow(struct http_request *r)
{
	if (r->no_redirects || r->has_form || ++r->redirects > HTTP_REDIRECTS_MAX) {
		finish(r, HTTP_REDIRECT, r->location);
		return;
	}
	r->url = arena_strdup(r->arena, r->location);
	if (!http_take_url(r)) {
		finish(r, HTTP_REDIRECT, r->url);
		return;
	}
	buf_take(&r->body, buf_waiting(&r->body));
	resolve(r);
}

static void fetched(void *ctx)
{
	struct http_request *r = ctx;
	if (r->orphan) {
		destroy(r);
		return;
	}
	if (r->fetched == HTTP_OK && r->location && r->status / 100 == 3)
		follow(r);
	else if (r->fetched == HTTP_OK && r->status / 100 == 3)
		finish(r, HTTP_REDIRECT, "a redirect to nowhere");
	else
		finish(r, r->fetched, r->words);
}

static const char *add_addresses(struct http_request *r, const char *list, const struct dns_answer *a)
{
	for (size_t i = 0; a && i < a->records.n && i < HTTP_ADDRESSES_MAX; i++) {
		const char *ip = a->records.v[i];
		if (!http_may_connect(r, ip)) {
			r->kept_away = true;
			continue;
		}
		bool six = strchr(ip, ':');
		http_permit(r, ip);
		r->loopback &= http_is_loopback(ip);
		list = arena_printf(r->arena, "%s%s%s%s%s", list, *list ? "," : "", six ? "[" : "", ip,
				    six ? "]" : "");
	}
	return list;
}

/* The name's addresses as CURLOPT_RESOLVE wants them; false: there are none. */
static bool pin_name(struct http_request *r)
{
	const struct dns_answer *a4 = dns_answer_of(r->q4), *a6 = dns_answer_of(r->q6);
	r->loopback = true; /* unless one is not */
	const char *list = add_addresses(r, add_addresses(r, "", a4), a6);
	if (!*list && r->kept_away) {
		finish(r, HTTP_FORBIDDEN, arena_printf(r->arena, "%s: %s", r->host, not_allowed));
		return false;
	}
	if (!*list) {
		enum dns_status_code s = a4->status == DNS_ANSWER_NODATA ? a6->status : a4->status;
		finish(r, HTTP_DNS, arena_printf(r->arena, "%s: %s", r->host, dns_status_name(s)));
		return false;
	}
	r->pin = arena_printf(r->arena, "%s:%s:%s", r->host, r->port, list);
	return true;
}

static bool has_address(const struct dns_question *q)
{
	const struct dns_answer *a = dns_answer_of(q);
	return a && a->records.n;
}

/* A resolver that never answers AAAA must not cost the whole fetch. */
static bool knows_enough(const struct http_request *r, uint64_t now)
{
	if (dns_done(r->q4) && dns_done(r->q6))
		return true;
	return now >= r->resolve_ms + HTTP_OTHER_FAMILY_MS && (has_address(r->q4) || has_address(r->q6));
}

static void go_on(struct http_request *r)
{
	uint64_t now = net_loop_now_ms(r->loop);
	if (r->stage != HTTP_RESOLVING)
		return;
	if (now >= r->end_ms) {
		finish(r, HTTP_TIMED_OUT, "no time left");
		return;
	}
	if (r->q4 && !knows_enough(r, now))
		return;
	if (r->q4 && !pin_name(r))
		return;
	if (!r->q4 && !http_may_connect(r, r->host)) {
		finish(r, HTTP_FORBIDDEN, not_allowed);
		return;
	}
	if (!may_post(r))
		return;
	r->timeout_ms = (long)(r->end_ms - now);
	r->words[0] = r->date[0] = r->type[0] = 0;
	r->stage = HTTP_FETCHING;
	net_work_start(r->loop, http_fetch, fetched, r);
}

static bool is_done(void *ctx)
{
	struct http_request *r = ctx;
	go_on(r);
	return r->stage == HTTP_DONE;
}

/* While names are resolved the time itself can be what is waited for. */
static uint64_t next_look(const struct http_request *r, uint64_t until_ms)
{
	uint64_t soon = net_loop_now_ms(r->loop) + HTTP_OTHER_FAMILY_MS / 4;
	return r->stage == HTTP_RESOLVING && soon < until_ms ? soon : until_ms;
}

/* While it has not gone out nothing is lost. */
static bool seen_out(struct http_request *r)
{
	return r->see_out && r->stage == HTTP_FETCHING &&
	       net_loop_see_out(r->loop, is_done, r, r->end_ms + HTTP_LATE_MS);
}

const struct http_answer *http_wait(struct http_request *r, uint64_t until_ms)
{
	while (!net_loop_wait(r->loop, is_done, r, next_look(r, until_ms)))
		if (net_loop_interrupted(r->loop) || net_loop_now_ms(r->loop) >= until_ms)
			return seen_out(r) ? &r->answer : NULL;
	return &r->answer;
}
