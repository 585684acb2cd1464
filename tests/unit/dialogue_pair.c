/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/unit/dialogue_pair.h"

enum { STEPS_MAX = 100000 };

static const struct sasl_account account = { .password = "pencil" };

static bool lookup(void *ctx, const char *user, struct sasl_account *out)
{
	(void)ctx;
	*out = account;
	return !strcmp(user, "user");
}

struct pair pair_new(size_t piece, unsigned extensions, unsigned shut_at)
{
	struct smtp_server_options o = { .name = "mx.test",
					 .extensions = extensions,
					 .size = 0,
					 .auth = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256" };
	struct pair p = {
		.c = smtp_client_new(NULL), .s = smtp_server_new(&o), .piece = piece, .shut_at = shut_at
	};
	smtp_client_connected(p.c, 0);
	smtp_server_connected(p.s, 0);
	return p;
}

void pair_clear(struct pair *p)
{
	smtp_client_free(&p->c);
	smtp_server_free(&p->s);
	sasl_server_free(&p->login);
	buf_clear(&p->body);
}

static void login_step(struct pair *p, const struct str *response)
{
	CLEANUP(buf_wipe) struct buf challenge = { 0 };
	switch (sasl_server_step(p->login, response, &challenge)) {
	case SASL_SERVER_CHALLENGE:
		smtp_server_challenge(p->s, buf_str(&challenge));
		break;
	case SASL_SERVER_DONE:
		smtp_server_reply(p->s, 235, "2.7.0", "Welcome");
		break;
	default:
		smtp_server_reply(p->s, 535, "5.7.8", "No");
		break;
	}
}

static void login_begin(struct pair *p)
{
	static const struct sasl_server_options o = { .lookup = lookup,
						      .host = "mx.test",
						      .salt_key = { "key", 3 } };
	const struct smtp_request *r = smtp_server_request(p->s);
	sasl_server_free(&p->login);
	p->login = sasl_server_new(r->mechanism, &o);
	login_step(p, r->has_initial ? &r->initial : NULL);
}

static void answer(struct pair *p, enum smtp_server_event ev)
{
	struct str response;
	bool login = smtp_server_request(p->s)->verb == SMTP_VERB_AUTH && !smtp_server_refusal(p->s);
	if (++p->answers == p->shut_at)
		smtp_server_close(p->s, 421, "4.3.2", "Shutting down");
	else if (login && ev == SMTP_SERVER_COMMAND)
		login_begin(p);
	else if (login && ev == SMTP_SERVER_AUTH_RESPONSE && smtp_server_response(p->s, &response))
		login_step(p, &response);
	else
		smtp_server_default_reply(p->s);
}

static void on_server_event(struct pair *p, enum smtp_server_event ev)
{
	struct str chunk = smtp_server_chunk(p->s);
	if (ev == SMTP_SERVER_BODY)
		buf_add(&p->body, chunk.p, chunk.len);
	if (ev == SMTP_SERVER_BODY_END) {
		p->messages++;
		p->body_odd |= smtp_server_body_odd(p->s);
	}
	if (smtp_server_waits(p->s))
		answer(p, ev);
}

bool pair_to_server(struct pair *p)
{
	struct str out = str_cut(smtp_client_output(p->c), 0, p->piece);
	size_t used;
	enum smtp_server_event ev;
	if (p->closed)
		return false;
	ev = smtp_server_feed(p->s, out.p, out.len, &used, 0);
	if (used)
		smtp_client_sent(p->c, used, 0);
	on_server_event(p, ev);
	return used || ev != SMTP_SERVER_NONE;
}

/* The server's bytes to the client, until it has an event. */
static bool to_client(struct pair *p, enum smtp_event *ev)
{
	struct str out = str_cut(smtp_server_output(p->s), 0, p->piece);
	struct err e = { 0 };
	size_t used;
	*ev = SMTP_EVENT_NONE;
	if (!out.len)
		return false;
	*ev = smtp_client_feed(p->c, out.p, out.len, &used, 0, &e);
	enum smtp_server_event over = smtp_server_sent(p->s, used, 0);
	p->closed |= over == SMTP_SERVER_CLOSED;
	p->tls_server |= over == SMTP_SERVER_START_TLS_READY;
	return true;
}

/* Runs both until the client has an event; NONE: nothing moves any more. */
static enum smtp_event wait(struct pair *p)
{
	enum smtp_event ev = SMTP_EVENT_NONE;
	if (p->answers == 0)
		on_server_event(p, SMTP_SERVER_NONE); /* the greeting */
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		bool moved = to_client(p, &ev);
		if (ev != SMTP_EVENT_NONE)
			return ev;
		moved |= pair_to_server(p);
		if (!moved)
			return SMTP_EVENT_NONE;
	}
	fail();
	return ev;
}

unsigned pair_code(struct pair *p)
{
	enum smtp_event ev = wait(p);
	while (ev == SMTP_EVENT_CHALLENGE)
		ev = wait(p);
	if (ev != SMTP_EVENT_REPLY && ev != SMTP_EVENT_START_TLS)
		return 0;
	return smtp_client_reply(p->c)->code == 421 ? 0 : smtp_client_reply(p->c)->code;
}
