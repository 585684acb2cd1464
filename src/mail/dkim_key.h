/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim_key.h - the public key at selector._domainkey.domain (RFC 6376, 3.6.1; RFC 8463; RFC 8301). */
#ifndef MAIL_DKIM_KEY_H
#define MAIL_DKIM_KEY_H

#include "mail/dns_view.h"

enum {
	DKIM_RSA_BITS_MIN = 1024,  /* shorter keys are ignored (RFC 8301, 3.2) */
	DKIM_RSA_BITS_GOOD = 2048, /* what signers SHOULD use */
	DKIM_RSA_BITS_MAX = 16384, /* longer ones are not tried: they cost too much */
};

enum dkim_key_result {
	DKIM_KEY_OK,
	DKIM_KEY_MISSING,
	DKIM_KEY_BAD,
	DKIM_KEY_REVOKED, /* p= is empty */
	DKIM_KEY_SHORT,   /* below 2048 bits; below 1024 it does not count at all */
	DKIM_KEY_TESTING, /* sound, with t=y */
	DKIM_KEY_TEMPERROR,
};

enum dkim_algorithm { DKIM_RSA, DKIM_ED25519 };

struct dkim_key {
	enum dkim_key_result result;
	const char *domain, *selector, *record;
	const char *key; /* rsa | ed25519, as in k=; "" unknown */
	unsigned bits;
	const char *problem; /* words, "" none */
	bool usable;         /* a verifier may use it: sound, not revoked, long enough */
	enum dkim_algorithm algorithm;
	struct str der; /* usable: a SubjectPublicKeyInfo (RSA), or the 32 bytes of Ed25519 */
	bool strict;    /* t=s: i= must be the domain itself */
	bool no_sha256; /* h= without sha256 */
};

/* Reads the record found in the view.  False: not known yet. */
bool dkim_key_find(struct arena *a, const char *domain, const char *selector, const struct dns_view *view,
		   struct dns_wants *w, struct dkim_key *out) MUST_USE;

/* Judges one record; domain and selector stay "". */
void dkim_key_parse(struct arena *a, const char *txt, struct dkim_key *k);

const char *dkim_key_result_name(enum dkim_key_result r); /* ok missing bad revoked short testing temperror */

#endif
