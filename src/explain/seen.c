/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/seen.h"

#include <string.h>

#include "catalog/reply_pattern.h"
#include "explain/token.h"

enum { PORT_MAX = 65535, TLS_PORT = 465, BRACKET_GAP = 3 };

enum kind { HOST, RECIPIENT, SENDER, USER, PORT, CLIENT, STATUS };

/* What follows a phrase.  The first find of a kind stands, in the order of the text. */
static const struct tell {
	const char *phrase;
	enum kind kind;
} tells[] = {
	{ "connect to ", HOST },
	{ "connecting to ", HOST },
	{ "connected to ", HOST },
	{ "connection to ", HOST },
	{ "connect() to ", HOST },
	{ "connect econnrefused ", HOST },
	{ "connect etimedout ", HOST },
	{ "certificate for ", HOST },
	{ "dial tcp: lookup ", HOST },
	{ "dial tcp ", HOST },
	{ "does not match ", HOST },
	{ "dsn=", STATUS },
	{ "email\":\"", RECIPIENT },
	{ "emailaddress\":\"", RECIPIENT },
	{ "enotfound ", HOST },
	{ "eai_again ", HOST },
	{ "from=", SENDER },
	{ "from: ", SENDER },
	{ "from ", SENDER },
	{ "getaddrinfo for ", HOST },
	{ "host: ", HOST },
	{ "host=", HOST },
	{ "host: '", HOST },
	{ "host ", HOST },
	{ "hostname=", HOST },
	{ "hostname: ", HOST },
	{ "lookup ", HOST },
	{ "mail from:", SENDER },
	{ "mail from: ", SENDER },
	{ "opening to ", HOST },
	{ "port=", PORT },
	{ "port ", PORT },
	{ "port: ", PORT },
	{ "port: '", PORT },
	{ "rcpt to:", RECIPIENT },
	{ "rcpt to: ", RECIPIENT },
	{ "recipient\":\"", RECIPIENT },
	{ "recipient ", RECIPIENT },
	{ "recipient: ", RECIPIENT },
	{ "recipient address ", RECIPIENT },
	{ "recipients failed: ", RECIPIENT },
	{ "relay=", HOST },
	{ "relay for ", RECIPIENT },
	{ "rejected: [ '", RECIPIENT },
	{ "resolve host: ", HOST },
	{ "resolve host ", HOST },
	{ "sender ", SENDER },
	{ "sender: ", SENDER },
	{ "sender=", SENDER },
	{ "server ", HOST },
	{ "server: ", HOST },
	{ "smtp://", HOST },
	{ "smtps://", HOST },
	{ "ssl://", HOST },
	{ "tcp://", HOST },
	{ "tls://", HOST },
	{ "talking to ", HOST },
	{ "talk to me: ", HOST },
	{ "to=", RECIPIENT },
	{ "trying ", HOST },
	{ "user=", USER },
	{ "user: ", USER },
	{ "--user ", USER },
	{ "username ", USER },
	{ "username: ", USER },
	{ "username=", USER },
	{ "with host ", HOST },
	{ "your ip address ", CLIENT },
	{ "your ip ", CLIENT },
	{ "ip address ", CLIENT },
	{ "client host ", CLIENT },
	{ "client ", CLIENT },
	{ "sending ip ", CLIENT },
	{ "ip ", CLIENT },
	{ "[ip: ", CLIENT },
};

static bool is_mark(char c)
{
	return c && strchr("\"'<[( \\", c) != NULL;
}

static struct str unmarked(struct str s)
{
	while (s.len && is_mark(s.p[0]))
		s = token_rest(s, 1);
	static const char *const schemes[] = { "ssl://", "tls://", "tcp://", "smtp://", "smtps://" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_istarts(s, schemes[i]))
			return token_rest(s, strlen(schemes[i]));
	return s;
}

static unsigned port_at(struct str s)
{
	size_t n = 0;
	unsigned long port;
	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9' && n < 6)
		n++;
	return n >= 2 && str_number(str_cut(s, 0, n), PORT_MAX, &port) ? (unsigned)port : 0;
}

/* "mx1.example.com[192.0.2.1]:25", "mx1.example.com (192.0.2.1)", "smtp.example.com:587". */
static void take_host(struct arena *a, struct str s, struct seen *out)
{
	s = unmarked(s);
	const char *at = s.len ? memchr(s.p, '@', s.len < 80 ? s.len : 80) : NULL; /* user:pass@host */
	size_t first = token_host(s), ip = first ? 0 : token_ip(s);
	if (at && !memchr(s.p, ' ', (size_t)(at - s.p)) && !memchr(s.p, '\n', (size_t)(at - s.p))) {
		struct str after = token_rest(s, (size_t)(at - s.p) + 1);
		if (first + ip == (size_t)(at - s.p))
			return; /* an address, not a host */
		s = after;
		first = token_host(s);
		ip = first ? 0 : token_ip(s);
	}
	if (!first && !ip)
		return;
	if (!*out->host || (first && token_ip(str_of(out->host))))
		out->host = arena_dup(a, s.p, first + ip);
	s = token_rest(s, first + ip);
	for (size_t gap = 0; gap < BRACKET_GAP && gap < s.len; gap++) {
		size_t n = is_mark(s.p[gap]) ? token_ip(token_rest(s, gap + 1)) : 0;
		if (!n)
			continue;
		if (!*out->address)
			out->address = arena_dup(a, s.p + gap + 1, n);
		s = token_rest(s, gap + 1 + n);
		break;
	}
	while (s.len && strchr("])", s.p[0]))
		s = token_rest(s, 1);
	if (s.len && s.p[0] == ':' && !out->port)
		out->port = port_at(token_rest(s, 1));
	if (ip && !*out->address)
		out->address = out->host;
}

static void take_address(struct arena *a, struct str s, const char **out)
{
	s = unmarked(s);
	size_t n = token_address(s);
	if (n && !**out)
		*out = arena_dup(a, s.p, n);
}

static void take_user(struct arena *a, struct str s, struct seen *out)
{
	s = unmarked(s);
	size_t n = token_address(s);
	if (n && !*out->user)
		out->user = arena_dup(a, s.p, n);
}

static void take(struct arena *a, enum kind kind, struct str s, struct seen *out)
{
	switch (kind) {
	case HOST:
		take_host(a, s, out);
		return;
	case RECIPIENT:
		take_address(a, s, &out->recipient);
		return;
	case SENDER:
		take_address(a, s, &out->sender);
		return;
	case USER:
		take_user(a, s, out);
		return;
	case PORT:
		if (!out->port)
			out->port = port_at(s);
		return;
	case STATUS: {
		size_t n = reply_status_at(s.p, s.len);
		if (n && !*out->enhanced)
			out->enhanced = arena_dup(a, s.p, n);
		return;
	}
	case CLIENT: {
		struct str t = unmarked(s);
		size_t n = token_ip(t);
		if (n && !*out->client)
			out->client = arena_dup(a, t.p, n);
		return;
	}
	}
}

/* Whom the words after an address accuse: "<a@b>: Sender address rejected". */
static void take_by_words(struct arena *a, struct str s, size_t n, struct seen *out)
{
	struct str after = token_rest(s, n);
	if (str_istarts(after, ">:\n") ||
	    str_istarts(after, ">: \n")) /* qmail, Postfix: a report's paragraph */
		take_address(a, s, &out->recipient);
	while (after.len && strchr(">:.]\"' ", after.p[0]))
		after = token_rest(after, 1);
	static const char *const senders[] = { "sender", "from address", "is not allowed to send",
					       "not owned" };
	for (size_t i = 0; i < ARRAY_LEN(senders); i++) {
		if (token_begins(after, senders[i])) {
			take_address(a, s, &out->sender);
			return;
		}
	}
	static const char *const recipients[] = { "recipient", "user unknown",    "unknown user",
						  "no such",   "does not exist",  "mailbox",
						  "relay",     "address unknown", "host ",
						  "user ",     "account",         "over quota",
						  "is over" };
	for (size_t i = 0; i < ARRAY_LEN(recipients); i++)
		if (token_begins(after, recipients[i]))
			take_address(a, s, &out->recipient);
}

/* "220 mail.example.com ESMTP": the server's own name. */
static void take_greeting(struct arena *a, struct str s, struct seen *out)
{
	if (!str_istarts(s, "220 ") && !str_istarts(s, "220-"))
		return;
	struct str name = token_rest(s, 4);
	size_t n = token_host(name);
	if (n && !*out->host)
		out->host = arena_dup(a, name.p, n);
}

/* A header's To, where nothing else says whom it is about: of a report that was forwarded it names the
 * sender. */
static void take_written_to(struct arena *a, struct str text, struct seen *out)
{
	static const char field[] = "to: ";
	for (size_t at = 0; at < text.len && !*out->recipient; at++)
		if (token_starts(text, at) && token_begins(token_rest(text, at), field))
			take_address(a, token_rest(text, at + strlen(field)), &out->recipient);
}

void seen_read(struct arena *a, struct str text, struct seen *out)
{
	*out = (struct seen){ .host = "",
			      .address = "",
			      .client = "",
			      .enhanced = "",
			      .recipient = "",
			      .sender = "",
			      .user = "",
			      .step = "" };
	for (size_t at = 0; at < text.len; at++) {
		if (!token_starts(text, at) && text.p[at] != '-' && text.p[at] != '[')
			continue;
		struct str s = token_rest(text, at);
		for (size_t i = 0; i < ARRAY_LEN(tells); i++)
			if (token_begins(s, tells[i].phrase))
				take(a, tells[i].kind, token_rest(s, strlen(tells[i].phrase)), out);
		if (s.p[0] == '2')
			take_greeting(a, s, out);
		size_t n = at && strchr("<\"' ", text.p[at - 1]) ? token_address(s) : 0;
		if (n)
			take_by_words(a, s, n, out);
	}
	take_written_to(a, text, out);
	out->tls = out->port == TLS_PORT || str_ifind(text, "ssl://") < text.len ||
		   str_ifind(text, "smtps://") < text.len;
}
