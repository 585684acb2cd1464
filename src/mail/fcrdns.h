/* SPDX-License-Identifier: Apache-2.0 */
/* mail/fcrdns.h - does the name of an address lead back to it, and does it look like a mail server's. */
#ifndef MAIL_FCRDNS_H
#define MAIL_FCRDNS_H

#include "mail/dns_view.h"
#include "mail/ipaddr.h"

enum { FCRDNS_NAMES_MAX = 10 }; /* PTR names looked at */

enum fcrdns_result {
	FCRDNS_OK,
	FCRDNS_NONE,      /* no PTR record */
	FCRDNS_MISMATCH,  /* no name leads back */
	FCRDNS_GENERIC,   /* confirmed, but named like a dial-up or cloud pool */
	FCRDNS_TEMPERROR, /* not known */
};

struct fcrdns_report {
	enum fcrdns_result result;
	struct strlist names;
	const char *confirmed; /* the name whose address is ip; the helo's when it is among them; "" none */
	bool helo_matches;     /* helo was given and is a confirmed name */
};

/* helo: the name the host gives itself, or NULL.  False: answers are missing. */
bool fcrdns_check(struct arena *a, const struct ipaddr *ip, const char *helo, const struct dns_view *view,
		  struct dns_wants *w, struct fcrdns_report *out) MUST_USE;

/* Whether a name looks given by a provider to any address: it holds the address
 * itself, or a word like "dynamic" beside digits. */
bool fcrdns_looks_generic(const char *name, const struct ipaddr *ip);

const char *fcrdns_result_name(enum fcrdns_result r); /* ok none mismatch generic temperror */

#endif
