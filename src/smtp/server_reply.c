/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

void server_refuse(struct smtp_server *s, unsigned code, const char *enhanced, const char *text)
{
	if (!s->refusal.code)
		s->refusal = (struct smtp_answer){ code, enhanced, text };
}

void server_end_transaction(struct smtp_server *s)
{
	s->tx = (struct server_transaction){ 0 };
}

static void on_greeting(struct smtp_server *s)
{
	free(s->client_name);
	s->client_name = text_printable_new(s->request.argument);
	s->helo = true;
	s->extended = s->request.verb == SMTP_VERB_EHLO;
	server_end_transaction(s); /* RFC 5321, 4.1.4 */
}

static void on_mail(struct smtp_server *s)
{
	s->tx = (struct server_transaction){
		.mail = true,
		.utf8 = s->request.smtputf8,
		.binary = str_ieq(s->request.body, "BINARYMIME"),
	};
}

static void on_good(struct smtp_server *s)
{
	switch (s->request.verb) {
	case SMTP_VERB_HELO:
	case SMTP_VERB_EHLO:
		on_greeting(s);
		break;
	case SMTP_VERB_STARTTLS:
		if (!s->tls)
			s->phase = SERVER_TLS;
		break;
	case SMTP_VERB_AUTH:
		s->authenticated = true;
		break;
	case SMTP_VERB_MAIL:
		on_mail(s);
		break;
	case SMTP_VERB_RCPT:
		s->tx.rcpts++;
		break;
	case SMTP_VERB_RSET:
		server_end_transaction(s);
		break;
	default:
		break;
	}
}

/* The answer went out: what it means for us. */
static void move(struct smtp_server *s, unsigned code)
{
	s->waits = false;
	s->since_ms = s->now_ms;
	s->timed_out = false;
	s->refusal = (struct smtp_answer){ 0 };
	if (s->body_ended) {
		s->body_ended = false;
		server_end_transaction(s);
	} else if (code / 100 == 2) {
		on_good(s);
	} else if (s->request.verb == SMTP_VERB_DATA && code == 354) {
		server_body_begin(s);
		s->phase = SERVER_DATA;
	} else if (s->request.verb == SMTP_VERB_AUTH && code == 334) {
		s->phase = SERVER_AUTH;
	} else if (s->request.verb == SMTP_VERB_RCPT && code >= 400) {
		s->tx.refused++;
	} else if (s->request.verb == SMTP_VERB_BDAT && code >= 400) {
		s->tx.torn = true;
	} else if (s->request.verb == SMTP_VERB_AUTH && code >= 400) {
		s->auth_failed = true;
	} else if (s->request.verb == SMTP_VERB_CONNECT && code >= 400) {
		s->turned_away = true;
	}
}

/* Replies stay in lines of their own whatever the text: no control byte leaves.  All of a line or nothing. */
static void add_line(struct smtp_server *s, unsigned code, char separator, struct str enhanced,
		     struct str text)
{
	struct buf *out = &s->out;
	const char start[] = { (char)('0' + code / 100 % 10), (char)('0' + code / 10 % 10),
			       (char)('0' + code % 10), separator };
	const size_t bytes = sizeof(start) + enhanced.len + 1 + text.len + 2;
	if (bytes > out->max || buf_waiting(out) > out->max - bytes)
		return;
	buf_add(out, start, sizeof(start));
	buf_add(out, enhanced.p, enhanced.len);
	buf_add(out, " ", enhanced.len ? 1 : 0);
	buf_add(out, text.p, text.len);
	for (char *c = out->data + out->len - text.len; c < out->data + out->len; c++)
		if ((*c >= 0 && *c < ' ' && *c != '\t') || *c == 0x7f)
			*c = '?';
	buf_add(out, "\r\n", 2);
}

static void add_reply(struct smtp_server *s, unsigned code, const char *enhanced, const char *text)
{
	struct str rest = str_of(text);
	for (;;) {
		const char *lf = memchr(rest.p, '\n', rest.len);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.len;
		add_line(s, code, lf ? '-' : ' ', str_of(enhanced), str_cut(rest, 0, n));
		if (!lf)
			return;
		rest = str_cut(rest, n + 1, rest.len);
	}
}

void smtp_server_reply(struct smtp_server *s, unsigned code, const char *enhanced, const char *text)
{
	if (!s->waits)
		return;
	bool bye = s->request.verb == SMTP_VERB_QUIT && code / 100 == 2;
	add_reply(s, code, enhanced ? enhanced : "", text);
	move(s, code);
	if (bye || code == 421 || code == 521 || s->endless)
		s->phase = SERVER_CLOSING;
}

void smtp_server_reply_raw(struct smtp_server *s, unsigned code, struct str bytes)
{
	if (!s->waits)
		return;
	(void)buf_add(&s->out, bytes.p, bytes.len);
	move(s, code);
}

void smtp_server_challenge(struct smtp_server *s, struct str challenge)
{
	CLEANUP(buf_clear) struct buf coded = { 0 };
	base64_encode(&coded, challenge);
	buf_add(&coded, "", 1);
	smtp_server_reply(s, 334, "", buf_str(&coded).p);
}

const struct smtp_answer *smtp_server_refusal(const struct smtp_server *s)
{
	return s->refusal.code ? &s->refusal : NULL;
}

static const struct {
	enum smtp_extension extension;
	const char *keyword;
} offered[] = {
	{ SMTP_EXT_PIPELINING, "PIPELINING" },
	{ SMTP_EXT_8BITMIME, "8BITMIME" },
	{ SMTP_EXT_SMTPUTF8, "SMTPUTF8" },
	{ SMTP_EXT_CHUNKING, "CHUNKING" },
	{ SMTP_EXT_BINARYMIME, "BINARYMIME" },
	{ SMTP_EXT_DSN, "DSN" },
	{ SMTP_EXT_ENHANCEDSTATUSCODES, "ENHANCEDSTATUSCODES" },
};

static unsigned say(struct smtp_server *s, unsigned code, const char *enhanced, const char *text)
{
	smtp_server_reply(s, code, enhanced, text);
	return code;
}

static unsigned reply_ehlo(struct smtp_server *s)
{
	unsigned x = s->options.extensions;
	CLEANUP(buf_clear) struct buf text = { 0 };
	buf_adds(&text, s->name);
	for (size_t i = 0; i < ARRAY_LEN(offered); i++)
		if (x & (unsigned)offered[i].extension)
			buf_addf(&text, "\n%s", offered[i].keyword);
	if (x & SMTP_EXT_SIZE)
		buf_addf(&text, "\nSIZE %ld", s->options.size);
	if (x & SMTP_EXT_STARTTLS && !s->tls)
		buf_adds(&text, "\nSTARTTLS");
	if (x & SMTP_EXT_REQUIRETLS && s->tls) /* RFC 8689, 2: only offered over TLS */
		buf_adds(&text, "\nREQUIRETLS");
	if (x & SMTP_EXT_AUTH && *s->auth_list)
		buf_addf(&text, "\nAUTH %s", s->auth_list);
	if (x & SMTP_EXT_LIMITS && *s->limits)
		buf_addf(&text, "\nLIMITS %s", s->limits);
	buf_add(&text, "", 1);
	return say(s, 250, "", buf_str(&text).p);
}

static unsigned reply_name(struct smtp_server *s, unsigned code, const char *more)
{
	CLEANUP(mem_free) char *text = mem_printf("%s%s", s->name, more);
	return say(s, code, "", text);
}

/* The positive answers; EHLO's and the greeting's are made of the options. */
static const struct smtp_answer standard[SMTP_VERBS] = {
	[SMTP_VERB_UNKNOWN] = { 500, "5.5.1", "Command is not known" },
	[SMTP_VERB_STARTTLS] = { 220, "2.0.0", "Ready to start TLS" },
	[SMTP_VERB_AUTH] = { 535, "5.7.8", "Authentication failed" },
	[SMTP_VERB_MAIL] = { 250, "2.1.0", "Ok" },
	[SMTP_VERB_RCPT] = { 250, "2.1.5", "Ok" },
	[SMTP_VERB_DATA] = { 354, "", "End data with <CR><LF>.<CR><LF>" },
	[SMTP_VERB_BDAT] = { 250, "2.0.0", "Ok" },
	[SMTP_VERB_RSET] = { 250, "2.0.0", "Ok" },
	[SMTP_VERB_NOOP] = { 250, "2.0.0", "Ok" },
	[SMTP_VERB_VRFY] = { 252, "2.5.2", "Cannot verify, but will take a message" },
	[SMTP_VERB_HELP] = { 214, "2.0.0", "See RFC 5321" },
	[SMTP_VERB_QUIT] = { 221, "2.0.0", "Bye" },
};

unsigned smtp_server_default_reply(struct smtp_server *s)
{
	enum smtp_verb v = s->request.verb;
	struct smtp_answer a = s->refusal.code ? s->refusal : standard[v];
	if (!s->waits)
		return 0;
	if (!s->refusal.code && s->body_ended)
		a = (struct smtp_answer){ 250, "2.0.0", "Ok" };
	else if (!s->refusal.code && v == SMTP_VERB_EHLO)
		return reply_ehlo(s);
	else if (!s->refusal.code && v == SMTP_VERB_HELO)
		return reply_name(s, 250, "");
	else if (!s->refusal.code && v == SMTP_VERB_CONNECT)
		return reply_name(s, 220, " ESMTP");
	return say(s, a.code, a.enhanced, a.text);
}

void smtp_server_close(struct smtp_server *s, unsigned code, const char *enhanced, const char *text)
{
	if (s->phase == SERVER_CLOSING || s->phase == SERVER_CLOSED)
		return;
	add_reply(s, code, enhanced ? enhanced : "", text);
	s->waits = false;
	s->phase = SERVER_CLOSING;
}

static char *shown_auth(const struct smtp_request *r)
{
	CLEANUP(mem_free) char *argument = text_printable_new(r->argument);
	return mem_printf("AUTH %s%s", argument, r->has_initial ? " [hidden]" : "");
}

const char *smtp_server_request_shown(struct smtp_server *s)
{
	const struct smtp_request *r = &s->request;
	free(s->shown);
	if (r->verb == SMTP_VERB_AUTH)
		s->shown = shown_auth(r);
	else if (r->verb == SMTP_VERB_UNKNOWN && s->auth_failed) /* name and password, sent all the same */
		s->shown = mem_strdup("[hidden]");
	else if (str_istarts(str_trim(r->line), "AUTH"))
		s->shown = mem_strdup("AUTH [hidden]");
	else
		s->shown = text_printable_new(r->line);
	return s->shown;
}
