/* SPDX-License-Identifier: Apache-2.0 */
/* Our client and our server, joined by memory: whole dialogues, in pieces of any size. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "smtp/client.h"
#include "smtp/sasl_server.h"
#include "smtp/server.h"

enum { STEPS_MAX = 100000 };

struct pair {
	struct smtp_client *c;
	struct smtp_server *s;
	struct sasl_server *login;
	size_t piece;     /* most bytes that cross at once */
	unsigned shut_at; /* the answer that is a 421 instead; 0 never */
	unsigned answers;
	bool tls_client, tls_server, closed;
	struct buf body;
	unsigned messages, body_odd;
};

static const struct sasl_account account = { .password = "pencil" };

static bool lookup(void *ctx, const char *user, struct sasl_account *out)
{
	(void)ctx;
	*out = account;
	return !strcmp(user, "user");
}

static struct pair pair_new(size_t piece, unsigned extensions, unsigned shut_at)
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

static void pair_clear(struct pair *p)
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

/* The client's bytes to the server; true when any went. */
static bool to_server(struct pair *p)
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
		moved |= to_server(p);
		if (!moved)
			return SMTP_EVENT_NONE;
	}
	fail();
	return ev;
}

/* The code of the next reply; 0: there is none, or it is a 421. */
static unsigned code(struct pair *p)
{
	enum smtp_event ev = wait(p);
	while (ev == SMTP_EVENT_CHALLENGE)
		ev = wait(p);
	if (ev != SMTP_EVENT_REPLY && ev != SMTP_EVENT_START_TLS)
		return 0;
	return smtp_client_reply(p->c)->code == 421 ? 0 : smtp_client_reply(p->c)->code;
}

static struct sasl_client *mechanism(enum sasl_mechanism m, const char *password)
{
	static struct sasl_credentials k;
	k = (struct sasl_credentials){ .user = "user", .secret = password, .host = "mx.test", .port = 587 };
	return sasl_client_new(m, &k, NULL);
}

static const char message[] = "Subject: x\r\n\r\n.\r\n..dots\r\nend.\r\n";

/* Greeting, EHLO, STARTTLS, EHLO, login; false: it was shut. */
static bool go_secure(struct pair *p)
{
	if (code(p) != 220 || !smtp_client_ehlo(p->c, "me", NULL) || code(p) != 250)
		return false;
	if (!smtp_client_starttls(p->c, NULL) || code(p) != 220)
		return false;
	while (!p->tls_server && to_server(p))
		;
	assert_true(p->tls_server);
	smtp_client_tls_done(p->c, 0);
	smtp_server_tls_done(p->s, 0);
	return smtp_client_ehlo(p->c, "me", NULL) && code(p) == 250;
}

static bool send_message(struct pair *p)
{
	size_t took;
	if (!smtp_client_data(p->c, NULL))
		return false;
	if (code(p) != 250 || code(p) != 250 || code(p) != 250 || code(p) != 354)
		return false;
	return smtp_client_body(p->c, str_of(message), &took, NULL) && took == strlen(message) &&
	       smtp_client_body_end(p->c, NULL) && code(p) == 250;
}

static bool dialogue(struct pair *p)
{
	struct smtp_mail_params params = { .size = 40, .eightbit = true, .ret = "HDRS", .envid = "a+2B" };
	if (!go_secure(p) ||
	    !smtp_client_auth(p->c, SASL_SCRAM_SHA_256, mechanism(SASL_SCRAM_SHA_256, "pencil"), true,
			      NULL) ||
	    code(p) != 235)
		return false;
	assert_true(smtp_client_authenticated(p->c) && smtp_server_authenticated(p->s));
	for (unsigned i = 0; i < 2; i++) {
		assert_true(smtp_client_mail(p->c, "a@b.test", &params, NULL));
		assert_true(smtp_client_rcpt(p->c, "\"c d\"@e.test", "NEVER", NULL, NULL));
		assert_true(smtp_client_rcpt(p->c, "f@g.test", NULL, "rfc822;f@g.test", NULL));
		if (!send_message(p))
			return false;
	}
	return smtp_client_quit(p->c, NULL) && code(p) == 221;
}

enum {
	OFFER = SMTP_EXT_PIPELINING | SMTP_EXT_SIZE | SMTP_EXT_STARTTLS | SMTP_EXT_AUTH | SMTP_EXT_8BITMIME |
		SMTP_EXT_CHUNKING | SMTP_EXT_DSN
};

static void test_whole_dialogue_in_all_pieces(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 120; piece++) {
		CLEANUP(pair_clear) struct pair p = pair_new(piece, OFFER, 0);
		assert_true(dialogue(&p));
		assert_int_equal(p.messages, 2);
		assert_int_equal(p.body_odd, 0);
		assert_int_equal(buf_waiting(&p.body), 2 * strlen(message));
		assert_memory_equal(buf_str(&p.body).p, message, strlen(message));
		assert_true(p.closed);
	}
}

/* The server shuts at its n-th answer: the client learns it by a 421, whichever
 * command it was, and has nothing left to say but QUIT. */
static void test_421_at_every_answer(void **state)
{
	(void)state;
	unsigned answers = 0;
	for (unsigned at = 1; at < 40; at++) {
		CLEANUP(pair_clear) struct pair p = pair_new(7, OFFER, at);
		bool whole = dialogue(&p);
		if (whole) {
			answers = p.answers;
			break;
		}
		assert_int_equal(smtp_client_reply(p.c)->code, 421);
		assert_true(p.closed);
		assert_false(smtp_client_mail(p.c, "a@b.test", NULL, NULL));
	}
	assert_true(answers > 15);
}

static const struct {
	enum sasl_mechanism m;
	bool initial;
	const char *password;
	unsigned code;
} logins[] = {
	{ SASL_PLAIN, true, "pencil", 235 },
	{ SASL_PLAIN, false, "pencil", 235 },
	{ SASL_LOGIN, true, "pencil", 235 },
	{ SASL_LOGIN, false, "pencil", 235 },
	{ SASL_CRAM_MD5, true, "pencil", 235 },
	{ SASL_SCRAM_SHA_256, false, "pencil", 235 },
	{ SASL_SCRAM_SHA_256, true, "pencil", 235 },
	{ SASL_PLAIN, true, "wrong-pencil", 535 },
	{ SASL_LOGIN, false, "wrong-pencil", 535 },
	{ SASL_CRAM_MD5, false, "wrong-pencil", 535 },
	{ SASL_SCRAM_SHA_256, true, "wrong-pencil", 535 },
	{ SASL_XOAUTH2, true, "token", 504 },
};

static void check_no_secret_was_spoken(struct smtp_client *c, const char *password)
{
	CLEANUP(buf_clear) struct buf coded = { 0 };
	char dir;
	char *line;
	base64_encode(&coded, str_of(password));
	buf_add(&coded, "", 1);
	while ((line = smtp_client_take_spoken(c, &dir)) != NULL) {
		assert_null(strstr(line, password));
		assert_null(strstr(line, buf_str(&coded).p));
		assert_null(strstr(line, "AHVzZXIA")); /* NUL "user" NUL */
		free(line);
	}
}

static void test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logins); i++)
		for (size_t piece = 1; piece < 60; piece += 7) {
			CLEANUP(pair_clear) struct pair p = pair_new(piece, OFFER, 0);
			assert_int_equal(code(&p), 220);
			assert_true(smtp_client_ehlo(p.c, "me", NULL));
			assert_int_equal(code(&p), 250);
			assert_true(smtp_client_auth(p.c, logins[i].m,
						     mechanism(logins[i].m, logins[i].password),
						     logins[i].initial, NULL));
			assert_int_equal(code(&p), logins[i].code);
			assert_int_equal(smtp_client_authenticated(p.c), logins[i].code == 235);
			assert_int_equal(smtp_client_auth(p.c, SASL_PLAIN, mechanism(SASL_PLAIN, "x"), true,
							  NULL),
					 logins[i].code != 235);
			check_no_secret_was_spoken(p.c, logins[i].password);
		}
}

static void test_bdat_between_both(void **state)
{
	(void)state;
	static const char part[] = "bare\nLF, bare\rCR\r\n.\r\n";
	for (size_t piece = 1; piece < 90; piece++) {
		CLEANUP(pair_clear) struct pair p = pair_new(piece, OFFER, 0);
		assert_int_equal(code(&p), 220);
		assert_true(smtp_client_ehlo(p.c, "me", NULL));
		assert_int_equal(code(&p), 250);
		assert_true(smtp_client_mail(p.c, "", NULL, NULL));
		assert_true(smtp_client_rcpt(p.c, "a@b.test", NULL, NULL, NULL));
		assert_true(smtp_client_bdat(p.c, str_of(part), false, NULL));
		assert_true(smtp_client_bdat(p.c, str_of(part), true, NULL));
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(code(&p), 250);
		assert_int_equal(p.messages, 1);
		assert_int_equal(buf_waiting(&p.body), 2 * strlen(part));
		assert_int_equal(p.body_odd, SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_dialogue_in_all_pieces),
		cmocka_unit_test(test_421_at_every_answer),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_bdat_between_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
