/* SPDX-License-Identifier: Apache-2.0 */
/* relay/own_route.h - whether a failure is about the relay's own way out, not about the mail.
 *
 * Pure.  Where the next server is a route's smarthost, what it says of the login, of TLS or of who may
 * relay is said to the relay; who sent the mail has no part in it and no password there. */
#ifndef RELAY_OWN_ROUTE_H
#define RELAY_OWN_ROUTE_H

#include "base/arena.h"
#include "catalog/cause.h"
#include "store/look.h"

/* Of the why of an event with which a recipient changed its lane: by these it is known again. */
#define OWN_ROUTE_NEXT "it goes by the next route, "
#define OWN_ROUTE_CHANGED "the routes have changed"

struct own_route_case {
	struct str lane, host;  /* the lane it was tried in, "" unknown; who said it, "" unknown */
	enum store_state state; /* that the failure made of it */
	unsigned code;          /* of the reply; 0: no server spoke */
	bool sent;              /* all of it went out: it may be there, and nothing is to be let go */
};

/* The lane that a recipient was in at that event (NULL: at all of them): the one it has now; "" where it has
 * gone by another since, which no event keeps. */
struct str own_route_lane(const struct store_trail *t, uint32_t rcpt, const struct store_event *v);

/* Makes the cause one of the route, where it is. */
void own_route_settle(struct arena *a, const struct own_route_case *k, struct cause *c);

#endif
