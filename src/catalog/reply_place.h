/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_place.h - what a reply cannot mean where it was said, and what it means there instead.
 *
 * Pure.  The rules read words; who was in the session knows more: that MAIL names a sender and no recipient,
 * that nobody has typed the name of a recipient's mail server, that the login had succeeded.  What is said of
 * a place where it cannot be true becomes the finding that claims less. */
#ifndef CATALOG_REPLY_PLACE_H
#define CATALOG_REPLY_PLACE_H

#include "base/str.h"
#include "catalog/reply_match.h"

struct reply_place {
	const char *step; /* contract's name */
	unsigned code;    /* 0: no server said it */
	const char *text; /* the reply */
	bool mx;        /* a recipient's mail server, found by its domain; else one that somebody has typed */
	bool logged_in; /* AUTH had succeeded */
	bool by_token;  /* ... or would, by an access token */
};

/* The first of m[0..n-1] that can be true there, or what stands for it; its entry NULL: none. */
struct reply_meaning reply_place_choose(const struct reply_place *p, const struct reply_meaning *m, size_t n);

/* What a finding of a reply to the whole message is for that recipient: at the dot all are refused, also
 * those of whom the reply says nothing, as it names another's address. */
const char *reply_place_for(const char *finding, struct str text, struct str recipient, bool mx);

#endif
