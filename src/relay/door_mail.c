/* SPDX-License-Identifier: Apache-2.0 */
/* Envelope and message of one client: from MAIL to the 250 that can be trusted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "relay/door_inner.h"
#include "relay/guests.h"
#include "relay/usage.h"
#include "smtp/xtext.h"

/* One message with the store; outlives its door. */
struct door_accept {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	struct door *door; /* NULL: the client has gone */
	struct arena *arena;
	struct strlist lanes; /* that will have work */
	const char *account;  /* whose caps they count for; NULL: none */
	unsigned nrcpts;
};

void door_forget(struct door *d)
{
	struct door_transaction *m = d->mail;
	if (!m)
		return;
	intake_free(&m->intake);
	free(m->v);
	arena_free(&m->arena); /* m is in it */
	d->mail = NULL;
}

/* As it may be kept: decoded where it is xtext. */
static struct str plain_of(struct arena *a, struct str xtext)
{
	struct buf b = { .max = STORE_TEXT_MAX };
	struct str out = { "", 0 };
	if (smtp_xtext_decode(&b, xtext))
		out = arena_str(a, buf_str(&b));
	buf_clear(&b);
	return out;
}

static struct door_transaction *begin(const struct smtp_request *q)
{
	struct arena *a = arena_new();
	struct door_transaction *m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	m->sender = arena_str(a, q->path.address);
	m->envid = plain_of(a, q->envid);
	m->flags = (str_ieq(q->body, "8BITMIME") ? STORE_8BITMIME : 0) | (q->smtputf8 ? STORE_SMTPUTF8 : 0) |
		   (q->requiretls ? STORE_REQUIRETLS : 0) | (str_ieq(q->ret, "FULL") ? STORE_RET_FULL : 0) |
		   (str_ieq(q->ret, "HDRS") ? STORE_RET_HDRS : 0);
	return m;
}

static unsigned notify_of(struct str words)
{
	static const struct {
		const char *word;
		unsigned flag;
	} all[] = { { "NEVER", STORE_NOTIFY_NEVER },
		    { "SUCCESS", STORE_NOTIFY_SUCCESS },
		    { "FAILURE", STORE_NOTIFY_FAILURE },
		    { "DELAY", STORE_NOTIFY_DELAY } };
	unsigned flags = 0;
	struct str word;
	while (str_next(&words, ",", &word))
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			flags |= str_ieq(word, all[i].word) ? all[i].flag : 0;
	return flags;
}

/* A second RCPT for the same mailbox is one delivery. */
static bool has_rcpt(const struct door_transaction *m, struct str address)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].address.len == address.len &&
		    !strncasecmp(m->v[i].address.p, address.p, address.len))
			return true;
	return false;
}

static void add_rcpt(struct door_transaction *m, const struct smtp_request *q)
{
	if (has_rcpt(m, q->path.address))
		return;
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 4;
		m->v = mem_grow(m->v, m->room, sizeof(*m->v));
	}
	m->v[m->n++] = (struct store_rcpt){ .address = arena_str(m->arena, q->path.address),
					    .orcpt = arena_str(m->arena, q->orcpt),
					    .notify = notify_of(q->notify) };
}

static void on_mail(struct door *d, const struct smtp_request *q)
{
	struct access_client who = door_client(d);
	door_forget(d);
	struct door_transaction *m = begin(q);
	const struct smtp_answer *no = access_mail(d->settings, &who, q, m->arena);
	d->mail = m;
	if (no) {
		door_answer(d, no);
		door_forget(d);
	} else {
		door_say(d, 250, "2.1.0", "Sender ok");
	}
}

static void on_rcpt(struct door *d, const struct smtp_request *q)
{
	struct access_client who = door_client(d);
	struct door_transaction *m = d->mail;
	const struct smtp_answer *no = access_rcpt(d->settings, &who, m->sender, q, (unsigned)m->n, m->arena);
	if (no) {
		door_answer(d, no);
		return;
	}
	add_rcpt(m, q);
	door_say(d, 250, "2.1.5", "Recipient ok");
}

bool door_is_crowded(const struct door *d)
{
	const struct relay *r = d->port->relay;
	return r->ndoors > DOORS_MAX || (d->guests > DOOR_GUESTS_MAX && door_is_stranger(d));
}

static void on_greeting(struct door *d)
{
	struct relay *r = d->port->relay;
	char text[300];
	snprintf(text, sizeof(text), "%s ESMTP Postrider", d->settings->hostname);
	if (r->draining)
		smtp_server_close(d->smtp, 421, "4.3.2", door_draining);
	else if (r->ndoors > DOORS_MAX)
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

void door_command(struct door *d)
{
	const struct smtp_request *q = smtp_server_request(d->smtp);
	const struct smtp_answer *no = smtp_server_refusal(d->smtp);
	if (no) {
		door_answer(d, no);
		return;
	}
	if (is_enough(d, q->verb))
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
	if (size > (unsigned long long)most + DOOR_SPARE_BYTES)
		smtp_server_close(d->smtp, 552, "5.3.4", "The message is too big");
	if (m->too_big)
		return;
	if (!m->intake) {
		m->intake = intake_new(r->store);
		d->message_ms = net_loop_now_ms(r->loop);
	}
	(void)intake_add(m->intake, smtp_server_chunk(d->smtp));
}

static const struct smtp_answer smuggled = {
	550, "5.6.11",
	"A line of the message ends without CR LF, or has one of them alone: mend the sending program"
};
static const struct smtp_answer big = { 552, "5.3.4", "The message is too big" };

/* RFC 3848; RFC 6531, 4.3 */
static const char *protocol_of(const struct door *d, struct arena *a)
{
	bool utf8 = d->mail->flags & STORE_SMTPUTF8;
	if (!smtp_server_extended(d->smtp))
		return "SMTP";
	return arena_printf(a, "%s%s%s", utf8 ? "UTF8SMTP" : "ESMTP", smtp_server_has_tls(d->smtp) ? "S" : "",
			    d->account ? "A" : "");
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
		.submission = access_may_relay(d->settings, &who),
		.sender = m->sender,
		.now_ms = relay_now_ms(),
		.nonce = r->nonce++,
	};
}

/* The words that everybody may rely on: only when all is on disk. */
static void tell(struct door *d, const struct store_done *x)
{
	char id[STORE_ID_TEXT], text[600], words[400];
	d->messages++;
	d->commands = 0;
	if (x->verdict == STORE_DONE) {
		snprintf(text, sizeof(text), "queued as %s (durable)", store_id_text(x->id, id));
		d->port->relay->counts.taken++;
		door_say(d, 250, "2.0.0", text);
	} else if (x->verdict == STORE_DUPLICATE) {
		snprintf(text, sizeof(text), "already queued as %s", store_id_text(x->id, id));
		door_say(d, 250, "2.0.0", text);
	} else {
		snprintf(text, sizeof(text), "Not taken, nothing is lost: %s",
			 err_text(&x->err, words, sizeof(words)));
		door_say(d, 452, "4.3.1", text);
	}
}

/* They were counted when they were asked for; those that had come before don't count. */
static void settle_usage(const struct door_accept *w, const struct store_done *x)
{
	unsigned none = x->verdict == STORE_DONE ? x->duplicates : w->nrcpts;
	if (w->account && none)
		usage_withdraw(w->relay->usage, w->account, none);
}

static void on_stored(struct relay_ticket *t, const struct store_done *x)
{
	struct door_accept *w = (struct door_accept *)t;
	struct door *d = w->door;
	settle_usage(w, x);
	if (d) {
		d->accept = NULL;
		tell(d, x);
		door_go_on(d);
	}
	arena_free(&w->arena);
}

void door_accept_orphan(struct door *d)
{
	if (d->accept)
		d->accept->door = NULL;
}

static const char *lane_name(const struct relay_settings *s, struct str sender, struct str recipient,
			     struct arena *a)
{
	const struct relay_route *r = relay_route_find(s, sender, recipient);
	(void)a;
	return r ? r->name : "none";
}

/* Of the same account, to the same recipient: what came twice is sent once.  A list's copies
 * have one Message-ID and different senders. */
static struct str key_of(struct door *d, const struct intake_facts *f)
{
	struct door_transaction *m = d->mail;
	if (door_is_stranger(d))
		return STR_LIT(""); /* nobody may spend another's key */
	if (*f->key)
		return str_of(arena_printf(m->arena, "key %s", f->key));
	if (!*f->message_id || f->own_message_id)
		return STR_LIT("");
	return str_of(arena_printf(m->arena, "id " STR_FMT " %s", STR_ARG(m->sender), f->message_id));
}

static void schedule_rcpts(struct door *d, struct door_accept *w, int64_t now_ms)
{
	const struct relay_settings *s = d->settings;
	struct door_transaction *m = d->mail;
	for (size_t i = 0; i < m->n; i++) {
		struct store_rcpt *c = &m->v[i];
		c->lane = str_of(lane_name(s, m->sender, c->address, w->arena));
		c->state = STORE_QUEUED;
		c->next_ms = now_ms;
		c->expires_ms = now_ms + s->retry.expire_s * 1000LL;
		if (!strlist_has(&w->lanes, c->lane.p))
			strlist_add(&w->lanes, w->arena, c->lane.p);
	}
}

static const struct smtp_answer *hand_in(struct door *d, struct store_body *body,
					 const struct intake_facts *f)
{
	struct relay *r = d->port->relay;
	struct door_transaction *m = d->mail;
	struct arena *a = arena_new();
	struct door_accept *w = arena_alloc(a, sizeof(*w));
	struct err e = { 0 };
	char words[400];
	*w = (struct door_accept){ .ticket = { on_stored },
				   .relay = r,
				   .door = d,
				   .arena = a,
				   .account = d->account ? arena_strdup(a, d->account->name) : NULL,
				   .nrcpts = (unsigned)m->n };
	int64_t now_ms = relay_now_ms();
	schedule_rcpts(d, w, now_ms);
	const struct store_message message = {
		.arrived_ms = now_ms,
		.reverse_path = m->sender,
		.envid = m->envid,
		.flags = m->flags,
		.account = str_of(d->account ? d->account->name : ""),
		.listener = str_of(d->listen->where),
		.client = str_of(link_peer(d->link)),
		.message_id = str_of(f->message_id),
		.subject = str_of(f->subject),
		.from = str_of(f->from),
		.key = key_of(d, f),
		.config = str_of(d->settings->hash),
		.rcpts = m->v,
		.nrcpts = m->n,
	};
	if (store_accept(r->store, &body, &message, w, &e)) {
		d->accept = w;
		if (d->account)
			usage_add(r->usage, d->account->name, (unsigned)m->n, now_ms);
		return NULL;
	}
	arena_free(&a);
	struct smtp_answer *no = arena_alloc(m->arena, sizeof(*no));
	*no = (struct smtp_answer){ 452, "4.3.1",
				    arena_printf(m->arena, "Not taken, nothing is lost: %s",
						 err_text(&e, words, sizeof(words))) };
	return no;
}

static const struct smtp_answer *judge_message(struct door *d)
{
	struct door_transaction *m = d->mail;
	struct store_body *body = NULL;
	struct intake_facts facts;
	if (m->too_big)
		return &big;
	if (smtp_server_body_odd(d->smtp) & (SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR | SMTP_SERVER_NUL))
		return &smuggled;
	if (!m->intake)
		m->intake = intake_new(d->port->relay->store);
	struct intake_origin o = origin_of(d, m->arena);
	const struct smtp_answer *no = intake_finish(m->intake, &o, m->arena, &facts, &body);
	return no ? no : hand_in(d, body, &facts);
}

void door_message(struct door *d)
{
	const struct smtp_answer *no = judge_message(d);
	if (no)
		door_answer(d, no);
	door_forget(d);
}
