/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "catalog/finding.h"
#include "explain/log/exchange.h"
#include "explain/log/field.h"

/* A session as a protocol log shows it: commands may go out together (RFC 2920), their
 * replies come in order.  What waits for a reply stands as letters in CLIENT of the
 * session's slot; each recipient has a slot of its own, "session ID 7", until its fate is told. */
enum { WAITING_MAX = 100, KEY_MAX = 96 };

static struct str key_of(struct str session, unsigned recipient, char out[KEY_MAX])
{
	int n = snprintf(out, KEY_MAX, "session %.*s", (int)(session.len < 64 ? session.len : 64), session.p);
	if (recipient)
		n += snprintf(out + n, KEY_MAX - (size_t)n, " %u", recipient);
	return (struct str){ out, (size_t)n };
}

static char kind_of(struct str command)
{
	static const struct {
		const char *lead;
		char kind;
	} kinds[] = { { "mail from", 'M' }, { "rcpt to", 'R' },        { "data", 'D' }, { "bdat", 'B' },
		      { "rset", 'X' },      { "auth", 'A' },           { "ehlo", 'E' }, { "helo", 'E' },
		      { "starttls", 'T' },  { "x-anonymoustls", 'T' }, { "quit", 'Q' } };
	if (str_istarts(command, "bdat") && !str_iends(str_trim(command), "last"))
		return 'O'; /* more chunks follow (RFC 3030, 2) */
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_istarts(command, kinds[i].lead))
			return kinds[i].kind;
	return 'O';
}

static const char *step_of_kind(char kind)
{
	switch (kind) {
	case 'M':
		return step_name(STEP_MAIL_FROM);
	case 'R':
		return step_name(STEP_RCPT);
	case 'D':
	case 'F':
	case 'B':
		return step_name(STEP_DATA);
	case 'A':
		return step_name(STEP_AUTH);
	case 'E':
		return step_name(STEP_EHLO);
	case 'T':
		return step_name(STEP_STARTTLS);
	case 'G':
		return step_name(STEP_BANNER);
	default:
		return "";
	}
}

static struct str command_address(struct str s)
{
	size_t colon = log_find(s, STR_LIT(":"));
	return log_address(log_to(str_trim(log_from(s, colon + 1)), " "));
}

static struct log_message *recipient_find(struct log_context *x, struct str session, unsigned k)
{
	char bytes[KEY_MAX];
	return log_message_find(x, key_of(session, k, bytes));
}

static void recipients_drop(struct log_context *x, struct log_message *m, struct str session)
{
	for (unsigned k = m->flags; k > 0; k--) {
		struct log_message *r = recipient_find(x, session, k);
		if (r)
			log_message_close(x, r);
	}
	m->flags = 0;
}

/* The texts of a slot only grow; these change. */
static void session_set(struct log_message *m, struct str from, struct str waiting)
{
	char f[LOG_MESSAGE_TEXT], w[WAITING_MAX];
	struct str kept = { f, from.len }, letters = { w, waiting.len };
	memcpy(f, from.p, from.len);
	memcpy(w, waiting.p, waiting.len);
	m->used = 0;
	memset(m->len, 0, sizeof(m->len));
	log_message_set(m, LOG_CLIENT, letters);
	log_message_set(m, LOG_FROM, kept);
}

/* A command went out: it waits for its reply. */
static void commanded(struct log_context *x, struct log_message *m, const struct log_exchange_said *s)
{
	char waiting[WAITING_MAX], bytes[KEY_MAX];
	char kind = kind_of(s->text);
	struct str w = log_message_get(m, LOG_CLIENT), from = log_message_get(m, LOG_FROM);
	size_t n = w.len < WAITING_MAX - 1 ? w.len : WAITING_MAX - 1;
	memcpy(waiting, w.p, n);
	waiting[n++] = kind;
	if (kind == 'M' || kind == 'X')
		recipients_drop(x, m, s->session);
	if (kind == 'M')
		from = command_address(s->text);
	from.len = from.len < LOG_MESSAGE_TEXT - WAITING_MAX ? from.len : LOG_MESSAGE_TEXT - WAITING_MAX;
	session_set(m, from, (struct str){ waiting, n });
	if (kind == 'R' && m->flags < UINT16_MAX) {
		struct str key = key_of(s->session, ++m->flags, bytes);
		log_message_set(log_session_open(x, key), LOG_FROM, command_address(s->text));
	}
}

static struct log_event event_of(const struct log_context *x, const struct log_message *m,
				 const struct log_exchange_said *s, enum log_state state, char kind)
{
	struct log_event e = log_event_of(x, state, LOG_EXCHANGE);
	e.from = log_message_get(m, LOG_FROM);
	e.queue_id = s->session;
	if (s->sending) {
		e.relay = s->host.len ? s->host : s->ip;
		e.relay_ip = s->ip;
	} else {
		e.client = s->ip;
	}
	e.reply = s->text;
	e.step = step_of_kind(kind);
	e.tries = 1;
	return e;
}

static enum log_state state_of(const struct log_exchange_said *s, unsigned code)
{
	if (!s->sending)
		return code >= 400 ? LOG_NOT_TAKEN : LOG_DELIVERED_HERE;
	return code >= 500 ? LOG_REFUSED : code >= 400 ? LOG_DELAYED : LOG_HANDED_OVER;
}

static void recipient_ended(struct log_context *x, struct log_message *m, const struct log_exchange_said *s,
			    enum log_state state, unsigned k, char kind)
{
	struct log_message *r = recipient_find(x, s->session, k);
	if (!r)
		return;
	struct log_event e = event_of(x, m, s, state, kind);
	e.to = log_message_get(r, LOG_FROM);
	(void)log_give(x, &e);
	log_message_close(x, r);
}

/* The reply to one RCPT: of those that wait, the first. */
static void rcpt_answered(struct log_context *x, struct log_message *m, const struct log_exchange_said *s,
			  unsigned code, struct str waiting)
{
	unsigned open = 0;
	for (size_t i = 0; i < waiting.len; i++)
		open += waiting.p[i] == 'R';
	if (code >= 400 && open <= m->flags)
		recipient_ended(x, m, s, state_of(s, code), m->flags - open + 1, 'R');
}

/* The reply that decides for all recipients not refused before.  What this machine took
 * itself is told by its tracking log. */
static void all_answered(struct log_context *x, struct log_message *m, const struct log_exchange_said *s,
			 unsigned code, char kind)
{
	for (unsigned k = 1; k <= m->flags && (s->sending || code >= 400); k++)
		recipient_ended(x, m, s, state_of(s, code), k, kind);
	recipients_drop(x, m, s->session);
}

/* Refusals that no recipient stands for: greeting, login, TLS. */
static void session_refused(struct log_context *x, struct log_message *m, const struct log_exchange_said *s,
			    char kind)
{
	enum log_state state = kind == 'A' ? LOG_LOGIN_FAILED : s->sending ? LOG_TROUBLE : LOG_NOT_TAKEN;
	struct log_event e = event_of(x, m, s, state, kind);
	(void)log_give(x, &e);
}

static bool is_login_refusal(unsigned code)
{
	return code == 535 || code == 534 || code == 538 || code == 454 || code == 432; /* RFC 4954, 6 */
}

static void replied(struct log_context *x, struct log_message *m, const struct log_exchange_said *s,
		    unsigned code)
{
	struct str w = log_message_get(m, LOG_CLIENT);
	char waiting[WAITING_MAX];
	char kind = is_login_refusal(code) && (!w.len || strchr("AO", w.p[0])) ? 'A' : w.len ? w.p[0] : 'G';
	size_t n = w.len < WAITING_MAX ? w.len : WAITING_MAX;
	memcpy(waiting, w.p, n);
	if (kind == 'D' && code == 354) {
		waiting[0] = 'F'; /* the final dot's reply comes next */
		session_set(m, log_message_get(m, LOG_FROM), (struct str){ waiting, n });
		return;
	}
	if (kind == 'R')
		rcpt_answered(x, m, s, code, w);
	else if (kind == 'F' || kind == 'B' || (code >= 400 && (kind == 'M' || kind == 'D')))
		all_answered(x, m, s, code, kind);
	else if (code >= 400 && strchr("AGTE", kind))
		session_refused(x, m, s, kind);
	session_set(m, log_message_get(m, LOG_FROM), (struct str){ waiting + (n > 0), n - (n > 0) });
}

void log_exchange_said(struct log_context *x, const struct log_exchange_said *s)
{
	char bytes[KEY_MAX];
	struct str enhanced;
	struct log_message *m = log_session_open(x, key_of(s->session, 0, bytes));
	unsigned code = log_code(s->text, &enhanced);
	if (!s->reply)
		commanded(x, m, s);
	else if (code && !(s->text.len > 3 && s->text.p[3] == '-'))
		replied(x, m, s, code);
}

void log_exchange_closed(struct log_context *x, struct str session)
{
	char bytes[KEY_MAX];
	struct log_message *m = log_message_find(x, key_of(session, 0, bytes));
	if (!m)
		return;
	recipients_drop(x, m, session);
	log_message_close(x, m);
}
