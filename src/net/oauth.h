/* SPDX-License-Identifier: Apache-2.0 */
/* net/oauth.h - getting and reading access tokens (RFC 6749, 7519; XOAUTH2).
 *
 * Tokens are secrets: wiped when freed, in no fact, log or transcript. */
#ifndef NET_OAUTH_H
#define NET_OAUTH_H

#include "base/buf.h"
#include "net/http.h"

struct oauth_options { /* any may be NULL */
	const char *client_id, *tenant_id, *client_secret, *refresh_token, *token_url, *scope;
	const char *provider; /* "microsoft365" | "google" | "" : supplies token_url and scope */
	const char *ca_file;
};

/* The URL and form a request would use; false with *e naming the missing field. */
bool oauth_request_form(const struct oauth_options *o, struct arena *a, const char **url, struct buf *form,
			struct err *e) MUST_USE;

struct oauth_answer {     /* of a token endpoint */
	struct buf token; /* access_token; empty on failure; caller wipes */
	long expires_in;
	const char *error, *description; /* RFC 6749, 5.2; printable; secrets hidden */
};
/* Reads a token endpoint's body (JSON). */
bool oauth_answer_read(struct str body, struct arena *a, struct oauth_answer *out) MUST_USE;

struct token_claims {
	const char *form; /* jwt | opaque | malformed */
	const char *audience, *scope, *user, *tenant, *app, *issuer;
	struct strlist roles;
	long long issued, expires; /* unix time, 0 none */
	bool delegated;
};
/* Reads a JWT's claims without verifying it (only the server can); opaque otherwise. */
void token_claims_read(struct str token, struct arena *a, struct token_claims *out);

#endif
