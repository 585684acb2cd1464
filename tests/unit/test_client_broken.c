/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that say what nobody asked for, or too early, or nothing, or no SMTP. */
#include <string.h>

#include "tests/unit/client_talk.h"

static void test_421_unasked(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250 mx\r\n");
	assert_int_equal(hear(&t, "421 too long idle\r\n"), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_NONE);
	assert_false(smtp_client_mail(t.c, "a@b", NULL, NULL));
	assert_true(smtp_client_quit(t.c, &t.e));
}

/* A reply that came before our command left cannot answer it. */
static void test_reply_before_the_command_left(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250 mx\r\n");
	assert_true(smtp_client_rset(t.c, &t.e));
	assert_int_equal(hear(&t, "250 early\r\n"), SMTP_EVENT_BROKEN);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_NONE);
	assert_int_equal(t.e.kind, ERR_PROTOCOL);
	assert_true(str_eq(smtp_client_raw(t.c), "250 early\r\n"));
	assert_int_equal(hear(&t, "250 ok\r\n"), SMTP_EVENT_BROKEN);
	assert_false(smtp_client_quit(t.c, NULL));
}

static void test_deadlines(void **state)
{
	(void)state;
	struct smtp_client_options o = { .timeout_ms = { [SMTP_CMD_EHLO] = 50 } };
	CLEANUP(smtp_client_free) struct smtp_client *c = smtp_client_new(&o);
	size_t used;
	assert_int_equal(smtp_client_deadline_ms(c), UINT64_MAX);
	smtp_client_connected(c, 100);
	assert_int_equal(smtp_client_deadline_ms(c), 100 + 300000);
	assert_int_equal(smtp_client_feed(c, "220 x\r\n", 7, &used, 200, NULL), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_deadline_ms(c), UINT64_MAX);
	assert_true(smtp_client_ehlo(c, "me", NULL));
	assert_int_equal(smtp_client_tick(c, 5000), SMTP_EVENT_NONE); /* it waits to be written from now on */
	assert_int_equal(smtp_client_deadline_ms(c), 5050);
	smtp_client_sent(c, 4, 5020);
	assert_int_equal(smtp_client_deadline_ms(c), 5070);
	smtp_client_sent(c, smtp_client_output(c).len, 5040);
	assert_int_equal(smtp_client_deadline_ms(c), 5090);
	assert_int_equal(smtp_client_feed(c, "250-x\r\n", 7, &used, 5080, NULL), SMTP_EVENT_NONE);
	assert_int_equal(smtp_client_tick(c, 5089), SMTP_EVENT_NONE);
	assert_int_equal(smtp_client_tick(c, 5090), SMTP_EVENT_TIMEOUT);
	assert_int_equal(smtp_client_deadline_ms(c), UINT64_MAX); /* told once */
	assert_int_equal(smtp_client_raw(c).len, 7);
}

static void test_broken(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	assert_int_equal(hear(&t, "SSH-2.0-x\r\n"), SMTP_EVENT_BROKEN);
	assert_true(str_eq(smtp_client_raw(t.c), "SSH-2.0-x\r\n"));
	assert_int_equal(t.e.kind, ERR_PROTOCOL);
	assert_int_equal(hear(&t, "220 x\r\n"), SMTP_EVENT_BROKEN);
	assert_false(smtp_client_quit(t.c, NULL));
	spoke(&t, "< SSH-2.0-x\\x0d\\x0a");
}

static void test_plaintext_after_starttls(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250-mx\r\n250 STARTTLS\r\n");
	assert_true(smtp_client_starttls(t.c, &t.e));
	writes(&t, "STARTTLS\r\n");
	static const char reply[] = "220 go\r\n250 injected\r\n";
	size_t used;
	assert_int_equal(smtp_client_feed(t.c, reply, strlen(reply), &used, t.now, &t.e),
			 SMTP_EVENT_START_TLS);
	assert_int_equal(used, 8); /* the rest is the driver's evidence */
	assert_int_equal(hear(&t, reply + 8), SMTP_EVENT_BROKEN);
	smtp_client_tls_done(t.c, t.now);
	assert_null(smtp_client_ehlo_answer(t.c));
	assert_false(smtp_client_mail(t.c, "a@b", NULL, NULL));
	assert_true(smtp_client_ehlo(t.c, "me", &t.e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_421_unasked),
		cmocka_unit_test(test_reply_before_the_command_left),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_plaintext_after_starttls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
