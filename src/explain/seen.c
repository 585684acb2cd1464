/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/seen.h"

#include <string.h>

#include "catalog/reply_pattern.h"
#include "explain/token.h"

enum { PORT_MAX = 65535, TLS_PORT = 465, BRACKET_GAP = 3 };

enum kind { HOST, RECIPIENT, SENDER, AUTHOR, USER, PORT, CLIENT, STATUS };

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
	{ "not allowed to send as ", AUTHOR },
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
	{ "sendasdenied; ", USER },
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

/* The first n bytes; what was seen before stays. */
static void keep_first(struct arena *a, struct str s, size_t n, const char **out)
{
	if (n && !**out)
		*out = arena_dup(a, s.p, n);
}

/* "user:pass@host": *s becomes what stands behind the @.  False: it is an address, not a host. */
static bool past_login(struct str *s)
{
	enum { LOGIN_MAX = 80 };
	const char *at = s->len ? memchr(s->p, '@', s->len < LOGIN_MAX ? s->len : LOGIN_MAX) : NULL;
	size_t n = at ? (size_t)(at - s->p) : 0;
	if (!at || memchr(s->p, ' ', n) || memchr(s->p, '\n', n))
		return true;
	size_t host = token_host(*s);
	if ((host ? host : token_ip(*s)) == n)
		return false;
	*s = token_rest(*s, n + 1);
	return true;
}

/* "[192.0.2.1]:25", " (192.0.2.1)": what stands soon behind a host; takes its address, and returns what
 * follows. */
static struct str past_address(struct arena *a, struct str s, struct seen *out)
{
	for (size_t gap = 0; gap < BRACKET_GAP && gap < s.len; gap++) {
		struct str inside = token_rest(s, gap + 1);
		size_t n = is_mark(s.p[gap]) ? token_ip(inside) : 0;
		if (!n)
			continue;
		keep_first(a, inside, n, &out->address);
		s = token_rest(inside, n);
		break;
	}
	while (s.len && strchr("])", s.p[0]))
		s = token_rest(s, 1);
	return s;
}

/* "mx1.example.com[192.0.2.1]:25", "mx1.example.com (192.0.2.1)", "smtp.example.com:587". */
static void take_host(struct arena *a, struct str s, struct seen *out)
{
	s = unmarked(s);
	if (!past_login(&s))
		return;
	size_t name = token_host(s), ip = name ? 0 : token_ip(s);
	if (!name && !ip)
		return;
	if (!*out->host || (name && token_ip(str_of(out->host))))
		out->host = arena_dup(a, s.p, name + ip);
	s = past_address(a, token_rest(s, name + ip), out);
	if (s.len && s.p[0] == ':' && !out->port)
		out->port = port_at(token_rest(s, 1));
	if (ip && !*out->address)
		out->address = out->host;
}

static void take_address(struct arena *a, struct str s, const char **out)
{
	s = unmarked(s);
	keep_first(a, s, token_address(s), out);
}

static void take_client(struct arena *a, struct str s, const char **out)
{
	s = unmarked(s);
	keep_first(a, s, token_ip(s), out);
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
	case AUTHOR:
		take_address(a, s, &out->author);
		return;
	case USER:
		take_address(a, s, &out->user);
		return;
	case PORT:
		if (!out->port)
			out->port = port_at(s);
		return;
	case STATUS:
		keep_first(a, s, reply_status_at(s.p, s.len), &out->enhanced);
		return;
	case CLIENT:
		take_client(a, s, &out->client);
		return;
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
			      .author = "",
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
