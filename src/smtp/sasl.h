/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/sasl.h - the client's side of login (RFC 4422): one mechanism, one exchange.
 *
 * Responses hold secrets: buffers are wiped, nothing is logged. */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include "base/buf.h"
#include "base/err.h"

enum sasl_mechanism {
	SASL_NONE,
	SASL_PLAIN,
	SASL_LOGIN,
	SASL_CRAM_MD5,
	SASL_SCRAM_SHA_256,
	SASL_XOAUTH2,
	SASL_OAUTHBEARER,
	SASL_MECHANISMS
};

struct sasl_credentials { /* borrowed until the exchange is freed */
	const char *user;
	const char *secret; /* password, or access token for XOAUTH2 and OAUTHBEARER */
	const char *host;   /* for OAUTHBEARER's gs2 attributes */
	unsigned port;
	const char *nonce; /* SCRAM: NULL draws a random one; given by tests */
};

struct sasl_client;

/* NULL with *e when the mechanism cannot be used with these credentials
 * (e.g. a NUL in the password; SASLprep refusing it). */
struct sasl_client *sasl_client_new(enum sasl_mechanism m, const struct sasl_credentials *c,
				    struct err *e) MUST_USE;
void sasl_client_free(struct sasl_client **s); /* wipes */

/* True when the mechanism speaks first (an initial response exists). */
bool sasl_client_has_initial(const struct sasl_client *s);

enum sasl_step { SASL_SEND, SASL_FAILED };

/* Answers a decoded challenge (empty for the initial response) by appending the
 * raw response to out (an empty one is legal).  SASL_FAILED with *e when the
 * server's message is wrong (bad nonce, bad signature): then cancel with "*". */
enum sasl_step sasl_client_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				   struct err *e) MUST_USE;

/* After 235: false with *e when a mutual mechanism was not finished (SCRAM
 * server signature never seen or wrong). */
bool sasl_client_accept(struct sasl_client *s, struct err *e) MUST_USE;

const char *sasl_mechanism_name(enum sasl_mechanism m); /* "SCRAM-SHA-256" */
enum sasl_mechanism sasl_mechanism_of(struct str name); /* case ignored; SASL_NONE unknown */
bool sasl_mechanism_is_oauth(enum sasl_mechanism m);
bool sasl_mechanism_is_plaintext(enum sasl_mechanism m); /* shows the secret to the server */

#endif
