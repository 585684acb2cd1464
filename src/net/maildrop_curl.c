/* SPDX-License-Identifier: Apache-2.0 */
/* What of a maildrop runs in a thread: libcurl. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "net/http_curl.h"
#include "net/maildrop_inner.h"

enum { CONNECT_MS = 10000 };

static const struct {
	CURLcode code;
	enum maildrop_result result;
} code_results[] = {
	{ CURLE_OK, MAILDROP_OK },
	{ CURLE_COULDNT_RESOLVE_HOST, MAILDROP_DNS },
	{ CURLE_COULDNT_CONNECT, MAILDROP_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, MAILDROP_TIMED_OUT },
	{ CURLE_SSL_CONNECT_ERROR, MAILDROP_TLS_FAILED },
	{ CURLE_SSL_CIPHER, MAILDROP_TLS_FAILED },
	{ CURLE_USE_SSL_FAILED, MAILDROP_TLS_FAILED },
	{ CURLE_PEER_FAILED_VERIFICATION, MAILDROP_CERTIFICATE },
	{ CURLE_SSL_ISSUER_ERROR, MAILDROP_CERTIFICATE },
	{ CURLE_SSL_CACERT_BADFILE, MAILDROP_CERTIFICATE },
	{ CURLE_LOGIN_DENIED, MAILDROP_LOGIN },
	{ CURLE_QUOTE_ERROR, MAILDROP_REFUSED },
	{ CURLE_REMOTE_ACCESS_DENIED, MAILDROP_REFUSED },
	{ CURLE_REMOTE_FILE_NOT_FOUND, MAILDROP_REFUSED },
	{ CURLE_RECV_ERROR, MAILDROP_FAILED },
};

static enum maildrop_result result_of(const struct maildrop *m, CURLcode code)
{
	/* libcurl has one code for a login and for a folder that cannot be had. */
	if (code == CURLE_LOGIN_DENIED && strstr(m->words, "Select failed"))
		return MAILDROP_REFUSED;
	for (size_t i = 0; i < ARRAY_LEN(code_results); i++)
		if (code_results[i].code == code)
			return code_results[i].result;
	return MAILDROP_FAILED;
}

static bool is_loopback(const struct curl_sockaddr *a)
{
	static const unsigned char six[16] = { [15] = 1 };
	if (a->family == AF_INET)
		return ((const unsigned char *)&((const struct sockaddr_in *)&a->addr)->sin_addr)[0] == 127;
	return a->family == AF_INET6 &&
	       !memcmp(&((const struct sockaddr_in6 *)&a->addr)->sin6_addr, six, sizeof(six));
}

/* The last word on where anything goes: the address itself. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct maildrop *m = ctx;
	(void)purpose;
	if (m->connected && m->o.pop3)
		return CURL_SOCKET_BAD;
	m->in_clear = m->o.security == MAILDROP_CLEAR && !is_loopback(a);
	return m->in_clear ? CURL_SOCKET_BAD : socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void keep_words(struct maildrop *m, struct str line)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	snprintf(m->said, sizeof(m->said), "%s", text_printable(a, str_cut(str_trim(line), 0, 300)));
}

/* Each line of the dialogue that is no mail. */
static size_t on_line(char *p, size_t size, size_t n, void *ctx)
{
	struct maildrop *m = ctx;
	struct str line = { p, size * n };
	size_t space = str_ifind(line, " "), at = str_ifind(line, "[UIDVALIDITY ");
	struct str rest = str_cut(line, space + 1, line.len);
	if (at < line.len)
		m->validity = strtoul(line.p + at + strlen("[UIDVALIDITY "), NULL, 10);
	if (str_istarts(line, "-ERR") || str_istarts(rest, "NO ") || str_istarts(rest, "BAD "))
		keep_words(m, line);
	return line.len;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct maildrop_call *c = &((struct maildrop *)ctx)->call;
	size_t len = size * n, have = buf_waiting(&c->answer);
	size_t room = c->most > have ? c->most - have : 0;
	buf_add(&c->answer, p, len < room ? len : room);
	return len <= room ? len : 0;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct maildrop *m = ctx;
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&m->cancelled) ? 1 : 0;
}

static void set_login(const struct http_curl *lib, struct maildrop *m)
{
	lib->curl_easy_setopt(m->curl, CURLOPT_USERNAME, m->o.user);
	lib->curl_easy_setopt(m->curl, m->o.token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD,
			      buf_str(&m->secret).p);
}

static void set_rules(const struct http_curl *lib, struct maildrop *m)
{
	CURL *c = m->curl;
	lib->curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
	lib->curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	lib->curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	lib->curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (m->o.security != MAILDROP_CLEAR)
		lib->curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	lib->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	lib->curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	lib->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	lib->curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)m->o.timeout_ms);
	lib->curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, 3600L);
	if (m->o.ca_file) {
		lib->curl_easy_setopt(c, CURLOPT_CAINFO, m->o.ca_file);
		lib->curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	m->pins = m->pin ? lib->curl_slist_append(NULL, m->pin) : NULL;
	lib->curl_easy_setopt(c, CURLOPT_RESOLVE, m->pins);
}

static void set_callbacks(const struct http_curl *lib, struct maildrop *m)
{
	CURL *c = m->curl;
	lib->curl_easy_setopt(c, CURLOPT_ERRORBUFFER, m->words);
	lib->curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	lib->curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, m);
	lib->curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	lib->curl_easy_setopt(c, CURLOPT_WRITEDATA, m);
	lib->curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
	lib->curl_easy_setopt(c, CURLOPT_HEADERDATA, m);
	lib->curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	lib->curl_easy_setopt(c, CURLOPT_XFERINFODATA, m);
	lib->curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

static bool prepare(const struct http_curl *lib, struct maildrop *m)
{
	if (m->curl)
		return true;
	m->curl = lib ? lib->curl_easy_init() : NULL;
	if (!m->curl)
		return false;
	set_login(lib, m);
	set_rules(lib, m);
	set_callbacks(lib, m);
	return true;
}

/* What people read: the server's own words where it has said any. */
static void explain(const struct http_curl *lib, struct maildrop *m, CURLcode code)
{
	char own[CURL_ERROR_SIZE];
	snprintf(own, sizeof(own), "%.250s", *m->words ? m->words : lib->curl_easy_strerror(code));
	if (m->in_clear)
		snprintf(m->words, sizeof(m->words),
			 "nothing goes in clear to another machine: security = \"tls\" or \"starttls\"");
	else if (*m->said)
		snprintf(m->words, sizeof(m->words), "the server says: %.300s", m->said);
	else
		snprintf(m->words, sizeof(m->words), "%s", own);
}

_Static_assert(MAILDROP_WORDS_MAX >= CURL_ERROR_SIZE, "libcurl's words fit");

void maildrop_call_run(void *ctx)
{
	const struct http_curl *lib = http_curl();
	struct maildrop *m = ctx;
	struct maildrop_call *x = &m->call;
	CLEANUP(mem_free) char *url = mem_printf("%s%s", m->url, x->path);
	m->words[0] = m->said[0] = 0;
	if (!prepare(lib, m)) {
		snprintf(m->words, sizeof(m->words), "libcurl.so.4 cannot be loaded on this machine");
		x->result = MAILDROP_FAILED;
		return;
	}
	lib->curl_easy_setopt(m->curl, CURLOPT_URL, url);
	lib->curl_easy_setopt(m->curl, CURLOPT_CUSTOMREQUEST, *x->command ? x->command : NULL);
	lib->curl_easy_setopt(m->curl, CURLOPT_NOBODY, x->no_body ? 1L : 0L);
	CURLcode code = lib->curl_easy_perform(m->curl);
	bool cut = code == CURLE_WRITE_ERROR && buf_waiting(&x->answer) >= x->most;
	m->connected = m->connected || code == CURLE_OK || code == CURLE_QUOTE_ERROR || cut;
	x->result = cut ? MAILDROP_OK : m->in_clear ? MAILDROP_TLS_FAILED : result_of(m, code);
	if (x->result != MAILDROP_OK)
		explain(lib, m, code);
}

void maildrop_call_close(void *ctx)
{
	struct maildrop *m = ctx;
	if (m->curl)
		http_curl()->curl_easy_cleanup(m->curl);
	if (m->pins)
		http_curl()->curl_slist_free_all(m->pins);
	m->curl = m->pins = NULL;
}
