/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_look.h - what a pasted reply says of itself: code, status, step, sender's software.
 *
 * A caller who was in the session knows these; a log line or a bounce tells
 * them only in its words.  Nothing the caller knows is overruled. */
#ifndef CATALOG_REPLY_LOOK_H
#define CATALOG_REPLY_LOOK_H

#include "base/str.h"
#include "catalog/reply_grams.h"
#include "catalog/reply_match.h"

struct reply_look {
	unsigned code;        /* 0 unknown */
	unsigned enh[3];      /* enh[0] == 0: none */
	unsigned steps;       /* bit set of enum step; 0 unknown */
	enum step step;       /* the one that was named; STEP_COUNT unknown */
	const char *provider; /* "" unknown; after reply_look_provider() */
	bool provider_looked;
	bool in_session; /* tls and logged_in were known, not defaults */
};

/* In all of these, folded: a text by reply_fold(); grams: of folded, NULL when they were not counted. */

/* Completes look->provider, once; apart because few rules ask for it. */
void reply_look_provider(struct reply_look *look, struct str folded, const struct reply_grams *grams);

/* Where a second reply with another code begins in the folded text; its length when there is none.  An
 * acceptance is no first one: what follows it is why somebody asks. */
size_t reply_first_end(struct str folded);

void reply_look(const struct reply_context *c, struct str folded, const struct reply_grams *grams,
		struct reply_look *look);

#endif
