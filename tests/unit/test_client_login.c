/* SPDX-License-Identifier: Apache-2.0 */
/* Logins whose server says what no server should, or says back what it must not. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/client_talk.h"

/* A client that has said AUTH by m, and nothing of it is written yet. */
static struct talk logging_in(enum sasl_mechanism m, const char *secret)
{
	static struct sasl_credentials k;
	struct talk t = talk_new();
	k = (struct sasl_credentials){ .user = "user", .secret = secret, .host = "mx.test", .port = 587 };
	greeted(&t, "250-mx\r\n250 AUTH X\r\n");
	assert_true(smtp_client_auth(t.c, m, sasl_client_new(m, &k, NULL), true, &t.e));
	return t;
}

static void written(struct talk *t)
{
	smtp_client_sent(t->c, smtp_client_output(t->c).len, t->now);
}

/* Answers AUTH with this challenge, to which the client says `want`, and ends with `last`. */
static void scripted_login(enum sasl_mechanism m, const char *challenge, const char *want, unsigned last,
			   bool our_error)
{
	CLEANUP(talk_clear) struct talk t = logging_in(m, "token");
	char reply[128];
	written(&t);
	snprintf(reply, sizeof(reply), "334 %s\r\n", challenge);
	assert_int_equal(hear(&t, reply), SMTP_EVENT_CHALLENGE);
	writes(&t, want);
	snprintf(reply, sizeof(reply), "%u x\r\n", last);
	assert_int_equal(hear(&t, reply), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_AUTH);
	assert_int_equal(smtp_client_auth_err(t.c) != NULL, our_error);
	assert_false(smtp_client_authenticated(t.c));
}

static void test_hostile_challenges(void **state)
{
	(void)state;
	/* a refused token: why, then an empty line, then 535 */
	scripted_login(SASL_XOAUTH2, "eyJzdGF0dXMiOiI0MDAifQ==", "\r\n", 535, false);
	scripted_login(SASL_OAUTHBEARER, "eyJzdGF0dXMiOiI0MDAifQ==", "AQ==\r\n", 535, false);
	scripted_login(SASL_CRAM_MD5, "not base64!", "*\r\n", 501, true);
	scripted_login(SASL_SCRAM_SHA_256, "cj1vdGhlcg==", "*\r\n", 501, true);
	/* believed by nobody: 235 after "*", and 235 without the server's signature */
	scripted_login(SASL_CRAM_MD5, "!", "*\r\n", 235, true);
}

static void test_235_without_proof(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = logging_in(SASL_SCRAM_SHA_256, "x");
	written(&t);
	assert_int_equal(hear(&t, "235 ok\r\n"), SMTP_EVENT_REPLY);
	assert_false(smtp_client_authenticated(t.c));
	assert_non_null(smtp_client_auth_err(t.c));
}

/* "501 Cannot decode AHVz...": what we sent is not shown because the peer says it back. */
static void test_an_echoed_secret_is_hidden(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = logging_in(SASL_PLAIN, "xyz");
	CLEANUP(arena_free) struct arena *a = arena_new();
	char dir;
	char *line;
	const char *last = "";
	writes(&t, "AUTH PLAIN AHVzZXIAeHl6\r\n");
	assert_int_equal(hear(&t, "501 bad AHVzZXIAeHl6 and AHVzZXIAeHl6\r\n"), SMTP_EVENT_REPLY);
	while ((line = smtp_client_take_spoken(t.c, &dir)) != NULL) {
		last = arena_strdup(a, line);
		free(line);
	}
	assert_string_equal(last, "501 bad [hidden] and [hidden]");
	assert_string_equal(smtp_client_hide(t.c, a, "x AHVzZXIAeHl6"), "x [hidden]");
	assert_string_equal(smtp_client_hide(t.c, a, "x"), "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_challenges),
		cmocka_unit_test(test_235_without_proof),
		cmocka_unit_test(test_an_echoed_secret_is_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
