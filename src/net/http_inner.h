/* SPDX-License-Identifier: Apache-2.0 */
/* net/http_inner.h - what http.c (a request's way), http_permit.c and http_fetch.c (libcurl) share. */
#ifndef NET_HTTP_INNER_H
#define NET_HTTP_INNER_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "net/http.h"

enum { HTTP_CONNECT_MS = 5000, HTTP_HEADER_MAX = 400, HTTP_WORDS_MAX = 256 };

/* RESOLVING -> FETCHING (a thread has it) -> DONE, or back to RESOLVING for a redirect. */
enum http_stage { HTTP_RESOLVING, HTTP_FETCHING, HTTP_DONE };

struct http_request {
	struct net_loop *loop;
	struct dns *dns;
	const struct net_guard *guard; /* of the fiber that started it; NULL: none */
	struct arena *arena;
	enum http_stage stage;
	const char *url, *ca_file;
	struct buf form;
	struct strlist headers;
	bool has_form, no_redirects, allow_http, see_out;
	uint64_t started_ms, end_ms, resolve_ms;
	unsigned redirects;

	const char *scheme, *host, *port; /* of url */
	struct dns_question *q4, *q6;
	struct strlist permitted; /* addresses of host that it may connect to */
	const char *pin;          /* CURLOPT_RESOLVE's line; NULL for a literal address */
	bool loopback, kept_away; /* kept_away: the guard refused an address */

	/* The thread's while FETCHING. */
	enum http_result fetched;
	long status;
	struct buf body;
	char date[HTTP_HEADER_MAX], type[HTTP_HEADER_MAX], words[HTTP_WORDS_MAX];
	char retry_after[HTTP_HEADER_MAX], request_id[HTTP_HEADER_MAX];
	bool sent, strayed; /* strayed: http_may_open() refused an address */
	int lack;           /* errno of a socket that could not be had; 0: all could */
	char *location;
	long timeout_ms;

	atomic_bool cancelled;
	bool orphan; /* freed by its owner while a thread had it */
	struct http_answer answer;
};

/* http_permit.c; addresses are numeric, in brackets or not */
bool http_is_literal(const char *host);     /* needs no resolver */
bool http_is_loopback(const char *address); /* never a name: 127.0.0.1.example.net may be anywhere */
bool http_may_connect(struct http_request *r, const char *address); /* by the guard */
void http_permit(struct http_request *r, const char *address);      /* it was looked up for this request */
/* Under a guard, and in clear to this machine: only where it was looked up for.  Any thread. */
bool http_may_open(const struct http_request *r, const struct sockaddr *to) MUST_USE;

/* http_fetch.c */
bool http_fetch_prepare(void) MUST_USE; /* loads libcurl, once a process; false: it is not there */
/* Reads url into scheme, host and port; false when it is not one we may fetch. */
bool http_take_url(struct http_request *r) MUST_USE;
/* In a thread of the pool, ctx is the request: fills fetched, status, body, words ... */
void http_fetch(void *ctx);

#endif
