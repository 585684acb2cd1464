/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/sasl_server.h - the server's side of login (RFC 4422): one mechanism, one exchange.
 *
 * Takes decoded responses and gives raw challenges; base64, "*" and reply codes
 * are the server engine's.  Who may log in is the caller's: it looks secrets up,
 * and judges what cannot be looked up (tokens, passwords kept as hashes).
 * RFC 4616, 2195, 5802/7677, 7628, the LOGIN draft and Google's XOAUTH2. */
#ifndef SMTP_SASL_SERVER_H
#define SMTP_SASL_SERVER_H

#include "smtp/sasl.h"
#include "smtp/scram.h"

enum {
	SASL_USER_BYTES_MAX = 320,    /* a user name; an address is at most 254 */
	SASL_SECRET_BYTES_MAX = 8192, /* a password or token */
	SASL_SCRAM_SALT_BYTES = 16
};

struct sasl_account {                     /* what a look-up found; borrowed until the step returns */
	const char *password;             /* in clear text, NULL: not kept so */
	const struct scram_stored *scram; /* NULL: derived from password */
};

struct sasl_server_options { /* texts and ctx are borrowed until the exchange is freed */
	/* False: no such user.  NULL: PLAIN, LOGIN and tokens are all judged by
	 * the caller and no other mechanism succeeds. */
	bool (*lookup)(void *ctx, const char *user, struct sasl_account *out);
	void *ctx;
	const char *host;             /* in CRAM-MD5's challenge */
	const char *login_prompts[2]; /* NULL: "Username:", "Password:" */
	/* From it come the salts of users without stored keys, known or not, so
	 * that the two cannot be told apart.  Keep it secret and unchanging. */
	struct str salt_key;
	unsigned iterations; /* SCRAM without stored keys; 0: SCRAM_ITERATIONS_MIN */
	const char *nonce;   /* NULL: random; given by tests */
};

enum sasl_server_step {
	SASL_SERVER_CHALLENGE, /* send the challenge (may be empty), give the response to the next step */
	SASL_SERVER_JUDGE,     /* look at _user() and _secret(), then call sasl_server_judged() */
	SASL_SERVER_DONE,      /* 235: _user() is logged in */
	SASL_SERVER_REFUSED,   /* 535: wrong secret, unknown user, or a name that user may not take */
	SASL_SERVER_MALFORMED, /* 501: the response is not in the mechanism's form */
};

struct sasl_server;

/* Never NULL for a mechanism but SASL_NONE. */
struct sasl_server *sasl_server_new(enum sasl_mechanism m, const struct sasl_server_options *o) MUST_USE;
void sasl_server_free(struct sasl_server **s); /* wipes */

/* response: the initial response or the answer to the last challenge, decoded;
 * NULL at first when AUTH came without one.  Appends to challenge only for
 * SASL_SERVER_CHALLENGE.  After DONE, REFUSED or MALFORMED the exchange is over. */
enum sasl_server_step sasl_server_step(struct sasl_server *s, const struct str *response,
				       struct buf *challenge) MUST_USE;

/* The caller's answer to SASL_SERVER_JUDGE.  error_json: for a refused token, shown
 * to the client before the refusal (RFC 7628, 3.2.2); NULL refuses at once. */
enum sasl_server_step sasl_server_judged(struct sasl_server *s, bool granted, const char *error_json,
					 struct buf *challenge) MUST_USE;

const char *sasl_server_user(const struct sasl_server *s);   /* "" while unknown; UTF-8, no controls */
const char *sasl_server_secret(const struct sasl_server *s); /* password or token, for JUDGE */
/* Why REFUSED or MALFORMED, for logs; static, no secrets; "" otherwise. */
const char *sasl_server_why(const struct sasl_server *s);

#endif
