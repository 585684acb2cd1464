/* SPDX-License-Identifier: Apache-2.0 */
/* net/introspection.h - asking who gave out an access token what it is worth (RFC 7662).
 *
 * Pure: the form, the header that says who asks, and the answer's fields.  What they
 * allow is the asker's.  Tokens and secrets: callers wipe the buffers. */
#ifndef NET_INTROSPECTION_H
#define NET_INTROSPECTION_H

#include "base/arena.h"
#include "base/buf.h"

enum {
	INTROSPECTION_BYTES_MAX = 64 * 1024, /* an answer; longer ones are none */
	INTROSPECTION_DEPTH_MAX = 16,        /* of its nesting */
	INTROSPECTION_LIST_MAX = 100         /* audiences read */
};

struct introspection { /* texts: UTF-8 without controls, "" not there or no such text */
	bool active;
	const char *username, *preferred_username, *email, *sub;
	bool email_doubted; /* it is told, and not that it was verified */
	const char *scope;  /* words between blanks */
	const char *issuer;
	const char *type;        /* token_type */
	bool bound;              /* to a key or certificate, which a bearer cannot show (RFC 7800: cnf) */
	struct strlist audience; /* aud, a text or a list */
	bool dated;              /* has exp */
	long long expires, not_before; /* Unix time; 0 none */
};

/* What is posted, and a NUL. */
void introspection_form(const char *token, struct buf *out);
/* "Authorization: Basic ..." (RFC 6749, 2.3.1), and a NUL. */
void introspection_who(const char *client_id, const char *secret, struct buf *out);
/* True when body is an answer; texts in a. */
bool introspection_read(struct str body, struct arena *a, struct introspection *out) MUST_USE;

#endif
