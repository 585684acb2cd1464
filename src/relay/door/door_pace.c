/* SPDX-License-Identifier: Apache-2.0 */
/* How slow a client may be. */
#include "relay/door/door_inner.h"

static uint64_t now_of(const struct door *d)
{
	return net_loop_now_ms(d->port->relay->loop);
}

/* A message with a bare line end is refused anyway.  When its sender then falls silent, it may think
 * that its LF . LF was the end: it is told, long before it would lose patience. */
uint64_t door_doomed_ms(const struct door *d)
{
	const unsigned bare = SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR;
	bool doomed = d->mail && d->mail->intake && !smtp_server_waits(d->smtp) &&
		      smtp_server_body_odd(d->smtp) & bare;
	return doomed ? d->chunk_ms + DOOR_DOOMED_MS : UINT64_MAX;
}

void door_set_timer(struct door *d)
{
	uint64_t at = smtp_server_deadline_ms(d->smtp), doomed = door_doomed_ms(d);
	if (doomed < at)
		at = doomed;
	if (d->timer_ms <= at && d->timer_ms != UINT64_MAX)
		return; /* it looks again when it fires */
	if (at == UINT64_MAX)
		return;
	d->timer_ms = at;
	net_timer_set(d->timer, at);
}

/* So many minutes for a message, and then only while it really comes. */
bool door_is_too_slow(const struct door *d)
{
	uint64_t ms = now_of(d) - d->message_ms;
	return d->mail && d->mail->intake && ms > DOOR_MESSAGE_MS &&
	       smtp_server_body_bytes(d->smtp) / (ms / 1000) < DOOR_SLOWEST_BYTES;
}
