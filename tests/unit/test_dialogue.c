/* SPDX-License-Identifier: Apache-2.0 */
/* Our client and our server, joined by memory: whole dialogues, in pieces of any size. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/dialogue_pair.h"

#include "base/base64.h"

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
	if (pair_code(p) != 220 || !smtp_client_ehlo(p->c, "me", NULL) || pair_code(p) != 250)
		return false;
	if (!smtp_client_starttls(p->c, NULL) || pair_code(p) != 220)
		return false;
	while (!p->tls_server && pair_to_server(p))
		;
	assert_true(p->tls_server);
	smtp_client_tls_done(p->c, 0);
	smtp_server_tls_done(p->s, 0);
	return smtp_client_ehlo(p->c, "me", NULL) && pair_code(p) == 250;
}

static bool send_message(struct pair *p)
{
	size_t took;
	if (!smtp_client_data(p->c, NULL))
		return false;
	if (pair_code(p) != 250 || pair_code(p) != 250 || pair_code(p) != 250 || pair_code(p) != 354)
		return false;
	return smtp_client_body(p->c, str_of(message), &took, NULL) && took == strlen(message) &&
	       smtp_client_body_end(p->c, NULL) && pair_code(p) == 250;
}

static bool dialogue(struct pair *p)
{
	struct smtp_mail_params params = { .size = 40, .eightbit = true, .ret = "HDRS", .envid = "a+2B" };
	if (!go_secure(p) ||
	    !smtp_client_auth(p->c, SASL_SCRAM_SHA_256, mechanism(SASL_SCRAM_SHA_256, "pencil"), true,
			      NULL) ||
	    pair_code(p) != 235)
		return false;
	assert_true(smtp_client_authenticated(p->c) && smtp_server_authenticated(p->s));
	for (unsigned i = 0; i < 2; i++) {
		assert_true(smtp_client_mail(p->c, "a@b.test", &params, NULL));
		assert_true(smtp_client_rcpt(p->c, "\"c d\"@e.test", "NEVER", NULL, NULL));
		assert_true(smtp_client_rcpt(p->c, "f@g.test", NULL, "rfc822;f@g.test", NULL));
		if (!send_message(p))
			return false;
	}
	return smtp_client_quit(p->c, NULL) && pair_code(p) == 221;
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
			assert_int_equal(pair_code(&p), 220);
			assert_true(smtp_client_ehlo(p.c, "me", NULL));
			assert_int_equal(pair_code(&p), 250);
			assert_true(smtp_client_auth(p.c, logins[i].m,
						     mechanism(logins[i].m, logins[i].password),
						     logins[i].initial, NULL));
			assert_int_equal(pair_code(&p), logins[i].code);
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
		assert_int_equal(pair_code(&p), 220);
		assert_true(smtp_client_ehlo(p.c, "me", NULL));
		assert_int_equal(pair_code(&p), 250);
		assert_true(smtp_client_mail(p.c, "", NULL, NULL));
		assert_true(smtp_client_rcpt(p.c, "a@b.test", NULL, NULL, NULL));
		assert_true(smtp_client_bdat(p.c, str_of(part), false, NULL));
		assert_true(smtp_client_bdat(p.c, str_of(part), true, NULL));
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(pair_code(&p), 250);
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
