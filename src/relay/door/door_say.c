/* SPDX-License-Identifier: Apache-2.0 */
/* Answers, now or later. */
#include "relay/door/door_inner.h"

const char door_draining[] = "The relay is shutting down: try again shortly";

void door_say(struct door *d, unsigned code, const char *enhanced, const char *text)
{
	unsigned most = door_is_stranger(d) ? DOOR_MISTAKES_MAX : DOOR_FRIENDS_MISTAKES_MAX;
	smtp_server_reply(d->smtp, code, enhanced, text);
	if (code < 400)
		return;
	if (++d->mistakes >= most)
		smtp_server_close(d->smtp, 421, "4.7.0", "Too many errors: goodbye");
}

void door_answer(struct door *d, const struct smtp_answer *x)
{
	door_say(d, x->code, x->enhanced, x->text);
}

void door_refuse(struct door *d, const struct smtp_answer *x)
{
	d->port->relay->counts.refused++;
	door_answer(d, x);
}

void door_go_on(struct door *d)
{
	d->go_on(d);
}
