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
	const char *provider; /* of the catalogue ("microsoft365", "outlook", "google"), or
				 "microsoft-graph" | "gmail-api"; "" none: supplies token_url and scope */
	const char *ca_file;
};

enum {
	OAUTH_TOKEN_BYTES_MAX = 16 * 1024, /* an access token that is taken or read */
	OAUTH_TEXT_BYTES_MAX = 2000        /* one text of an answer or claim; longer ones are cut */
};

/* "refresh-token" where one is given, else "client-credentials". */
const char *oauth_flow(const struct oauth_options *o);

/* What a request lacks, in the words of check's fact: client-id tenant-id
 * client-secret refresh-token token-url; appended to *out. */
void oauth_missing(const struct oauth_options *o, struct arena *a, struct strlist *out);

/* The URL and scope a request would use ("" when none is known); arena-owned. */
const char *oauth_url(const struct oauth_options *o, struct arena *a) MUST_USE;
const char *oauth_scope(const struct oauth_options *o);

/* The URL and form a request would use; false with *e naming the missing field.
 * The form (application/x-www-form-urlencoded) holds secrets: the caller wipes it. */
bool oauth_request_form(const struct oauth_options *o, struct arena *a, const char **url, struct buf *form,
			struct err *e) MUST_USE;

struct oauth_answer {     /* of a token endpoint */
	struct buf token; /* access_token; empty on failure */
	/* refresh_token, where one came with it: from now on in the place of the one shown (RFC 6749, 6) */
	struct buf refresh;
	long expires_in;
	const char *error, *description; /* RFC 6749, 5.2; printable; secrets hidden */
};
/* Reads a token endpoint's body (JSON): true when it is an answer, with a token
 * or with an error; false when it is something else (a proxy's page). */
bool oauth_answer_read(struct str body, struct arena *a, struct oauth_answer *out) MUST_USE;
void oauth_answer_wipe(struct oauth_answer *x); /* its tokens */

/* Printable ASCII without blanks, not empty, not over-long. */
bool oauth_token_is_plausible(struct str token);

struct token_claims {
	const char *form; /* jwt | opaque | malformed */
	const char *audience, *scope, *user, *tenant, *app,
		*issuer; /* printable; "" none; lists joined by a blank */
	struct strlist roles;
	long long issued, expires; /* unix time, 0 none */
	bool delegated;
};
/* Reads a JWT's claims without verifying it (only the server can); opaque
 * otherwise; malformed when it begins as one but cannot be read, or when it
 * holds bytes that no token has. */
void token_claims_read(struct str token, struct arena *a, struct token_claims *out);

#endif
