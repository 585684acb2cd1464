/* SPDX-License-Identifier: Apache-2.0 */
/* relay/own_route.h - whether a failure is about the relay's own way out, not about the mail.
 *
 * Pure.  Where the next server is a route's smarthost, what it says of the login, of TLS or of who may
 * relay is said to the relay; who sent the mail has no part in it and no password there. */
#ifndef RELAY_OWN_ROUTE_H
#define RELAY_OWN_ROUTE_H

#include "base/arena.h"
#include "catalog/cause.h"
#include "store/message.h"

struct own_route_case {
	struct str lane, host;  /* the lane it waits in or had; who said it, "" unknown */
	enum store_state state; /* that the failure made of it */
	unsigned code;          /* of the reply; 0: no server spoke */
};

/* Makes the cause one of the route, where it is. */
void own_route_settle(struct arena *a, const struct own_route_case *k, struct cause *c);

#endif
