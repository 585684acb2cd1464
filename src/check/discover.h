/* SPDX-License-Identifier: Apache-2.0 */
/* check/discover.h - finds the server, port and mode that an address sends through.
 *
 * Candidates (check/find) are tried in order of merit, one connection at a time,
 * until one works.  The password goes only over TLS whose certificate is good for
 * the name, only to names that somebody vouches for, and only a few times. */
#ifndef CHECK_DISCOVER_H
#define CHECK_DISCOVER_H

#include "check/candidate.h"
#include "check/check.h"
#include "check/discovery.h"

enum {
	DISCOVER_TRIES_MAX = 20, /* connections of one search */
	DISCOVER_LOGINS_MAX = 4, /* logins of one search: more would lock the account */
	DISCOVER_SILENT_MAX = 2, /* ports of one host that may stay silent before the rest is passed over */
	DISCOVER_CONNECT_MS = 4000,
	DISCOVER_GREETING_MS = 10000,
	DISCOVER_CERTIFICATE_NAMES = 4, /* names of one certificate that are looked up */
	DISCOVER_TIMEOUT_S = 120        /* default for a whole search */
};

struct discover_request {
	struct check_request check; /* input and domain of an address or a domain, login, network */
	struct strlist accept;      /* hosts that a person vouches for */
	const char *isp;            /* a domain of the access provider; "": looked for */
	bool all;                   /* try them all, though one works */
	/* Asks a person whether the password may go to a host that nobody vouches for;
	 * NULL: it may not. */
	bool (*vouch)(void *ctx, const struct candidate *c);
	void *ctx;
};

/* Sets *out (caller owns; discovery_of() reads it).  False with *e only when OUR work
 * could not be done.  Ends within check.timeout_s. */
bool discover_run(struct net_loop *loop, const struct discover_request *r, const struct check_observer *o,
		  struct evidence **out, struct err *e) MUST_USE;

#endif
