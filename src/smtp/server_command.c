/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <limits.h>

#include "base/base64.h"
#include "base/text.h"

static void out_of_order(struct smtp_server *s, const char *text)
{
	server_refuse(s, 503, "5.5.1", text);
}

static bool offers(const struct smtp_server *s, enum smtp_extension x)
{
	return s->options.extensions & (unsigned)x;
}

/* RFC 5321, 4.1.1.1 wants a domain or address literal; what else real clients
 * say (names with underscores, bare addresses) is policy's to judge. */
static void read_name(struct smtp_server *s, struct str rest)
{
	struct str name;
	if (!str_next(&rest, " \t", &name))
		server_refuse(s, 501, "5.5.4", "A name is needed");
	else if (!text_is_ascii(name))
		server_refuse(s, 501, "5.5.4", "The name must be ASCII");
	s->request.argument = name;
}

static void read_nothing(struct smtp_server *s, struct str rest)
{
	if (rest.len)
		server_refuse(s, 501, "5.5.4", "No parameter is allowed");
}

static void read_any(struct smtp_server *s, struct str rest)
{
	s->request.argument = rest;
}

static void read_starttls(struct smtp_server *s, struct str rest)
{
	if (!offers(s, SMTP_EXT_STARTTLS) && !s->tls)
		server_refuse(s, 502, "5.5.1", "STARTTLS is not offered");
	if (s->tls)
		server_refuse(s, 554, "5.5.1", "TLS is active already");
	if (!s->extended)
		out_of_order(s, "EHLO comes first");
	if (s->tx.mail)
		out_of_order(s, "A transaction is open");
	read_nothing(s, rest);
}

static void read_initial(struct smtp_server *s, struct str initial)
{
	s->request.has_initial = true;
	buf_wipe(&s->decoded);
	if (!str_eq(initial, "=") && !base64_decode(&s->decoded, initial))
		server_refuse(s, 501, "5.5.2", "Cannot decode the response");
	s->request.initial = buf_str(&s->decoded);
}

/* AUTH mechanism [initial-response] (RFC 4954, 4) */
static void read_auth(struct smtp_server *s, struct str rest)
{
	struct str name, initial;
	if (!offers(s, SMTP_EXT_AUTH) && !s->authenticated && offers(s, SMTP_EXT_STARTTLS) && !s->tls)
		server_refuse(s, 530, "5.7.0", "Must issue a STARTTLS command first"); /* RFC 3207, 4 */
	if (!offers(s, SMTP_EXT_AUTH) && !s->authenticated)
		server_refuse(s, 503, "5.5.1", "AUTH is not offered");
	if (!s->extended)
		out_of_order(s, "EHLO comes first");
	if (s->authenticated)
		out_of_order(s, "Login was done already");
	if (s->tx.mail)
		out_of_order(s, "A transaction is open");
	if (!str_next(&rest, " \t", &name)) {
		server_refuse(s, 501, "5.5.4", "A mechanism is needed");
		return;
	}
	s->request.argument = arena_str(s->arena, name); /* outlives the line */
	s->request.mechanism = sasl_mechanism_of(name);
	if (s->request.mechanism == SASL_NONE || !str_ilists(str_of(s->auth_list), " ", name))
		server_refuse(s, 504, "5.5.4", "Unrecognized authentication type");
	if (str_next(&rest, " \t", &initial))
		read_initial(s, initial);
	read_nothing(s, str_trim(rest));
}

static void read_mail(struct smtp_server *s, struct str rest)
{
	if (!s->helo)
		out_of_order(s, "EHLO comes first");
	if (s->tx.mail)
		out_of_order(s, "A transaction is open");
	server_read_mail(s, rest);
}

static void read_rcpt(struct smtp_server *s, struct str rest)
{
	if (!s->tx.mail)
		out_of_order(s, "MAIL comes first");
	if (s->tx.bdat)
		out_of_order(s, "The message has begun");
	server_read_rcpt(s, rest);
}

/* RFC 5321, 3.3: no recipient at all is 503 or 554; that all were refused is told apart. */
static void need_recipient(struct smtp_server *s)
{
	if (!s->tx.mail)
		out_of_order(s, "MAIL comes first");
	if (!s->tx.rcpts && s->tx.refused)
		server_refuse(s, 554, "5.5.1", "No valid recipients");
	if (!s->tx.rcpts)
		out_of_order(s, "RCPT comes first");
}

static void read_data(struct smtp_server *s, struct str rest)
{
	need_recipient(s);
	if (s->tx.bdat || s->tx.torn)
		out_of_order(s, "BDAT has begun");
	if (s->tx.binary) /* RFC 3030, 3 */
		out_of_order(s, "BINARYMIME needs BDAT");
	read_nothing(s, rest);
}

static bool is_beyond_size(const struct smtp_server *s, unsigned long chunk)
{
	unsigned long long before = s->tx.bdat ? s->body.bytes : 0;
	return s->options.size > 0 && before + chunk > (unsigned long long)s->options.size;
}

/* BDAT chunk-size [LAST] (RFC 3030, 2) */
static void read_bdat(struct smtp_server *s, struct str rest)
{
	struct str size, last;
	unsigned long n = 0;
	if (!offers(s, SMTP_EXT_CHUNKING)) {
		s->request.verb = SMTP_VERB_UNKNOWN;
		server_refuse(s, 502, "5.5.1", "BDAT is not offered");
		return;
	}
	if (!str_next(&rest, " \t", &size) || !str_number(size, LONG_MAX, &n)) {
		s->request.verb = SMTP_VERB_UNKNOWN; /* no chunk can be told from the commands behind it */
		s->tx.torn = true;
		server_refuse(s, 501, "5.5.4", "A chunk size is needed");
		return;
	}
	s->request.chunk = n;
	s->request.last = str_next(&rest, " \t", &last) && str_ieq(last, "LAST");
	if (last.len && !s->request.last)
		server_refuse(s, 501, "5.5.4", "LAST or nothing is expected");
	need_recipient(s);
	if (s->tx.torn)
		out_of_order(s, "A chunk was refused before: RSET comes first");
	if (is_beyond_size(s, n))
		server_refuse(s, 552, "5.3.4", "Message size exceeds the limit");
	read_nothing(s, str_trim(rest));
}

static void read_unknown(struct smtp_server *s, struct str rest)
{
	(void)rest;
	server_refuse(s, 500, "5.5.1", "Command is not known");
}

static void read_expn(struct smtp_server *s, struct str rest)
{
	s->request.argument = rest;
	server_refuse(s, 502, "5.5.1", "EXPN is not offered");
}

static void read_vrfy(struct smtp_server *s, struct str rest)
{
	s->request.argument = rest;
	if (!rest.len)
		server_refuse(s, 501, "5.5.4", "An address is needed");
}

static const struct {
	const char *name;
	void (*read)(struct smtp_server *s, struct str rest);
} verbs[SMTP_VERBS] = {
	[SMTP_VERB_CONNECT] = { "", read_unknown },
	[SMTP_VERB_UNKNOWN] = { "", read_unknown },
	[SMTP_VERB_HELO] = { "HELO", read_name },
	[SMTP_VERB_EHLO] = { "EHLO", read_name },
	[SMTP_VERB_STARTTLS] = { "STARTTLS", read_starttls },
	[SMTP_VERB_AUTH] = { "AUTH", read_auth },
	[SMTP_VERB_MAIL] = { "MAIL", read_mail },
	[SMTP_VERB_RCPT] = { "RCPT", read_rcpt },
	[SMTP_VERB_DATA] = { "DATA", read_data },
	[SMTP_VERB_BDAT] = { "BDAT", read_bdat },
	[SMTP_VERB_RSET] = { "RSET", read_nothing },
	[SMTP_VERB_NOOP] = { "NOOP", read_any },
	[SMTP_VERB_VRFY] = { "VRFY", read_vrfy },
	[SMTP_VERB_EXPN] = { "EXPN", read_expn },
	[SMTP_VERB_HELP] = { "HELP", read_any },
	[SMTP_VERB_QUIT] = { "QUIT", read_nothing },
};

static enum smtp_verb verb_of(struct str word)
{
	for (enum smtp_verb v = SMTP_VERB_HELO; v < SMTP_VERBS; v++)
		if (str_ieq(word, verbs[v].name))
			return v;
	return SMTP_VERB_UNKNOWN;
}

static unsigned control_bytes(struct str line)
{
	unsigned odd = 0;
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];
		if (c == '\r')
			odd |= SMTP_SERVER_BARE_CR;
		if ((c < ' ' && c != '\t') || c == 0x7f)
			odd |= SMTP_SERVER_CONTROL;
	}
	return odd;
}

/* Two servers may read two things out of what has such ends (RFC 5321, 2.3.8).  Behind BDAT the chunk is
 * taken away all the same. */
static void judge_end(struct smtp_server *s, unsigned code, unsigned odd)
{
	if (s->options.crlf_only && odd & SMTP_SERVER_BARE_LF)
		server_refuse(s, code, "5.5.2", "The line ends with LF alone: end lines with CR LF");
}

void server_read_command(struct smtp_server *s, struct str line, unsigned odd)
{
	struct str rest = str_trim(line), word;
	arena_free(&s->arena);
	s->arena = arena_new();
	s->refusal = (struct smtp_answer){ 0 };
	s->request = (struct smtp_request){
		.verb = SMTP_VERB_UNKNOWN, .line = line, .size = -1, .odd = odd | control_bytes(line)
	};
	judge_end(s, 500, odd);
	if (s->request.odd & SMTP_SERVER_CONTROL) {
		s->tx.torn |= str_istarts(line, "BDAT");
		server_refuse(s, 500, "5.5.2", "Control characters stand in the command");
		return;
	}
	/* A blank before the verb is an unknown command, as an empty line is. */
	if (!line.len || line.p[0] == ' ' || line.p[0] == '\t' || !str_next(&rest, " \t", &word)) {
		read_unknown(s, rest);
		return;
	}
	s->request.verb = verb_of(word);
	s->auth_failed = s->auth_failed && s->request.verb == SMTP_VERB_UNKNOWN;
	if (s->turned_away && s->request.verb != SMTP_VERB_QUIT)
		out_of_order(s, "There is no service here");
	verbs[s->request.verb].read(s, str_trim(rest));
}

void server_read_response(struct smtp_server *s, struct str line, unsigned odd)
{
	struct str text = str_trim(line);
	s->request.line = line;
	s->refusal = (struct smtp_answer){ 0 };
	buf_wipe(&s->decoded);
	s->response_good = false;
	judge_end(s, 501, odd);
	if (s->refusal.code)
		return;
	if (str_eq(text, "*"))
		server_refuse(s, 501, "5.7.0", "Authentication was cancelled");
	else if (base64_decode(&s->decoded, text))
		s->response_good = true;
	else
		server_refuse(s, 501, "5.5.2", "Cannot decode the response");
}
