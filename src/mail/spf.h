/* SPDX-License-Identifier: Apache-2.0 */
/* mail/spf.h - may this address send for that domain (RFC 7208), and is a record in order.
 *
 * Pure: both functions read a dns_view.  False: answers are missing, w names
 * them; ask again with those known.  Every text of the report lives in the arena
 * and is printable, except the explanation's, which is ASCII as published.
 *
 * Counting follows RFC 7208, 4.6.4, with one choice: an MX host that exists but has
 * no address of the sender's family is not a void lookup (no receiver seen counts it). */
#ifndef MAIL_SPF_H
#define MAIL_SPF_H

#include "mail/dns_view.h"
#include "mail/ipaddr.h"

enum {
	SPF_LOOKUPS_MAX = 10,      /* terms that ask the DNS */
	SPF_VOIDS_MAX = 2,         /* questions without an answer */
	SPF_MX_MAX = 10,           /* hosts of one mx term; more are an error */
	SPF_PTR_MAX = 10,          /* names of one address; further ones are ignored */
	SPF_LINT_RECORDS_MAX = 60, /* records one lint reads */
	SPF_LINT_LOOKUPS_MAX = 60, /* terms one lint looks up; further ones are only counted */
	SPF_PROBLEMS_MAX = 24,     /* problems one lint names */
};

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_LINTED, /* of spf_lint: the record is usable */
};

struct spf_ask {
	struct ipaddr ip;      /* of the sending host; a mapped address counts as IPv4 */
	const char *helo;      /* what it said in EHLO */
	const char *mail_from; /* "" for the null sender; NULL: judge the HELO identity */
	const char *receiver;  /* our name, for %{r}; NULL: "unknown" */
	long long now_s;       /* for %{t} */
};

struct spf_problem {
	const char
		*problem; /* multiple syntax loop too-many-lookups missing void-lookups passall temperror */
	const char *term; /* "" when the record as a whole is meant */
	const char *at;   /* the domain whose record holds it */
	const char *why;  /* words */
};

struct spf_report {
	enum spf_result result;
	const char *domain;   /* judged */
	const char *identity; /* mailfrom | helo */
	const char *record;   /* of that domain, "" when none */
	const char *term;     /* that decided or failed; "" for the default result */
	const char *at;       /* whose record holds the term */
	const char *problem;  /* the gravest, "" none */
	const char *why;      /* its words */
	const char *explanation;
	unsigned lookups, void_lookups; /* up to the decision; in a lint: of the whole tree */
	struct spf_problem problems[SPF_PROBLEMS_MAX];
	size_t nproblems;
};

bool spf_check(struct arena *a, const struct spf_ask *ask, const struct dns_view *view, struct dns_wants *w,
	       struct spf_report *out) MUST_USE;

/* Reads the whole tree of records and looks for what would go wrong for some
 * sender: everything that ends in permerror, and a record that passes everybody. */
bool spf_lint(struct arena *a, const char *domain, const struct dns_view *view, struct dns_wants *w,
	      struct spf_report *out) MUST_USE;

const char *spf_result_name(enum spf_result r); /* none neutral pass fail softfail temperror permerror "" */

#endif
