/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim.h - verifies the DKIM signatures of a message (RFC 6376, 8301, 8463).
 *
 * A body changed on the way is told from a changed header: both are judged, also
 * when one has failed.  Pure; keys come from a dns_view. */
#ifndef MAIL_DKIM_H
#define MAIL_DKIM_H

#include "mail/dkim_key.h"

enum {
	DKIM_SIGNATURES_MAX = 10, /* judged; further ones are ignored */
	DKIM_HEADERS_MAX = 200,   /* names in h= */
};

enum dkim_result {
	DKIM_RESULT_PASS,
	DKIM_RESULT_BODY_HASH, /* the body is not the one that was signed */
	DKIM_RESULT_SIGNATURE, /* the body is; a signed header field, or the key, is another */
	DKIM_RESULT_KEY_MISSING,
	DKIM_RESULT_KEY_BAD, /* unreadable, revoked, of another kind, not for mail */
	DKIM_RESULT_KEY_SHORT,
	DKIM_RESULT_TEMPERROR,
	DKIM_RESULT_SYNTAX, /* the signature field itself */
	DKIM_RESULT_EXPIRED,
};

struct dkim_signature {
	enum dkim_result result;
	const char *why; /* words, "" for a pass */
	const char *domain, *selector, *identity, *algorithm;
	struct strlist headers;  /* h= */
	bool body_ok, header_ok; /* judged apart; header_ok needs a usable key */
	bool body_limited;       /* l= was given */
	long long expires_s;     /* x=; 0 none */
	struct dkim_key key;     /* key.domain is NULL until looked for */
};

struct dkim_report {
	struct dkim_signature v[DKIM_SIGNATURES_MAX]; /* in the order of the message */
	size_t n;
};

/* now_s: for x=; 0: not judged.  False: keys are missing, w names them. */
bool dkim_verify(struct arena *a, struct str message, long long now_s, const struct dns_view *view,
		 struct dns_wants *w, struct dkim_report *out) MUST_USE;

/* The one that speaks best for the message: a pass, preferably of `domain` or
 * one above or below it (NULL: any), else the first.  NULL when unsigned. */
const struct dkim_signature *dkim_best(const struct dkim_report *r, const char *domain);

/* pass body-hash signature key-missing key-bad key-short temperror syntax expired */
const char *dkim_result_name(enum dkim_result r);

#endif
