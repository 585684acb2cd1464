/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "net/watch.h"

enum { HTTP_REDIRECTS_MAX = 5, HTTP_CONNECT_MS = 5000, HTTP_ADDRESSES_MAX = 8, HTTP_HEADER_MAX = 400 };

/* RESOLVING -> FETCHING (a thread has it) -> DONE, or back to RESOLVING for a redirect. */
enum http_stage { HTTP_RESOLVING, HTTP_FETCHING, HTTP_DONE };

struct http_request {
	struct net_loop *loop;
	struct dns *dns;
	struct arena *arena;
	enum http_stage stage;
	const char *url, *ca_file;
	struct buf form;
	bool has_form, no_redirects, allow_http;
	uint64_t started_ms, end_ms;
	unsigned redirects;

	const char *scheme, *host, *port; /* of url */
	struct dns_question *q4, *q6;
	const char *pin; /* CURLOPT_RESOLVE's line; NULL for a literal address */
	bool loopback;

	/* The thread's while FETCHING. */
	CURLcode code;
	long status;
	struct buf body;
	char date[HTTP_HEADER_MAX], type[HTTP_HEADER_MAX], words[CURL_ERROR_SIZE];
	char *location;
	long timeout_ms;

	atomic_bool cancelled;
	bool orphan; /* freed by its owner while a thread had it */
	struct http_answer answer;
};

static const char *const result_names[HTTP_RESULTS] = {
	[HTTP_OK] = "ok",
	[HTTP_DNS] = "dns",
	[HTTP_CONNECT] = "connect",
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

static const struct {
	CURLcode code;
	enum http_result result;
} code_results[] = {
	{ CURLE_OK, HTTP_OK },
	{ CURLE_WRITE_ERROR, HTTP_OK }, /* we stopped at HTTP_BODY_MAX */
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_DNS },
	{ CURLE_COULDNT_RESOLVE_PROXY, HTTP_DNS },
	{ CURLE_COULDNT_CONNECT, HTTP_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, HTTP_TIMED_OUT },
	{ CURLE_SSL_CONNECT_ERROR, HTTP_TLS },
	{ CURLE_SSL_CIPHER, HTTP_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_CERTIFICATE },
	{ CURLE_SSL_ISSUER_ERROR, HTTP_CERTIFICATE },
};

static enum http_result result_of(CURLcode code)
{
	for (size_t i = 0; i < ARRAY_LEN(code_results); i++)
		if (code_results[i].code == code)
			return code_results[i].result;
	return HTTP_FAILED;
}

static void destroy(struct http_request *r)
{
	buf_wipe(&r->form);
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
					  .error = text_printable(r->arena, str_of(error)) };
	r->answer.elapsed_ms = (long)(net_loop_now_ms(r->loop) - r->started_ms);
	buf_wipe(&r->form);
}

static void free_url(CURLU **u)
{
	curl_url_cleanup(*u);
}

static const char *url_part(struct http_request *r, CURLU *u, CURLUPart part, unsigned flags)
{
	char *z = NULL;
	if (curl_url_get(u, part, &z, flags) != CURLUE_OK)
		return "";
	const char *copy = arena_strdup(r->arena, z);
	curl_free(z);
	return copy;
}

/* "[2001:db8::7]" and "192.0.2.7" need no resolver. */
static bool is_literal(const char *host)
{
	unsigned char raw[4];
	return *host == '[' || inet_pton(AF_INET, host, raw) == 1;
}

static bool is_loopback(const char *address)
{
	return z_istarts(address, "127.") || !strcmp(address, "::1") || !strcmp(address, "[::1]");
}

static bool take_url(struct http_request *r)
{
	CLEANUP(free_url) CURLU *u = curl_url();
	if (curl_url_set(u, CURLUPART_URL, r->url, 0) != CURLUE_OK)
		return false;
	r->scheme = url_part(r, u, CURLUPART_SCHEME, 0);
	r->host = url_part(r, u, CURLUPART_HOST, 0);
	r->port = url_part(r, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	return *r->host &&
	       (!strcasecmp(r->scheme, "https") || (!strcasecmp(r->scheme, "http") && r->allow_http));
}

static void resolve(struct http_request *r)
{
	r->stage = HTTP_RESOLVING;
	r->q4 = r->q6 = NULL;
	r->pin = NULL;
	r->loopback = is_loopback(r->host);
	if (is_literal(r->host))
		return;
	r->q4 = dns_ask(r->dns, r->host, "A", 0, NULL);
	r->q6 = dns_ask(r->dns, r->host, "AAAA", 0, NULL);
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http_request *http_start(struct net_loop *l, struct dns *d, const struct http_options *o)
{
	struct http_request *r = mem_alloc(sizeof(*r));
	pthread_once(&curl_once, start_curl);
	r->loop = l;
	r->dns = d;
	r->arena = arena_new();
	r->url = arena_strdup(r->arena, o->url);
	r->ca_file = o->ca_file ? arena_strdup(r->arena, o->ca_file) : NULL;
	r->has_form = o->form != NULL;
	if (o->form)
		buf_add(&r->form, o->form, strlen(o->form) + 1);
	r->no_redirects = o->no_redirects;
	r->allow_http = o->allow_http;
	r->started_ms = net_loop_now_ms(l);
	r->end_ms = r->started_ms + (o->timeout_ms ? o->timeout_ms : HTTP_TIMEOUT_MS);
	r->body.max = HTTP_BODY_MAX;
	if (take_url(r))
		resolve(r);
	else
		finish(r, HTTP_FAILED, o->allow_http ? "not a web address" : "not an https:// address");
	return r;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_request *r = ctx;
	size_t len = size * n, room = HTTP_BODY_MAX - buf_waiting(&r->body);
	buf_add(&r->body, p, len < room ? len : room);
	return len <= room ? len : 0;
}

static void keep_header(struct str line, const char *name, char out[HTTP_HEADER_MAX])
{
	if (!str_istarts(line, name))
		return;
	struct str value = str_trim(str_cut(line, strlen(name), line.len));
	size_t n = value.len < HTTP_HEADER_MAX ? value.len : HTTP_HEADER_MAX - 1;
	memcpy(out, value.p, n);
	out[n] = 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_request *r = ctx;
	struct str line = { p, size * n };
	keep_header(line, "date:", r->date);
	keep_header(line, "content-type:", r->type);
	return line.len;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct http_request *r = ctx;
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&r->cancelled) ? 1 : 0;
}

static void set_rules(struct http_request *r, CURL *c)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, r->allow_http ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, r->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "postrider/" POSTRIDER_VERSION);
	if (r->ca_file) {
		curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	if (r->loopback)
		curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	if (r->has_form)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_str(&r->form).p);
}

static void set_callbacks(struct http_request *r, CURL *c)
{
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->words);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

/* In a thread of the pool. */
static void fetch(void *ctx)
{
	struct http_request *r = ctx;
	CURL *c = curl_easy_init();
	if (!c) {
		r->code = CURLE_FAILED_INIT;
		return;
	}
	struct curl_slist *pins = r->pin ? curl_slist_append(NULL, r->pin) : NULL;
	curl_easy_setopt(c, CURLOPT_URL, r->url);
	curl_easy_setopt(c, CURLOPT_RESOLVE, pins);
	set_rules(r, c);
	set_callbacks(r, c);
	r->code = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &r->status);
	const char *location = NULL;
	curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &location);
	free(r->location);
	r->location = location ? mem_strdup(location) : NULL;
	curl_easy_cleanup(c);
	curl_slist_free_all(pins);
}

/* RFC 8461, 3.3 forbids redirects to who says so; a form is never repeated elsewhere. */
static void follow(struct http_request *r)
{
	if (r->no_redirects || r->has_form || ++r->redirects > HTTP_REDIRECTS_MAX) {
		finish(r, HTTP_REDIRECT, r->location);
		return;
	}
	r->url = arena_strdup(r->arena, r->location);
	if (!take_url(r)) {
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
	if (r->code == CURLE_OK && r->location && r->status / 100 == 3)
		follow(r);
	else if (r->code == CURLE_OK && r->status / 100 == 3)
		finish(r, HTTP_REDIRECT, "a redirect to nowhere");
	else
		finish(r, result_of(r->code),
		       r->code == CURLE_OK ? ""
		       : *r->words         ? r->words
					   : curl_easy_strerror(r->code));
}

static const char *add_addresses(struct http_request *r, const char *list, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->records.n && i < HTTP_ADDRESSES_MAX; i++) {
		const char *ip = a->records.v[i];
		bool six = strchr(ip, ':');
		r->loopback |= is_loopback(ip);
		list = arena_printf(r->arena, "%s%s%s%s%s", list, *list ? "," : "", six ? "[" : "", ip,
				    six ? "]" : "");
	}
	return list;
}

/* The name's addresses as CURLOPT_RESOLVE wants them; false: there are none. */
static bool pin_name(struct http_request *r)
{
	const struct dns_answer *a4 = dns_answer_of(r->q4), *a6 = dns_answer_of(r->q6);
	const char *list = add_addresses(r, add_addresses(r, "", a4), a6);
	if (!*list) {
		enum dns_status_code s = a4->status == DNS_ANSWER_NODATA ? a6->status : a4->status;
		finish(r, HTTP_DNS, arena_printf(r->arena, "%s: %s", r->host, dns_status_name(s)));
		return false;
	}
	r->pin = arena_printf(r->arena, "%s:%s:%s", r->host, r->port, list);
	return true;
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
	if (r->q4 && (!dns_done(r->q4) || !dns_done(r->q6)))
		return;
	if (r->q4 && !pin_name(r))
		return;
	r->timeout_ms = (long)(r->end_ms - now);
	r->words[0] = r->date[0] = r->type[0] = 0;
	r->stage = HTTP_FETCHING;
	net_work_start(r->loop, fetch, fetched, r);
}

static bool is_done(void *ctx)
{
	struct http_request *r = ctx;
	go_on(r);
	return r->stage == HTTP_DONE;
}

const struct http_answer *http_wait(struct http_request *r, uint64_t until_ms)
{
	while (!net_loop_interrupted(r->loop)) {
		bool early = r->end_ms < until_ms && r->stage == HTTP_RESOLVING;
		if (net_loop_wait(r->loop, is_done, r, early ? r->end_ms : until_ms))
			return &r->answer;
		if (!early)
			break;
	}
	return r->stage == HTTP_DONE ? &r->answer : NULL;
}
