/* SPDX-License-Identifier: Apache-2.0 */
/* What is said at the door, into conversation.log; secrets never. */
#include <string.h>

#include "relay/door/door_inner.h"

enum { MESSAGE_SHOWN_BYTES = 64 };

static void write_log(struct door *d, char dir, struct str line)
{
	struct relay *r = d->port->relay;
	const struct relay_log_peer p = { d->name, smtp_server_client_name(d->smtp), link_peer(d->link),
					  link_peer_port(d->link) };
	relay_log_line(r->log, relay_now_ms(), &p, dir, line);
}

static struct str message_of(unsigned long long bytes, char text[MESSAGE_SHOWN_BYTES])
{
	char digits[STR_DECIMAL_BYTES];
	struct str n = str_decimal(bytes, digits);
	char *end = mempcpy(stpcpy(text, "a message of "), n.p, n.len);
	return (struct str){ text, (size_t)(stpcpy(end, " bytes") - text) };
}

void door_log_event(struct door *d, enum smtp_server_event ev)
{
	char text[MESSAGE_SHOWN_BYTES];
	if (ev == SMTP_SERVER_COMMAND)
		write_log(d, '<', str_of(smtp_server_request_shown(d->smtp)));
	else if (ev == SMTP_SERVER_AUTH_RESPONSE)
		write_log(d, '<', STR_LIT("[hidden]"));
	else if (ev == SMTP_SERVER_TIMEOUT)
		write_log(d, '*', STR_LIT("nothing came for too long"));
	else if (ev == SMTP_SERVER_BODY_END) {
		write_log(d, '*', message_of(smtp_server_body_bytes(d->smtp), text));
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
