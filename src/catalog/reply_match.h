/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_match.h - what an SMTP reply means: patterns of catalog/replies/, compiled in.
 *
 * Serves the check, explain and the relay.  A pattern sees provider, step,
 * code, enhanced code and text together. */
#ifndef CATALOG_REPLY_MATCH_H
#define CATALOG_REPLY_MATCH_H

#include "catalog/finding.h"

struct reply_context {
	const char *provider; /* "" unknown; a name of catalog/providers */
	const char *step;     /* contract's step name; "" unknown */
	unsigned code;        /* 0: none was seen */
	const char *enhanced; /* "5.7.139" or "" */
	const char *text;     /* all lines joined by one blank, enhanced code may lead */
	bool tls;             /* the session was encrypted */
	bool logged_in;       /* AUTH had succeeded */
	bool pasted;          /* nobody was there: tls and logged_in are not known */
};

struct reply_meaning {
	const struct finding_entry *entry; /* NULL never */
	double confidence;
	const char *pattern; /* which, for tests: file:line */
};

enum { REPLY_MEANINGS_MAX = 6 };

/* Fills out[] best first, distinct entries; returns how many (0: nothing known).
 * No allocation, no lock; static results. */
size_t reply_meanings(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX]);

/* What the matcher took the text to say of itself; what the context gave stands. */
struct reply_seen {
	unsigned code;        /* 0 none */
	char enhanced[16];    /* "" none */
	const char *step;     /* contract's name, "" unknown; static */
	const char *provider; /* "" unknown; static or the context's */
};

/* The same, and what was seen on the way. */
size_t reply_meanings_seen(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX],
			   struct reply_seen *seen);

/* The step a text names ("in reply to RCPT TO"): contract's name, "" none.  For
 * what stands around a reply. */
const char *reply_step_told(const char *text);
/* The provider whose own words occur in it; "" none. */
const char *reply_provider_told(const char *text);

#endif
