/* SPDX-License-Identifier: Apache-2.0 */
/* net/http.h - HTTPS fetches (libcurl in a thread of the loop's pool), waited for like a session.
 *
 * Names are resolved by our own resolver, so that --resolver holds here too. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "net/dns.h"

enum { HTTP_BODY_MAX = 256 * 1024, HTTP_TIMEOUT_MS = 10000 };

enum http_result {
	HTTP_OK,
	HTTP_DNS,
	HTTP_CONNECT,
	HTTP_FORBIDDEN, /* net_fiber_guard() */
	HTTP_TIMED_OUT,
	HTTP_TLS,
	HTTP_CERTIFICATE,
	HTTP_REDIRECT,
	HTTP_FAILED,
	HTTP_RESULTS
};

struct http_options {
	const char *url;  /* https:// ; http:// only for loopback and AIA */
	const char *form; /* POST body, NULL: GET; application/x-www-form-urlencoded unless headers say
			     otherwise; wiped after use */
	const char *const *headers; /* "Name: value", NULL at the end; NULL none */
	const char *ca_file;        /* NULL: the system's store */
	bool no_redirects;          /* RFC 8461, 3.3: a redirect is a failure */
	bool allow_http;
	bool see_out; /* its answer must not be lost: http_wait() waits for what went out to the request's own
			 end, whatever its until_ms, and over an interruption */
	uint64_t timeout_ms; /* 0: HTTP_TIMEOUT_MS */
};

struct http_answer {
	enum http_result result;
	long status;
	struct str body; /* cut at HTTP_BODY_MAX */
	const char *content_type, *date, *error;
	const char *retry_after, *request_id; /* headers; "" none */
	bool sent; /* some of the form went out: it may have been taken, whatever came */
	int lack;  /* errno: this machine had no socket for it, or for one of its addresses; 0 it had */
	long elapsed_ms;
};

struct http_request;

struct http_request *http_start(struct net_loop *l, struct dns *d, const struct http_options *o) MUST_USE;
const struct http_answer *http_wait(struct http_request *r, uint64_t until_ms); /* NULL at until_ms */
void http_free(struct http_request **r);                                        /* cancels */
const char *http_result_name(enum http_result r);

#endif
