/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/sign.h - our own domains' DKIM signatures on what we take (RFC 6376). */
#ifndef RELAY_SIGN_H
#define RELAY_SIGN_H

#include "base/buf.h"
#include "mail/dkim_data.h"
#include "relay/settings.h"
#include "store/store.h"

enum { SIGN_KEYS_MAX = 500 };

struct signers;

/* Reads the keys.  NULL with *e (ERR_USAGE: the file and the mend). */
struct signers *signers_new(const struct relay_settings *s, struct err *e) MUST_USE;
void signers_free(struct signers **s); /* wipes; NULL is fine */

/* True when from (the address in the From field) is of a domain that is signed: its own, or a
 * domain above it. */
bool signers_have(const struct signers *s, const char *from);

/* True when there are keys of exactly this domain. */
bool signers_have_domain(const struct signers *s, const char *domain);

/* What is signed of a message, as it comes in pieces: its header is kept, its body hashed. */
struct sign_text {
	struct buf head; /* with the empty line, as far as it came */
	size_t line;     /* where in it the line begins that may be the empty one */
	bool has_head;
	bool failed; /* what came is not hashed: there was no memory */
	struct dkim_hasher *hasher;
	unsigned char body[DKIM_HASH_BYTES]; /* of sign_text_end */
};

void sign_text_feed(struct sign_text *t, struct str piece); /* t: all 0 in the beginning */
bool sign_text_end(struct sign_text *t, struct err *e) MUST_USE;
void sign_text_clear(struct sign_text *t);

/* Appends the signatures of all its keys over that header and body.  False with *e. */
bool signers_fields(const struct signers *s, const char *domain, struct str head,
		    const unsigned char body[DKIM_HASH_BYTES], long long now_s, struct buf *fields,
		    struct err *e) MUST_USE;

/* Puts the signatures of that domain in front of the body.  False with *e. */
bool signers_sign(const struct signers *s, const char *from, struct store_body *body, long long now_s,
		  struct err *e) MUST_USE;

#endif
