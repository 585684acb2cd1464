/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve_room.h"

#include <stdio.h>

#include "cli/service.h"

enum { ROOM_LOOK_MS = 3000 };

static void tell_waiting(const struct err *e)
{
	char text[600];
	fprintf(stderr,
		"postrider: %s\npostrider: it waits for %d MB of room, answers every client 421 until then, "
		"and goes on by itself\n",
		err_text(e, text, sizeof(text)), RELAY_ROOM_MIB);
	service_tell("READY=1\nSTATUS=Refusing mail for now: no room on the disk of data");
}

bool serve_open_relay(struct net_loop *l, struct relay *r, bool (*stopping)(void *ctx), void *ctx,
		      struct err *e)
{
	for (bool told = false; !relay_open(r, e); told = true) {
		if (!relay_wants_room(e))
			return false;
		if (!told)
			tell_waiting(e);
		relay_turn_away(r);
		err_clear(e);
		do /* opening may take long, and the watchdog runs: not without hope */
			if (net_loop_wait(l, stopping, ctx, net_loop_now_ms(l) + ROOM_LOOK_MS))
				return false;
		while (!relay_has_room(r));
	}
	return true;
}
