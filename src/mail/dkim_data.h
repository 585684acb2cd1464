/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim_data.h - what a DKIM signature is made over: the same for who signs and who verifies (RFC
 * 6376, 3.7). */
#ifndef MAIL_DKIM_DATA_H
#define MAIL_DKIM_DATA_H

#include "mail/dkim_canon.h"
#include "mail/header.h"

enum { DKIM_HASH_BYTES = 32 }; /* SHA-256 */

struct dkim_body_hash {
	size_t limit;  /* in: bytes of the canonical body to hash (l=); SIZE_MAX all */
	size_t hashed; /* out: bytes hashed */
};

/* False: the crypto library failed. */
bool dkim_hash_body(struct str body, enum dkim_canon canon, struct dkim_body_hash *h,
		    unsigned char digest[DKIM_HASH_BYTES]) MUST_USE;

/* The same of a body that comes in pieces.  NULL: the crypto library failed. */
struct dkim_hasher;
struct dkim_hasher *dkim_hasher_new(enum dkim_canon canon, size_t limit) MUST_USE;
void dkim_hasher_feed(struct dkim_hasher *x, struct str piece);
bool dkim_hasher_end(struct dkim_hasher *x, size_t *hashed, unsigned char digest[DKIM_HASH_BYTES]) MUST_USE;
void dkim_hasher_free(struct dkim_hasher **x); /* NULL is fine */

/* The domain that a signature's value names (d=), in the arena; NULL: none. */
const char *dkim_domain_of(struct arena *a, struct str value);

/* The fields that names (h=) tell, from the bottom up, in canonical form, without `own`
 * (NULL: none); then own_empty, the signature's field with an empty b=, without its line end. */
struct str dkim_signed_data(struct arena *a, const struct header *h, const struct header_field *own,
			    const struct strlist *names, enum dkim_canon canon,
			    struct str own_empty) MUST_USE;

#endif
