/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/cause.h - one finding as people and programs are told it, its places filled.
 *
 * A check, an explained reply, a bounce and a trail know different values; made
 * into a cause they read the same: catalog/cause_{paper,html,markdown,json}. */
#ifndef CATALOG_CAUSE_H
#define CATALOG_CAUSE_H

#include "base/arena.h"
#include "catalog/finding.h"

enum { CAUSE_INSTEAD_MAX = 8 };

struct cause_other { /* what else it could be */
	const struct finding_entry *entry;
	const char *title;
	double confidence;
};

struct cause {
	const struct finding_entry *entry;
	double confidence;
	const char *title, *why, *tell;
	enum finding_actor actor;        /* who acts first, as things stand */
	const struct finding_fix *fixes; /* in the catalogue's order; command "" none */
	size_t nfixes;
	bool of_route; /* cause_of_route() */
	struct cause_other instead[CAUSE_INSTEAD_MAX];
	size_t ninstead;
};

/* Sentences with their places filled from source; arena-owned. */
struct cause_fill {
	const char *(*sentence)(const void *source, struct arena *a, const char *text);
	const char *(*command)(const void *source, struct arena *a, const char *text);
	const void *source;
};

struct cause cause_of(struct arena *a, const struct finding_entry *e, double confidence,
		      const struct cause_fill *fill);
void cause_instead(struct cause *c, const struct finding_entry *e, const char *title,
		   double confidence); /* past CAUSE_INSTEAD_MAX: left out */

/* What a finding becomes where it lasted until the mail expired: what says that it passes by itself did not
 * hold. */
const struct finding_entry *cause_outlasted(const struct finding_entry *e);
/* The reply says too little to be sure: that is told before the reason, too. */
void cause_guessed(struct arena *a, struct cause *c);
/* A relay's own way out by a smarthost, in its configuration. */
struct cause_route {
	const char *name, *lane; /* the lane: what its queue is told to try again */
	const char *host;        /* who said it; "" unknown */
};

/* It is about the relay, not about the mail or who sent it: who runs the relay mends it.  Before those
 * below. */
void cause_of_route(struct arena *a, struct cause *c, const struct cause_route *r);
/* Nothing waits for it any more: what says that the queue goes on by itself becomes what the sender can do.
 */
void cause_given_up(struct arena *a, struct cause *c);
/* Nothing ever waited for it: who wanted to hand it over still has it. */
void cause_not_taken(struct arena *a, struct cause *c);
/* A queue tries it again: who sent it need not, where waiting is all there is to do. */
void cause_under_way(struct arena *a, struct cause *c);
/* It may have arrived. */
void cause_in_doubt(struct arena *a, struct cause *c);
void cause_ended_in_doubt(struct arena *a, struct cause *c); /* ... and nothing waits for it any more */

/* The i'th thing to do in the order people are shown (words_fix); NULL past the end. */
const struct finding_fix *cause_fix(const struct cause *c, size_t i);
/* "Very likely (80 %)". */
const char *cause_sure(struct arena *a, double confidence);
/* "The provider wants an app password (12 %)". */
const char *cause_other_line(struct arena *a, const struct cause_other *o);

#endif
