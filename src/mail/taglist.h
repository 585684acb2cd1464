/* SPDX-License-Identifier: Apache-2.0 */
/* mail/taglist.h - "a=b; c=d": the tag lists of DKIM (RFC 6376, 3.2), DMARC and MTA-STS.
 *
 *   tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
 *   tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS] */
#ifndef MAIL_TAGLIST_H
#define MAIL_TAGLIST_H

#include "base/str.h"

enum { TAGLIST_TAGS_MAX = 40 }; /* further ones make the list bad */

struct tag {
	struct str name, value; /* borrowed; blanks around them taken away */
};

struct taglist {
	struct tag v[TAGLIST_TAGS_MAX];
	size_t n;
	const char *bad; /* static words about the first fault, NULL when sound */
};

/* Reads what it can, also behind a fault; false when bad is set. */
bool taglist_parse(struct str s, struct taglist *out) MUST_USE;

/* The value of the first tag of that name (letters' case ignored when icase). */
bool taglist_get(const struct taglist *l, const char *name, bool icase, struct str *value);

#endif
