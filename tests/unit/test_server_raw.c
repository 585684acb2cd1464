/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server_lab.h"

/* Bytes out of a fault's script count as their code, whatever the engine thinks of the command. */
static const struct raw_case {
	const char *name, *command;
	unsigned code;
	const char *next; /* a command whose default answer shows the state */
	unsigned next_code;
} raw_cases[] = {
	{ "no answer, no effect", "EHLO me\r\n", 0, "MAIL FROM:<a@b>\r\n", 503 },
	{ "accepted", "EHLO me\r\n", 250, "MAIL FROM:<a@b>\r\n", 250 },
	{ "refused", "EHLO me\r\n", 550, "MAIL FROM:<a@b>\r\n", 503 },
	{ "accepted against order", "MAIL FROM:<a@b>\r\n", 250, "RCPT TO:<c@d>\r\n", 250 },
	{ "data against order", "DATA\r\n", 354, ".\r\n", 250 },
	{ "421 does not close", "NOOP\r\n", 421, "NOOP\r\n", 250 },
	{ "221 does not close", "QUIT\r\n", 221, "NOOP\r\n", 250 },
	{ "tls not taken", "STARTTLS\r\n", 454, "NOOP\r\n", 250 },
};

static void test_raw_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(raw_cases); i++) {
		CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
		server_lab_greet(&l);
		assert_int_equal(server_lab_give(l.s, raw_cases[i].command), SMTP_SERVER_COMMAND);
		smtp_server_reply_raw(l.s, raw_cases[i].code, STR_LIT(""));
		assert_false(smtp_server_waits(l.s));
		assert_int_equal(server_lab_sent_all(l.s), SMTP_SERVER_NONE);
		assert_int_not_equal(server_lab_give(l.s, raw_cases[i].next), SMTP_SERVER_NONE);
		assert_int_equal(smtp_server_default_reply(l.s), raw_cases[i].next_code);
		assert_int_equal(smtp_server_default_reply(l.s), 0); /* nothing waits any more */
	}
}

static void test_raw_bytes_go_out_as_they_are(void **state)
{
	(void)state;
	static const char bytes[] = "250-a\n\x01\r\n";
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	smtp_server_reply_raw(l.s, 220, str_of(bytes));
	assert_true(str_eq(smtp_server_output(l.s), bytes));
}

/* 220 to STARTTLS went out past the engine: the hand-over is announced, once. */
static void test_raw_starttls(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(server_lab_give(l.s, "STARTTLS\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	smtp_server_reply_raw(l.s, 220, STR_LIT(""));
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_START_TLS_READY);
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	assert_int_equal(server_lab_give(l.s, "MAIL FROM:<a@b>\r\n"), SMTP_SERVER_NONE);
	smtp_server_tls_done(l.s, 0);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(server_lab_give(l.s, "STARTTLS\r\n"),
			 SMTP_SERVER_COMMAND); /* a second 220 changes nothing */
	smtp_server_reply_raw(l.s, 220, STR_LIT(""));
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	assert_int_equal(server_lab_give(l.s, "NOOP\r\n"), SMTP_SERVER_COMMAND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw_answers),
		cmocka_unit_test(test_raw_bytes_go_out_as_they_are),
		cmocka_unit_test(test_raw_starttls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
