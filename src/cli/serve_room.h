/* SPDX-License-Identifier: Apache-2.0 */
/* cli/serve_room.h - a start on a full disk: mail is refused for now until there is room, and then all goes
 * on. */
#ifndef CLI_SERVE_ROOM_H
#define CLI_SERVE_ROOM_H

#include "relay/relay.h"

/* Opens the relay; where its disk is full turns clients away and tries again, until it is open or
 * stopping(ctx).  False with *e: it cannot be opened; without: it was to stop. */
bool serve_open_relay(struct net_loop *l, struct relay *r, bool (*stopping)(void *ctx), void *ctx,
		      struct err *e) MUST_USE;

#endif
