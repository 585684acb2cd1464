/* SPDX-License-Identifier: Apache-2.0 */
/* What is said at the door, into conversation.log; secrets never. */
#include <string.h>

#include "relay/door/door_inner.h"

enum { MESSAGE_SHOWN_BYTES = 64 };

static bool is_refused_login(char dir, struct str line)
{
	return dir == '>' && str_istarts(line, "535");
}

/* Who tries passwords is seen, however much he has said before, and why he was let go. */
static bool is_evidence(const struct door *d, char dir, struct str line)
{
	if (dir == '<')
		return smtp_server_request(d->smtp)->verb == SMTP_VERB_AUTH;
	return dir == '*' || is_refused_login(dir, line) || str_istarts(line, "454") ||
	       str_istarts(line, "421");
}

/* What all strangers say together has its bound, too, which nobody may use up to guess unseen: a refused
 * login is always logged.  Those have bounds of their own, of a connection (DOOR_LOGINS_MAX) and of an
 * address (GUEST_FAILURES_MAX). */
static size_t write_bounded(struct door *d, const struct relay_log_peer *p, char dir, struct str line)
{
	struct relay_log *log = d->port->relay->log;
	return is_refused_login(dir, line) ? relay_log_line(log, relay_now_ms(), p, dir, line)
					   : relay_log_stranger(log, relay_now_ms(), p, dir, line);
}

/* Who may not relay is logged as far as it helps to see what he wants; remarks are ours, and few. */
static void write_stranger(struct door *d, const struct relay_log_peer *p, char dir, struct str line)
{
	if (d->log_messages != d->messages)
		d->log_octets = 0;
	d->log_messages = d->messages;
	if (d->log_octets >= DOOR_LOG_MAX && !is_evidence(d, dir, line))
		return;
	size_t n = write_bounded(d, p, dir, line);
	bool last = d->log_octets < DOOR_LOG_MAX && d->log_octets + n >= DOOR_LOG_MAX;
	d->log_octets += n;
	if (last)
		write_bounded(d, p, '*',
			      STR_LIT("the rest of this conversation is not logged, but for logins, until a "
				      "mail is taken"));
}

static void write_log(struct door *d, char dir, struct str line)
{
	const struct relay_log_peer p = { d->name, smtp_server_client_name(d->smtp), link_peer(d->link),
					  link_peer_port(d->link) };
	if (door_is_stranger(d))
		write_stranger(d, &p, dir, line);
	else
		relay_log_line(d->port->relay->log, relay_now_ms(), &p, dir, line);
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
