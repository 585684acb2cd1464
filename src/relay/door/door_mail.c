/* SPDX-License-Identifier: Apache-2.0 */
/* Envelope and message of one client: from MAIL to the 250 that can be trusted. */
#include <stdio.h>
#include <string.h>

#include "relay/door/door_inner.h"

static void on_mail(struct door *d, const struct smtp_request *q)
{
	struct access_client who = door_client(d);
	const char *revoked = door_revoked(d);
	door_forget(d);
	if (revoked) { /* a session may last for ever: who lost his place must not keep it */
		smtp_server_close(d->smtp, 421, "4.7.0", revoked);
		return;
	}
	struct door_transaction *m = door_transaction_new(q);
	const struct smtp_answer *no = access_mail(d->settings, &who, q, m->arena);
	d->mail = m;
	if (no) {
		door_refuse(d, no);
		door_forget(d);
	} else {
		door_say(d, 250, "2.1.0", "Sender ok");
	}
}

static void on_rcpt(struct door *d, const struct smtp_request *q)
{
	CLEANUP(arena_free) struct arena *a = arena_new(); /* a hundred thousand refusals cost no memory */
	struct access_client who = door_client(d);
	struct door_transaction *m = d->mail;
	const struct smtp_answer *no = access_rcpt(d->settings, &who, m->sender, q, (unsigned)m->n, a);
	if (!no)
		no = door_fit_rcpt(d, q->path.address, a);
	if (no) {
		door_refuse(d, no);
		return;
	}
	door_transaction_add(m, q);
	door_say(d, 250, "2.1.5", "Recipient ok");
}

bool door_is_crowded(const struct door *d)
{
	const struct relay *r = d->port->relay;
	return r->ndoors > r->doors_max || (d->guests > DOOR_GUESTS_MAX && door_is_stranger(d));
}

static void on_greeting(struct door *d)
{
	struct relay *r = d->port->relay;
	char text[300];
	snprintf(text, sizeof(text), "%s ESMTP Postrider", d->settings->hostname);
	if (r->draining)
		smtp_server_close(d->smtp, 421, "4.3.2", door_draining);
	else if (r->ndoors > r->doors_max)
		smtp_server_close(d->smtp, 421, "4.3.2", "Too many connections: try again in a few minutes");
	else if (door_is_crowded(d))
		smtp_server_close(d->smtp, 421, "4.7.0",
				  "Too many connections from your address: close some first");
	else
		door_say(d, 220, "", text);
}

static void on_starttls(struct door *d)
{
	if (!d->port->relay->identity || d->listen->security != RELAY_SECURITY_STARTTLS)
		door_say(d, 502, "5.5.1", "STARTTLS is not offered here");
	else
		smtp_server_default_reply(d->smtp);
}

static void on_fresh_start(struct door *d)
{
	door_forget(d);
	door_offer(d);
	smtp_server_default_reply(d->smtp);
}

/* Who was here long enough, or may not begin any more. */
static bool is_enough(struct door *d, enum smtp_verb v)
{
	bool begins = !d->mail && v != SMTP_VERB_QUIT && v != SMTP_VERB_CONNECT;
	if (d->port->relay->draining && begins)
		smtp_server_close(d->smtp, 421, "4.3.2", door_draining);
	else if (v == SMTP_VERB_MAIL && d->messages >= DOOR_MESSAGES_MAX)
		smtp_server_close(d->smtp, 421, "4.7.0", "Enough messages on one connection: open another");
	else if (++d->commands > DOOR_COMMANDS_MAX && door_is_stranger(d))
		smtp_server_close(d->smtp, 421, "4.7.0", "Too many commands without a message: goodbye");
	else
		return false;
	return true;
}

/* A browser: a page elsewhere could make it post a dialogue to us, with this machine's right to relay.
 * The field Host comes before all that such a page may choose but the first line. */
static bool is_http(const struct smtp_request *q)
{
	static const char *const begins[] = { "Host:",   "GET ",     "POST ",    "PUT ",   "HEAD ",
					      "DELETE ", "OPTIONS ", "CONNECT ", "PATCH ", "TRACE " };
	for (size_t i = 0; q->verb == SMTP_VERB_UNKNOWN && i < ARRAY_LEN(begins); i++)
		if (str_istarts(q->line, begins[i]))
			return true;
	return false;
}

static const struct smtp_answer *too_big(const struct door *d)
{
	struct access_client who = door_client(d);
	struct arena *a = d->mail->arena;
	struct smtp_answer *no = arena_alloc(a, sizeof(*no));
	const char *text = arena_printf(a, "The message is too big: at most %lld bytes are taken here",
					(long long)access_size_max(d->settings, &who));
	*no = (struct smtp_answer){ 552, "5.3.4", text };
	return no;
}

/* By the engine.  With the size of it that was announced, or has come, the message is refused. */
static void refuse_command(struct door *d, const struct smtp_request *q, const struct smtp_answer *no)
{
	if (no->code == 552 && q->verb == SMTP_VERB_BDAT && d->mail)
		door_refuse(d, too_big(d));
	else if (no->code == 552 && q->verb == SMTP_VERB_MAIL)
		door_refuse(d, no);
	else
		door_answer(d, no);
	/* It speaks something else; within a mail it does not: that is a recipient that cannot be read. */
	if (q->verb == SMTP_VERB_UNKNOWN && !d->mail && ++d->junk >= DOOR_JUNK_MAX)
		smtp_server_close(d->smtp, 421, "4.7.0", "Too many lines that are no command: goodbye");
}

/* True: it is answered, whatever it asked for. */
static bool is_turned_away(struct door *d, const struct smtp_request *q)
{
	const struct smtp_answer *no = smtp_server_refusal(d->smtp);
	if (is_http(q))
		smtp_server_close(d->smtp, 554, "5.5.1",
				  "This is a mail server, which speaks no HTTP: goodbye");
	else if (no)
		refuse_command(d, q, no);
	else
		return is_enough(d, q->verb);
	return true;
}

void door_command(struct door *d)
{
	const struct smtp_request *q = smtp_server_request(d->smtp);
	if (is_turned_away(d, q))
		return;
	switch (q->verb) {
	case SMTP_VERB_CONNECT:
		on_greeting(d);
		break;
	case SMTP_VERB_EHLO:
	case SMTP_VERB_HELO:
	case SMTP_VERB_RSET:
		on_fresh_start(d);
		break;
	case SMTP_VERB_STARTTLS:
		on_starttls(d);
		break;
	case SMTP_VERB_AUTH:
		door_login_start(d);
		break;
	case SMTP_VERB_MAIL:
		on_mail(d, q);
		break;
	case SMTP_VERB_RCPT:
		on_rcpt(d, q);
		break;
	default:
		smtp_server_default_reply(d->smtp);
		break;
	}
}

void door_chunk(struct door *d)
{
	struct door_transaction *m = d->mail;
	struct relay *r = d->port->relay;
	struct access_client who = door_client(d);
	long long most = access_size_max(d->settings, &who);
	unsigned long long size = smtp_server_body_bytes(d->smtp);
	if (!m)
		return;
	m->too_big = size > (unsigned long long)most;
	if (size > (unsigned long long)most + DOOR_SPARE_BYTES) {
		const struct smtp_answer *no = too_big(d);
		r->counts.refused++;
		smtp_server_close(d->smtp, no->code, no->enhanced, no->text);
	}
	if (m->too_big)
		return;
	if (!m->intake) {
		m->intake = intake_new(d->port->relay->store);
		d->message_ms = net_loop_now_ms(r->loop);
	}
	d->chunk_ms = net_loop_now_ms(r->loop);
	(void)intake_add(m->intake, smtp_server_chunk(d->smtp));
}

const struct smtp_answer door_smuggled = {
	550, "5.6.11",
	"A line of the message ends without CR LF, or has one of them alone: mend the sending program"
};

/* Next servers refuse it, cut the message there, or read on as they please. */
static const struct smtp_answer has_nul = {
	550, "5.6.11",
	"The message has a NUL in it (a byte of zeros): mend the sending program, or code that part in base64"
};

/* RFC 3848; RFC 6531, 4.3 */
static const char *protocol_of(const struct door *d, struct arena *a)
{
	bool utf8 = d->mail->flags & STORE_SMTPUTF8;
	if (!smtp_server_extended(d->smtp))
		return "SMTP";
	return arena_printf(a, "%s%s%s", utf8 ? "UTF8SMTP" : "ESMTP", smtp_server_has_tls(d->smtp) ? "S" : "",
			    d->account ? "A" : "");
}

/* What comes back to us is read here and sent to nobody: no next server has to like its header.  (Haraka's
 * report has no From where its template is missing; 3.1.1, 2026.) */
static bool comes_back(const struct door *d)
{
	const struct door_transaction *m = d->mail;
	for (size_t i = 0; i < m->n; i++)
		if (!relay_is_local(d->settings, m->v[i].address))
			return false;
	return !m->sender.len;
}

static struct intake_origin origin_of(struct door *d, struct arena *a)
{
	struct relay *r = d->port->relay;
	struct access_client who = door_client(d);
	const struct tls_report *tls = link_tls(d->link);
	const struct door_transaction *m = d->mail;
	return (struct intake_origin){
		.hostname = d->settings->hostname,
		.helo = smtp_server_client_name(d->smtp),
		.address = link_peer(d->link),
		.protocol = protocol_of(d, a),
		.tls = tls ? arena_printf(a, "%s, %s", tls->version, tls->cipher) : "",
		.recipient = m->n == 1 ? arena_str(a, m->v[0].address).p : "",
		.submission = access_may_relay(d->settings, &who) && !comes_back(d),
		.sender = m->sender,
		.now_ms = relay_now_ms(),
		.nonce = r->nonce++,
		.settings = door_is_stranger(d) ? NULL : d->settings,
		.account = d->account,
	};
}

/* More sessions than one may have asked for the last place. */
static const struct smtp_answer *judge_again(struct door *d)
{
	struct access_client who = door_client(d);
	return access_message(&who, (unsigned)d->mail->n, d->mail->arena);
}

static const struct smtp_answer *judge_message(struct door *d, struct intake_facts *facts,
					       struct store_body **body)
{
	struct door_transaction *m = d->mail;
	if (m->too_big)
		return too_big(d);
	if (smtp_server_body_odd(d->smtp) & (SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR))
		return &door_smuggled;
	if (smtp_server_body_odd(d->smtp) & SMTP_SERVER_NUL)
		return &has_nul;
	const struct smtp_answer *no = judge_again(d);
	if (!no)
		no = door_fit_message(d);
	if (no)
		return no;
	if (!m->intake)
		m->intake = intake_new(d->port->relay->store);
	struct intake_origin o = origin_of(d, m->arena);
	return intake_finish(m->intake, &o, m->arena, facts, body);
}

void door_message(struct door *d)
{
	struct intake_facts facts = { .trouble = NULL };
	struct store_body *body = NULL;
	const struct smtp_answer *no = judge_message(d, &facts, &body);
	if (no) {
		if (facts.trouble)
			door_tell_unkept(d->port->relay, facts.trouble);
		door_refuse(d, no);
		door_forget(d);
		if (no == &door_smuggled ||
		    no == &has_nul) /* whoever wrote it may have written what stands behind it */
			smtp_server_close(d->smtp, 421, "4.7.0", "Goodbye");
	} else {
		if (smtp_server_body_odd(d->smtp) & SMTP_SERVER_LONG_LINE)
			d->mail->flags |= STORE_LONG_LINES;
		door_accept(d, STEAL(d->mail), &facts, body);
	}
}
