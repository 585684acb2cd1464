/* SPDX-License-Identifier: Apache-2.0 */
/* check/find.h - asks who names the servers of an address: catalogue, DNS, set-up files.
 *
 * Records DNS, HTTP and PROVIDER facts; what is found stands in candidates, in
 * order of merit.  Nothing is connected to but resolvers and web servers. */
#ifndef CHECK_FIND_H
#define CHECK_FIND_H

#include "check/candidate.h"
#include "check/probe.h"

enum {
	FIND_FILE_MS = 5000, /* for the set-up files of a domain, all asked at once */
	FIND_MX_MAX = 3      /* MX hosts of a domain that are considered */
};

/* One search; its fields are find.c's. */
struct finder {
	struct probe *p;
	const char *address, *domain;
	struct candidates *out;
	size_t step; /* the next source to ask */
	bool no_dns; /* nobody answers: all that follows would only wait */
	/* asked together, read in order of merit */
	struct dns_question *mx, *submissions, *submission;
	const struct dns_answer *mx_answer;
};

/* address: of whoever wants to send, or the bare domain.  *out is emptied; its texts
 * will be in the evidence's arena. */
void find_begin(struct finder *f, struct probe *p, const char *address, const char *domain,
		struct candidates *out);

/* Asks the next source, which adds what it names: each comes after all before it in
 * merit.  False: there is none left, or no time. */
bool find_next(struct finder *f) MUST_USE;

/* Asks until one names a server, and no further than the usual names. */
void find_first(struct finder *f);

/* The set-up file of a domain, for an address in another that it serves; adds what it
 * names.  vouched: by what a host named there is the address's own. */
void find_in_files(struct probe *p, const char *address, const char *of_domain, enum candidate_source source,
		   const char *vouched, struct candidates *out);

/* The same from Microsoft's Autodiscover at a host of the address's own domain. */
void find_in_autodiscover(struct probe *p, const char *address, const char *host, struct candidates *out);

#endif
