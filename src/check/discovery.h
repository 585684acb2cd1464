/* SPDX-License-Identifier: Apache-2.0 */
/* check/discovery.h - what a search for an address's server came to; a pure reading of its evidence.
 *
 * A saved search loads again and reads the same. */
#ifndef CHECK_DISCOVERY_H
#define CHECK_DISCOVERY_H

#include "check/candidate.h"
#include "check/evidence.h"

/* In order of merit; the first four are ways to send. */
enum outcome {
	OUTCOME_WORKS,         /* the certificate is good, the login was accepted */
	OUTCOME_READY,         /* the same, with no password given to try */
	OUTCOME_UNCONFIRMED,   /* the same; a password was kept back: nobody vouches for the name */
	OUTCOME_RELAYS,        /* takes mail from this network without a login */
	OUTCOME_LOGIN_REFUSED, /* the right kind of server said no */
	OUTCOME_LOGIN_PUT_OFF, /* ... or not now */
	OUTCOME_OTHER_LOGIN,   /* it offers no way of login that we were given the means for */
	OUTCOME_NO_LOGIN,      /* it only receives */
	OUTCOME_NOT_PROVEN,    /* its certificate is not good for the name */
	OUTCOME_NO_TLS,
	OUTCOME_TLS_FAILED,
	OUTCOME_NO_SERVICE, /* it answers, but not as a mail server */
	OUTCOME_CLOSED,
	OUTCOME_NO_ANSWER,
	OUTCOME_NO_ADDRESS,
	OUTCOME_NOT_TRIED,
	OUTCOMES
};

struct tried {
	const struct fact_candidate *candidate;
	const struct fact_attempt *attempt; /* never NULL */
	enum outcome outcome;
	enum candidate_source source;
};

struct discovery {
	const struct evidence *ev;
	struct arena *arena;
	const char *address; /* as asked */
	struct tried *v;     /* in order of merit as they were known before trying */
	size_t n;
	const struct tried *best; /* NULL: there was no candidate at all */
	bool found;               /* best is a way to send */
	const char *summary;      /* one sentence a clerk understands */
	struct strlist notes;     /* what to know about the best; each a sentence or two */
	const char *config;       /* the block for postrider.conf; "" none */
};

/* ev is borrowed and must outlive *out. */
struct discovery *discovery_of(const struct evidence *ev) MUST_USE;
void discovery_free(struct discovery **d);

const char *outcome_name(enum outcome o); /* fact_kinds.def's words */
bool outcome_is_way(enum outcome o);
/* A word for people: "works", "login refused". */
const char *outcome_word(enum outcome o);

#endif
