/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/bearer_verdict.h - what an identity provider's word on an access token allows here.
 *
 * Pure.  Refuses what it is not sure of: a token for another server, one bound to a key,
 * one past its time, an address that nobody has verified. */
#ifndef RELAY_BEARER_VERDICT_H
#define RELAY_BEARER_VERDICT_H

#include "net/introspection.h"
#include "relay/settings.h"

enum bearer_result {
	BEARER_GOOD,
	BEARER_INVALID,  /* unknown, withdrawn, past its time, or bound to something */
	BEARER_SCOPE,    /* good, but not for this */
	BEARER_NAMELESS, /* good, but names nobody by the claim that was chosen */
	BEARER_UNTESTED, /* the provider could not be asked: no verdict at all */
	BEARER_RESULTS
};

enum { BEARER_REFUSED_KEEP_MS = 60000 /* a refusal is believed no longer, whatever the settings say */ };

struct bearer_verdict {
	enum bearer_result result;
	const char *user; /* of GOOD: as the claim has it; else "" */
	int64_t keep_ms;  /* so long it may be believed again, never past the token's end; 0: not at all */
};

/* user is of i. */
struct bearer_verdict bearer_judge(const struct relay_identity_provider *p, const struct introspection *i,
				   int64_t now_ms);

/* For the client, before 535: `invalid_token` ... (RFC 7628, 3.2.2; Google's form for XOAUTH2), and a NUL. */
void bearer_error_json(const struct relay_identity_provider *p, enum bearer_result r, bool xoauth2,
		       struct buf *out);
/* The sentence of the 535. */
const char *bearer_result_text(enum bearer_result r);

#endif
