/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "net/dns_name.h"
#include "net/http_curl.h"
#include "net/http_inner.h"

_Static_assert(HTTP_WORDS_MAX >= CURL_ERROR_SIZE, "libcurl's words fit");

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

static void free_url(CURLU **u)
{
	http_curl()->curl_url_cleanup(*u);
}

static const char *url_part(struct http_request *r, CURLU *u, CURLUPart part, unsigned flags)
{
	char *z = NULL;
	if (http_curl()->curl_url_get(u, part, &z, flags) != CURLUE_OK)
		return "";
	const char *copy = arena_strdup(r->arena, z);
	http_curl()->curl_free(z);
	return copy;
}

/* libcurl would look an IDN up by its A-labels, not by the name that was judged and pinned: so it gets that
 * very name, as our resolver has it. */
static bool clean_host(struct http_request *r, CURLU *u)
{
	const char *why = NULL;
	const char *clean = dns_name_clean(r->host, r->arena, &why);
	if (!clean)
		return false;
	if (!strcmp(clean, r->host))
		return true;
	if (http_curl()->curl_url_set(u, CURLUPART_HOST, clean, 0) != CURLUE_OK)
		return false;
	r->host = clean;
	r->url = url_part(r, u, CURLUPART_URL, 0);
	return *r->url;
}

bool http_take_url(struct http_request *r)
{
	CLEANUP(free_url) CURLU *u = http_curl()->curl_url();
	if (http_curl()->curl_url_set(u, CURLUPART_URL, r->url, 0) != CURLUE_OK)
		return false;
	r->scheme = url_part(r, u, CURLUPART_SCHEME, 0);
	r->host = url_part(r, u, CURLUPART_HOST, 0);
	r->port = url_part(r, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	return *r->host && (*r->host == '[' || clean_host(r, u)) &&
	       (!strcasecmp(r->scheme, "https") || (!strcasecmp(r->scheme, "http") && r->allow_http));
}

bool http_fetch_prepare(void)
{
	return http_curl() != NULL;
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
	keep_header(line, "retry-after:", r->retry_after);
	keep_header(line, "request-id:", r->request_id);
	return line.len;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct http_request *r = ctx;
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&r->cancelled) ? 1 : 0;
}

/* The last word on where anything goes: the address itself. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http_request *r = ctx;
	(void)purpose;
	r->strayed = !http_may_open(r, &a->addr);
	if (r->strayed)
		return CURL_SOCKET_BAD;
	int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd < 0 && errno != EAFNOSUPPORT) /* such addresses are not used here: no lack */
		r->lack = errno;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static void set_rules(struct http_request *r, CURL *c)
{
	const struct http_curl *lib = http_curl();
	lib->curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, r->allow_http ? "http,https" : "https");
	lib->curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	lib->curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	lib->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	lib->curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, r->timeout_ms);
	lib->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	lib->curl_easy_setopt(c, CURLOPT_USERAGENT, "postrider/" POSTRIDER_VERSION);
	if (r->ca_file) {
		lib->curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
		lib->curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	if (r->loopback || r->guard) /* a proxy would look the name up again, and go where it likes */
		lib->curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	if (r->has_form)
		lib->curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_str(&r->form).p);
}

static void set_callbacks(struct http_request *r, CURL *c)
{
	const struct http_curl *lib = http_curl();
	lib->curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->words);
	lib->curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	lib->curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, r);
	lib->curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	lib->curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	lib->curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	lib->curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
	lib->curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	lib->curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
	lib->curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

static void take_outcome(struct http_request *r, CURL *c, CURLcode code)
{
	const struct http_curl *lib = http_curl();
	curl_off_t uploaded = 0;
	const char *location = NULL;
	r->fetched = code != CURLE_OK && r->strayed ? HTTP_FORBIDDEN : result_of(code);
	if (code != CURLE_OK && !*r->words)
		snprintf(r->words, sizeof(r->words), "%s", lib->curl_easy_strerror(code));
	else if (code == CURLE_OK)
		r->words[0] = 0;
	lib->curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &r->status);
	lib->curl_easy_getinfo(c, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	r->sent = uploaded > 0;
	lib->curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &location);
	free(r->location);
	r->location = location ? mem_strdup(location) : NULL;
}

void http_fetch(void *ctx)
{
	const struct http_curl *lib = http_curl();
	struct http_request *r = ctx;
	CURL *c = lib->curl_easy_init();
	if (!c) {
		r->fetched = HTTP_FAILED;
		return;
	}
	struct curl_slist *lines = NULL;
	for (size_t i = 0; i < r->headers.n; i++)
		lines = lib->curl_slist_append(lines, r->headers.v[i]);
	struct curl_slist *pins = r->pin ? lib->curl_slist_append(NULL, r->pin) : NULL;
	lib->curl_easy_setopt(c, CURLOPT_URL, r->url);
	lib->curl_easy_setopt(c, CURLOPT_RESOLVE, pins);
	lib->curl_easy_setopt(c, CURLOPT_HTTPHEADER, lines);
	set_rules(r, c);
	set_callbacks(r, c);
	take_outcome(r, c, lib->curl_easy_perform(c));
	lib->curl_easy_cleanup(c);
	lib->curl_slist_free_all(pins);
	lib->curl_slist_free_all(lines);
}
