/* SPDX-License-Identifier: Apache-2.0 */
/* What the server said, or did not say, and what that condemns. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalog/provider.h"
#include "catalog/reply_place.h"
#include "catalog/token_refused.h"
#include "relay/delivery/delivery.h"
#include "relay/delivery/delivery_tls.h"
#include "relay/login_told.h"

enum { PORT_MX = 25 };

unsigned delivery_port(const struct delivery *d)
{
	return d->route->port ? d->route->port : PORT_MX;
}

void delivery_log(struct delivery *d)
{
	struct relay_log *log = d->relay->log;
	uint64_t at_ms, now = net_loop_now_ms(d->relay->loop);
	int64_t wall = relay_now_ms();
	char dir;
	const char *line;
	if (!d->session)
		return;
	const struct relay_log_peer peer = { d->name, d->line.host, d->line.address, delivery_port(d) };
	while (session_spoken(d->session, &at_ms, &dir, &line))
		if (log)
			relay_log_line(log, wall - (int64_t)(now - at_ms), &peer, dir, str_of(line));
}

/* Lines joined by blanks; every line but the first begins with the enhanced code again: left as it is. */
struct str delivery_reply(struct delivery *d, struct arena *a, unsigned *code)
{
	const struct smtp_reply *r = smtp_client_reply(session_client(d->session));
	*code = r->code;
	if (r->nlines == 1)
		return str_of(text_printable(a, str_cut(r->lines[0], 0, STORE_REPLY_MAX)));
	struct buf b = { .max = STORE_REPLY_MAX };
	for (size_t i = 0; i < r->nlines; i++) {
		if (i && !buf_adds(&b, " "))
			break;
		if (!buf_add(&b, r->lines[i].p, r->lines[i].len))
			break;
	}
	struct str text = str_of(text_printable(a, buf_str(&b)));
	buf_clear(&b);
	return text;
}

static const char *const steps[] = {
	[TROUBLE_DNS] = "dns",        [TROUBLE_CONNECT] = "connect",   [TROUBLE_GREETING] = "banner",
	[TROUBLE_EHLO] = "ehlo",      [TROUBLE_TLS] = "starttls",      [TROUBLE_AUTH] = "auth",
	[TROUBLE_MAIL] = "mail-from", [TROUBLE_RCPT] = "rcpt",         [TROUBLE_DATA] = "data",
	[TROUBLE_DOT] = "content",    [TROUBLE_HERE] = "relay-server",
};

static const char *provider_name(const struct delivery *d)
{
	const struct provider *p = d->route->mx ? provider_by_mx(d->host) : provider_by_host(d->host);
	return p ? p->name : "";
}

/* The reply without what AUTH lines of ours a server may echo. */
static struct str kept(struct delivery *d, struct str text)
{
	return str_of(
		smtp_client_hide(session_client(d->session), d->scratch, arena_str(d->scratch, text).p));
}

/* It was said to what we asked, and is no answer to it (250 to DATA, 354 to the dot): the two are out of
 * step, and nothing on this connection can be believed any more. */
static bool is_no_refusal(unsigned code)
{
	return code < 400 || code >= 600;
}

static void out_of_step(struct delivery *d, struct failure *f, enum trouble_at at)
{
	f->finding = "reply-protocol-error";
	f->why = arena_printf(d->scratch, "that is no answer to what was asked (%s)", steps[at]);
	f->judged = (struct trouble){ .scope = TROUBLE_HOST, .next_host = true };
}

/* The reply, and what was told of a token before it. */
static struct str with_note(struct delivery *d, struct str text, const struct token_note *note)
{
	return note ? str_of(arena_printf(d->scratch, STR_FMT " %s", STR_ARG(text),
					  token_note_text(d->scratch, note)))
		    : text;
}

/* Of the reply that d->failure has.  token: one was refused as a login; note: what was told of it before, or
 * NULL. */
static struct reply_meaning meaning(const struct delivery *d, enum trouble_at at, struct str reply,
				    bool token, const struct token_note *note)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	const struct smtp_reply *r = smtp_client_reply(session_client(d->session));
	unsigned code = d->failure.seen.code;
	char enhanced[24] = "";
	if (r->enh[0])
		snprintf(enhanced, sizeof(enhanced), "%u.%u.%u", r->enh[0], r->enh[1], r->enh[2]);
	const struct reply_context c = { .provider = provider_name(d),
					 .step = steps[at],
					 .code = code,
					 .enhanced = enhanced,
					 .text = reply.p,
					 .tls = *d->tls != '\0',
					 .logged_in = d->logged_in };
	const struct reply_place place = { .step = steps[at],
					   .code = code,
					   .text = reply.p,
					   .mx = d->route->mx,
					   .logged_in = d->logged_in,
					   .by_token = d->route->oauth.given };
	size_t n = reply_meanings(&c, m);
	n = token && code / 100 == 5 ? token_refused(m, n, note) : n;
	return reply_place_choose(&place, m, n);
}

static const struct failure *refused(struct delivery *d, enum trouble_at at, bool token,
				     const struct token_note *note)
{
	struct failure *f = &d->failure;
	unsigned code;
	*f = (struct failure){ .finding = "", .why = "", .host = d->host, .address = d->address };
	f->seen = (struct trouble_case){ .at = at, .smarthost = !d->route->mx };
	struct str reply = delivery_reply(d, d->scratch, &code);
	f->seen.text = kept(d, with_note(d, reply, note));
	f->seen.code = code;
	const struct reply_meaning m = meaning(d, at, reply, token, note);
	f->seen.meaning = m.entry ? &m : NULL;
	f->finding = m.entry ? m.entry->id : "unknown-reply";
	if (d->logged_in || at == TROUBLE_AUTH)
		f->why = login_told(d->scratch, f->finding, d->route->user);
	f->judged = trouble_judge(&f->seen);
	f->seen.meaning = NULL; /* it lies on this stack */
	if (is_no_refusal(code))
		out_of_step(d, f, at);
	return f;
}

const struct failure *delivery_refused(struct delivery *d, enum trouble_at at)
{
	return refused(d, at, false, NULL);
}

const struct failure *delivery_refused_token(struct delivery *d, const struct token_note *note)
{
	return refused(d, TROUBLE_AUTH, true, note);
}

const struct failure *delivery_broke(struct delivery *d, enum trouble_at at, const char *finding,
				     const char *why)
{
	d->failure = (struct failure){ .seen = { .at = at, .smarthost = !d->route->mx, .text = STR_LIT("") },
				       .finding = finding,
				       .why = arena_strdup(d->scratch, why),
				       .host = d->host,
				       .address = d->address };
	d->failure.judged = trouble_judge(&d->failure.seen);
	return &d->failure;
}

const char *const delivery_pressed_words =
	"the server did not answer soon, and many others wait for their first try: next time it gets longer";

static const char *stalled_words(struct delivery *d)
{
	if (d->hurry)
		return "given up: the relay is ending";
	if (d->pressed)
		return delivery_pressed_words;
	return smtp_client_waits(session_client(d->session)) ? "the server did not answer in time"
							     : "the server stopped reading the message";
}

static void stalled(struct delivery *d, enum trouble_at at)
{
	delivery_broke(d, at, at == TROUBLE_GREETING ? "banner-never" : "dialogue-stalled", stalled_words(d));
}

static void reset(struct delivery *d, enum trouble_at at)
{
	char text[400];
	snprintf(text, sizeof(text), "the connection was lost: %s", strerror(session_errno(d->session)));
	delivery_broke(d, at, at == TROUBLE_GREETING ? "tcp-open-then-reset" : "dialogue-cut", text);
}

/* Nobody was asked anything and yet nothing came through: in the midst of a message its window stayed shut.
 */
static bool is_stall(const struct delivery *d, enum session_event ev)
{
	return ev == SESSION_TIMEOUT || ev == SESSION_IDLE ||
	       (ev == SESSION_RESET && !session_errno(d->session));
}

static void lost(struct delivery *d, enum trouble_at at, enum session_event ev)
{
	bool first = at == TROUBLE_GREETING;
	const char *why, *finding;
	char text[400];
	if (is_stall(d, ev)) {
		stalled(d, at);
	} else if (ev == SESSION_EOF) {
		delivery_broke(d, at, first ? "banner-eof" : "dialogue-cut",
			       "the server closed the connection");
	} else if (ev == SESSION_TLS_ENDED) {
		why = delivery_shake_fault(d, &finding);
		delivery_broke(d, TROUBLE_TLS, finding, why);
	} else if (ev == SESSION_BROKEN) {
		delivery_broke(d, at, first ? "banner-not-smtp" : "reply-protocol-error",
			       err_text(session_err(d->session), text, sizeof(text)));
	} else {
		reset(d, at);
	}
}

enum heard delivery_hear(struct delivery *d, enum trouble_at at)
{
	for (bool warned = false;;) {
		enum session_event ev = session_wait(d->session, 0);
		delivery_log(d);
		if (ev == SESSION_REPLY && smtp_client_command(session_client(d->session)) == SMTP_CMD_NONE) {
			delivery_refused(d, at); /* unasked: its last word, most likely */
			warned = true;
			continue;
		}
		if (ev == SESSION_REPLY)
			return HEARD_REPLY;
		if (ev == SESSION_CHALLENGE)
			return HEARD_CHALLENGE;
		if (ev == SESSION_START_TLS)
			return HEARD_TLS;
		if (!warned || ev == SESSION_BROKEN)
			lost(d, at, ev);
		return HEARD_LOST;
	}
}
