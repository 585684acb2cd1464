/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim_sign.h - signs a message with a domain's private key (RFC 6376, 5; RFC 8301, RFC 8463).
 *
 * relaxed/relaxed, SHA-256; RSA of 1024 bits is refused, 2048 wanted.  From is
 * named once more than it occurs, so that nobody adds a second one. */
#ifndef MAIL_DKIM_SIGN_H
#define MAIL_DKIM_SIGN_H

#include "base/arena.h"
#include "base/err.h"
#include "mail/dkim_data.h"

enum { DKIM_SIGN_RSA_BITS_MIN = 2048 };

struct dkim_signer;

/* pem: PKCS#8 or traditional, RSA or Ed25519, without a passphrase.  NULL with *e
 * (ERR_USAGE: not such a key, too short, no fit names).  Names are copied. */
struct dkim_signer *dkim_signer_new(const char *domain, const char *selector, struct str pem,
				    struct err *e) MUST_USE;
void dkim_signer_free(struct dkim_signer **s); /* wipes the key; NULL is fine */

/* The whole field with its CRLF, to be put in front of the message, in the arena.  h: the message's header as
 * it will be sent; body: what its body hashes to (DKIM_RELAXED).  expire_s: 0 no x=.  False with *e. */
bool dkim_sign(const struct dkim_signer *s, struct arena *a, const struct header *h,
	       const unsigned char body[DKIM_HASH_BYTES], long long now_s, long long expire_s,
	       struct str *field, struct err *e) MUST_USE;

#endif
