/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/ride.h - may mail of another domain go over a connection that stands already?  Pure.
 *
 * It may where a new connection could not be better: by the same route (its login, its TLS, its limits are
 * the route's), to the same address of a host which the next domain ranks with its best, encrypted when that
 * domain wants it.  What must be proven is proven anew, for that domain (RIDE_PROVE).  In doubt: a new one.
 */
#ifndef RELAY_RIDE_H
#define RELAY_RIDE_H

#include "relay/delivery/mx_find.h"

enum ride {
	RIDE,             /* as it is */
	RIDE_PROVE,       /* when its certificate satisfies this domain, too */
	RIDE_OTHER_ROUTE, /* from here on: a new connection */
	RIDE_NO_PLAN,     /* the domain's hosts are not known, or it has none */
	RIDE_OTHER_HOST,
	RIDE_BACKUP,    /* one of its hosts, and a better one is to be tried first */
	RIDE_IN_CLEAR,  /* nobody can tell whether TLS would fail this time, or it must not */
	RIDE_OTHER_NAME /* of TLS: it was asked for the certificate of another */
};

/* The connection, as it was made and what it came to. */
struct ride_line {
	const struct relay_route *route;
	const char *host, *address;
	const char *base;    /* whose certificate it asked for, as in struct mx_target */
	bool encrypted;      /* by a handshake that ended well */
	bool clear_by_fault; /* TLS was offered and failed; policy let it go on without */
};

/* What a route and the recipients' domain want of TLS together, whichever is more. */
enum tls_need ride_need(const struct relay_route *r, enum tls_need asked);

/* next: the route of the other domain, p: its hosts.  *target (with RIDE and RIDE_PROVE): which of these it
 * is. */
enum ride ride_ask(const struct ride_line *l, const struct relay_route *next, const struct mx_plan *p,
		   size_t *target);

/* Puts this target first, then its host's other addresses, then the rest in their order: what would be tried
 * next, had it been tried first. */
void ride_lead(struct mx_plan *p, size_t target);

#endif
