/* SPDX-License-Identifier: Apache-2.0 */
/* What is said at the door, into conversation.log; secrets never. */
#include <stdio.h>

#include "relay/door/door_inner.h"

static void write_log(struct door *d, char dir, struct str line)
{
	struct relay *r = d->port->relay;
	char session[24];
	snprintf(session, sizeof(session), "c%llu", d->number);
	const struct relay_log_peer p = { session, smtp_server_client_name(d->smtp), link_peer(d->link),
					  link_peer_port(d->link) };
	relay_log_line(r->log, relay_now_ms(), &p, dir, line);
}

void door_log_event(struct door *d, enum smtp_server_event ev)
{
	char text[100];
	if (ev == SMTP_SERVER_COMMAND)
		write_log(d, '<', str_of(smtp_server_request_shown(d->smtp)));
	else if (ev == SMTP_SERVER_AUTH_RESPONSE)
		write_log(d, '<', STR_LIT("[hidden]"));
	else if (ev == SMTP_SERVER_TIMEOUT)
		write_log(d, '*', STR_LIT("nothing came for too long"));
	else if (ev == SMTP_SERVER_BODY_END) {
		snprintf(text, sizeof(text), "a message of %llu bytes", smtp_server_body_bytes(d->smtp));
		write_log(d, '*', str_of(text));
	}
}

/* What is new of our answers: whole lines, each once. */
void door_log_output(struct door *d)
{
	struct str out = smtp_server_output(d->smtp);
	struct str rest = str_cut(out, d->logged, out.len), line;
	while (str_next(&rest, "\r\n", &line))
		write_log(d, '>', line);
	d->logged = out.len;
}

void door_remark(struct door *d, const char *text)
{
	write_log(d, '*', str_of(text));
}
