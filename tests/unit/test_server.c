/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server_lab.h"

#include <string.h>

static const struct dialogue {
	const char *name, *in;
	const char *codes; /* of all replies, the greeting first */
	const char *body;
} dialogues[] = {
	{ "one mail", "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n..x\r\ny\r\n.\r\nQUIT\r\n",
	  "220 250 250 250 354 250 221 ", ".x\r\ny\r\n" },
	{ "helo, bare LF", "helo me\nmail from:<>\nrcpt to:<c@d>\nquit\n", "220 250 250 250 221 ", "" },
	{ "two mails pipelined",
	  "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n1\r\n.\r\nMAIL FROM:<a@b>\r\n"
	  "RCPT TO:<c@d>\r\nDATA\r\n2\r\n.\r\n",
	  "220 250 250 250 354 250 250 250 354 250 ", "1\r\n2\r\n" },
	{ "empty message", "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n",
	  "220 250 250 250 354 250 ", "" },
	{ "order", "MAIL FROM:<a@b>\r\nEHLO me\r\nRCPT TO:<c@d>\r\nDATA\r\nBDAT 1\r\nx",
	  "220 503 250 503 503 503 ", "" },
	{ "nested MAIL", "EHLO me\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\nRSET\r\nMAIL FROM:<a@b>\r\n",
	  "220 250 250 503 250 250 ", "" },
	{ "EHLO forgets the transaction", "EHLO me\r\nMAIL FROM:<a@b>\r\nEHLO me\r\nRCPT TO:<c@d>\r\n",
	  "220 250 250 250 503 ", "" },
	{ "all refused", "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c>\r\nDATA\r\n", "220 250 250 501 554 ",
	  "" },
	{ "grammar",
	  "EHLO\r\nFOO\r\n\r\n NOOP\r\nEHLO me\r\nMAIL <a@b>\r\nMAIL FROM:<a b@c>\r\nMAIL FROM:<a@b> X=1\r\n"
	  "MAIL FROM:<a@b> SIZE=x\r\nMAIL FROM:<a@b> SIZE=2000\r\nMAIL FROM:<gr\xc3\xbc@b>\r\nDATA x\r\n"
	  "RSET x\r\nVRFY\r\nVRFY x\r\nEXPN x\r\nHELP\r\nNOOP x\r\n",
	  "220 501 500 500 500 250 501 501 555 501 552 553 503 501 501 252 502 214 250 ", "" },
	{ "params",
	  "EHLO me\r\nMAIL FROM:<gr\xc3\xbc@b> SMTPUTF8 BODY=8BITMIME SIZE=10 RET=HDRS ENVID=a+2Bb\r\n"
	  "RCPT TO:<\xc3\xbc@d> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d\r\nRCPT TO:<c@d> NOTIFY=NEVER,DELAY\r\n"
	  "RCPT TO:<c@d> ORCPT=x\r\nRCPT TO:<>\r\n",
	  "220 250 250 250 501 501 501 ", "" },
	{ "the same parameter twice", "EHLO me\r\nMAIL FROM:<a@b> SIZE=1 size=2\r\n", "220 250 501 ", "" },
	{ "control bytes", "EHLO m\x01\r\nEHLO m\re\r\nNOOP\r\n", "220 500 500 250 ", "" },
	{ "auth is refused", "EHLO me\r\nAUTH PLAIN AGEAYg==\r\nAUTH FOO\r\nAUTH PLAIN !\r\nAUTH\r\n",
	  "220 250 535 504 501 501 ", "" },
	{ "auth before EHLO", "AUTH PLAIN AGEAYg==\r\n", "220 503 ", "" },
	{ "bdat",
	  "EHLO me\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\nBDAT 7\r\na\r\n.\r\nx"
	  "BDAT 0 LAST\r\nNOOP\r\n",
	  "220 250 250 250 250 250 250 ", "a\r\n.\r\nx" },
	{ "bdat then data", "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 1\r\nxDATA\r\nRSET\r\n",
	  "220 250 250 250 250 503 250 ", "x" },
	{ "bdat last at once", "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3 LAST\r\nabcNOOP\r\n",
	  "220 250 250 250 250 250 ", "abc" },
	{ "refused bdat is passed over", "EHLO me\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", "220 250 503 250 ",
	  "" },
	{ "bdat without a size", "EHLO me\r\nBDAT x\r\nBDAT\r\n", "220 250 501 501 ", "" },
	/* RFC 3030, 2: what follows is not the whole message */
	{ "nothing behind a refused chunk",
	  "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 1\r\nxBDAT 2 FOO\r\nyyBDAT 1 "
	  "LAST\r\nzDATA\r\nRSET\r\n"
	  "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 0\r\n",
	  "220 250 250 250 250 501 503 503 250 250 250 250 ", "x" },
	{ "nothing behind a chunk before RCPT",
	  "EHLO me\r\nMAIL FROM:<a@b>\r\nBDAT 1\r\nxRCPT TO:<c@d>\r\nBDAT 1 LAST\r\nyDATA\r\n",
	  "220 250 250 503 250 503 503 ", "" },
	/* RFC 3461, 4.2 and 4.4: printable, since it goes into headers; RFC 6533, 3; RFC 1870, 6 */
	{ "what parameters mean",
	  "EHLO me\r\nMAIL FROM:<a@b> ENVID=a+0D+0AX\r\nMAIL FROM:<a@b> ENVID=+00\r\nMAIL FROM:<a@b> "
	  "ENVID=a+20b\r\n"
	  "RCPT TO:<c@d> ORCPT=rfc822;c+0D+0Ax\r\nRCPT TO:<c@d> ORCPT=r\"c;c@d\r\nRCPT TO:<c@d> "
	  "ORCPT=rfc822;c+3Dx@d\r\n"
	  "RCPT TO:<c@d> ORCPT=utf-8;\xc3\xbc@d\r\nRSET\r\nMAIL FROM:<a@b> SMTPUTF8\r\n"
	  "RCPT TO:<c@d> ORCPT=utf-8;\xc3\xbc@d\r\nRCPT TO:<c@d> ORCPT=utf-8;\xc3@d\r\n"
	  "RCPT TO:<c@d> ORCPT=rfc822;\xc3\xbc@d\r\nRSET\r\nMAIL FROM:<a@b> SIZE=99999999999999999999\r\n"
	  "MAIL FROM:<a@b> SIZE=999999999999999999999\r\n",
	  "220 250 501 501 250 501 501 250 501 250 250 250 501 501 250 552 501 ", "" },
	{ "binary needs bdat", "EHLO me\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\nDATA\r\n",
	  "220 250 250 250 503 ", "" },
};

static void test_dialogues_cut_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dialogues); i++)
		for (size_t cut = 0; cut <= strlen(dialogues[i].in); cut++) {
			CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
			server_lab_greet(&l);
			server_lab_feed_cut(&l, str_of(dialogues[i].in), cut);
			buf_add(&l.said, "", 1);
			assert_string_equal(buf_str(&l.said).p, dialogues[i].codes);
			assert_true(str_eq(buf_str(&l.body), dialogues[i].body));
		}
}

static void test_body_oddities(void **state)
{
	(void)state;
	char long_line[1100];
	memset(long_line, 'x', sizeof(long_line));
	for (size_t n = 998; n <= 999; n++) {
		CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
		server_lab_greet(&l);
		server_lab_feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"));
		server_lab_feed(&l, (struct str){ long_line, n });
		server_lab_feed(&l, STR_LIT("\r\n.\r\n"));
		assert_int_equal(l.odd, n > 998 ? SMTP_SERVER_LONG_LINE : 0);
	}
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\0.\r\n.\r\n"));
	assert_int_equal(l.odd, SMTP_SERVER_NUL);
}

static void test_early_talker(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	size_t used = 9;
	assert_int_equal(smtp_server_feed(l.s, "EHLO", 4, &used, 0), SMTP_SERVER_EARLY);
	assert_int_equal(used, 0);
	assert_int_equal(smtp_server_feed(l.s, "EHLO", 4, &used, 0), SMTP_SERVER_NONE);
	assert_int_equal(used, 0);
	smtp_server_reply(l.s, 554, "5.5.0", "Too early");
	assert_true(str_eq(smtp_server_output(l.s), "554 5.5.0 Too early\r\n"));
}

/* What came in the clear behind STARTTLS must not be believed after it (RFC 3207, 4.2; CVE-2011-0411). */
static void test_starttls_throws_input_away(void **state)
{
	(void)state;
	static const char in[] = "EHLO me\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, str_of(in));
	assert_true(l.tls_ready);
	assert_int_equal(l.commands, 2);
	smtp_server_tls_done(l.s, 0);
	assert_true(smtp_server_has_tls(l.s));
	server_lab_feed(&l, STR_LIT("MAIL FROM:<a@b>\r\nEHLO me\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 220 503 250 554 250 ");
}

static void test_auth_exchange(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	size_t used;
	struct str r;
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(smtp_server_feed(l.s, "AUTH LOGIN\r\n", 12, &used, 0), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_request(l.s)->mechanism, SASL_LOGIN);
	assert_false(smtp_server_request(l.s)->has_initial);
	smtp_server_challenge(l.s, STR_LIT("Username:"));
	assert_true(str_eq(smtp_server_output(l.s), "334 VXNlcm5hbWU6\r\n"));
	assert_int_equal(smtp_server_feed(l.s, "Ym9i\r\n", 6, &used, 0), SMTP_SERVER_AUTH_RESPONSE);
	assert_true(smtp_server_response(l.s, &r));
	assert_true(str_eq(r, "bob"));
	assert_string_equal(smtp_server_request_shown(l.s), "AUTH LOGIN");
	smtp_server_challenge(l.s, STR_LIT("Password:"));
	assert_int_equal(smtp_server_feed(l.s, "*\r\n", 3, &used, 0), SMTP_SERVER_AUTH_RESPONSE);
	assert_false(smtp_server_response(l.s, &r));
	assert_int_equal(smtp_server_refusal(l.s)->code, 501);
	smtp_server_default_reply(l.s);
	assert_false(smtp_server_authenticated(l.s));
	assert_int_equal(smtp_server_feed(l.s, "AUTH PLAIN AGEAYg==\r\n", 21, &used, 0), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_request(l.s)->initial.len, 4);
	assert_string_equal(smtp_server_request_shown(l.s), "AUTH PLAIN [hidden]");
	smtp_server_reply(l.s, 235, "2.7.0", "Welcome");
	assert_true(smtp_server_authenticated(l.s));
}

static void test_replies_stay_in_their_lines(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	smtp_server_reply(l.s, 220, "", "a\rb\x01\nc\xc3\xbc");
	assert_true(str_eq(smtp_server_output(l.s), "220-a?b?\r\n220 c\xc3\xbc\r\n"));
	smtp_server_reply(l.s, 250, "", "nobody asked");
	assert_true(str_eq(smtp_server_output(l.s), "220-a?b?\r\n220 c\xc3\xbc\r\n"));
}

static void test_a_client_that_does_not_read(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	size_t used;
	server_lab_greet(&l);
	for (size_t i = 0; i < 100000; i++) {
		enum smtp_server_event ev = smtp_server_feed(l.s, "NOOP\r\n", 6, &used, 0);
		if (ev == SMTP_SERVER_NONE)
			break;
		smtp_server_default_reply(l.s);
	}
	assert_int_equal(used, 0);
	assert_true(smtp_server_output(l.s).len < SMTP_SERVER_OUTPUT_PAUSE + 100);
}

static void test_server_deadlines(void **state)
{
	(void)state;
	static const struct smtp_server_options o = { .name = "mx", .command_ms = 100, .data_ms = 50 };
	CLEANUP(smtp_server_free) struct smtp_server *s = smtp_server_new(&o);
	size_t used;
	assert_int_equal(smtp_server_deadline_ms(s), UINT64_MAX);
	smtp_server_connected(s, 10);
	assert_int_equal(smtp_server_deadline_ms(s), UINT64_MAX); /* the client waits for us */
	smtp_server_default_reply(s);
	assert_int_equal(smtp_server_sent(s, 4, 20), SMTP_SERVER_NONE);
	assert_int_equal(smtp_server_deadline_ms(s), 120);
	assert_int_equal(smtp_server_sent(s, smtp_server_output(s).len, 30), SMTP_SERVER_NONE);
	assert_int_equal(smtp_server_deadline_ms(s), 130);
	assert_int_equal(smtp_server_feed(s, "NO", 2, &used, 100), SMTP_SERVER_NONE);
	assert_int_equal(smtp_server_deadline_ms(s), 130); /* drop by drop does not help */
	assert_int_equal(smtp_server_tick(s, 129), SMTP_SERVER_NONE);
	assert_int_equal(smtp_server_tick(s, 130), SMTP_SERVER_TIMEOUT);
	assert_int_equal(smtp_server_tick(s, 131), SMTP_SERVER_NONE);
	smtp_server_close(s, 421, "4.4.2", "Timeout");
	assert_int_equal(smtp_server_sent(s, smtp_server_output(s).len, 140), SMTP_SERVER_CLOSED);
	assert_int_equal(smtp_server_feed(s, "NOOP\r\n", 6, &used, 141), SMTP_SERVER_NONE);
	assert_int_equal(used, 6);
	assert_int_equal(smtp_server_output(s).len, 0);
}

/* Port 465: TLS is there before SMTP begins. */
static void test_tls_first(void **state)
{
	(void)state;
	static const struct smtp_server_options o = { .name = "mx",
						      .extensions = SERVER_LAB_OFFER,
						      .auth = "PLAIN" };
	CLEANUP(smtp_server_free) struct smtp_server *s = smtp_server_new(&o);
	size_t used;
	assert_int_equal(smtp_server_feed(s, "EHLO", 4, &used, 0), SMTP_SERVER_NONE);
	assert_int_equal(used, 0); /* nothing is lost before the engine is connected */
	smtp_server_tls_done(s, 0);
	smtp_server_connected(s, 0);
	assert_true(smtp_server_has_tls(s));
	assert_int_equal(smtp_server_default_reply(s), 220);
	assert_int_equal(server_lab_sent_all(s), SMTP_SERVER_NONE);
	assert_int_equal(server_lab_give(s, "EHLO me\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_default_reply(s), 250);
	struct str out = smtp_server_output(s);
	assert_int_equal(str_ifind(out, "STARTTLS"), out.len); /* not there */
	assert_int_equal(server_lab_give(s, "STARTTLS\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_default_reply(s), 554);
}

/* RFC 5321, 3.1: behind a 554 greeting there is QUIT, and 503 for all else. */
static void test_refused_at_the_door(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	smtp_server_reply(l.s, 554, "5.7.1", "No");
	server_lab_feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nBDAT 6\r\nQUIT\r\nQUIT\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "554 503 503 503 221 ");
	assert_true(l.closed);
}

/* RFC 3207, 4: a login that is there only after STARTTLS; and a mechanism nobody can speak. */
static void test_auth_that_is_not_there(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	smtp_server_offer(l.s, SMTP_EXT_STARTTLS, NULL);
	server_lab_feed(&l, STR_LIT("EHLO me\r\nAUTH PLAIN AGEAYg==\r\n"));
	smtp_server_offer(l.s, 0, NULL);
	server_lab_feed(&l, STR_LIT("AUTH PLAIN AGEAYg==\r\n"));
	smtp_server_offer(l.s, SMTP_EXT_AUTH, "PLAIN NTLM");
	server_lab_feed(&l, STR_LIT("AUTH NTLM\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 530 503 504 ");
}

/* RFC 4954, 5: the parameter is for who has logged in, to whom AUTH is not offered again. */
static void test_auth_parameter_after_login(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(server_lab_give(l.s, "AUTH PLAIN AGEAYg==\r\n"), SMTP_SERVER_COMMAND);
	smtp_server_reply(l.s, 235, "2.7.0", "Logged in");
	smtp_server_offer(l.s, SMTP_EXT_SIZE, NULL);
	server_lab_feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b> AUTH=<>\r\nRSET\r\nMAIL FROM:<a@b> SIZE=9 "
				    "AUTH=a+40b\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 235 250 250 250 250 ");
}

/* What the grammar refuses is there to be looked at; a response as it came, too. */
static void test_what_a_request_shows(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(server_lab_give(l.s, "MAIL FROM: <a..b@c> SIZE=1\r\n"), SMTP_SERVER_COMMAND);
	assert_true(str_eq(smtp_server_request(l.s)->argument, " <a..b@c> SIZE=1"));
	assert_true(str_eq(smtp_server_request(l.s)->path.address, ""));
	assert_int_equal(smtp_server_default_reply(l.s), 501);
	assert_int_equal(server_lab_give(l.s, "AUTH LOGIN\r\n"), SMTP_SERVER_COMMAND);
	smtp_server_challenge(l.s, STR_LIT("Username:"));
	assert_int_equal(server_lab_give(l.s, "Ym9i\r\n"), SMTP_SERVER_AUTH_RESPONSE);
	assert_true(str_eq(smtp_server_request(l.s)->line, "Ym9i"));
	assert_string_equal(smtp_server_request_shown(l.s), "AUTH LOGIN");
}

/* Who sends name and password without waiting, behind a login that is refused, sends them as commands. */
static void test_what_comes_behind_a_refused_login_is_hidden(void **state)
{
	(void)state;
	static const struct {
		const char *line, *shown;
	} all[] = { { "FOO bar\r\n", "FOO bar" }, { "AUTH NONE\r\n", "AUTH NONE" },
		    { "Ym9i\r\n", "[hidden]" },   { "c2VjcmV0\r\n", "[hidden]" },
		    { "NOOP\r\n", "NOOP" },       { "FOO bar\r\n", "FOO bar" } };
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		assert_int_equal(server_lab_give(l.s, all[i].line), SMTP_SERVER_COMMAND);
		assert_string_equal(smtp_server_request_shown(l.s), all[i].shown);
		smtp_server_default_reply(l.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues_cut_everywhere),
		cmocka_unit_test(test_body_oddities),
		cmocka_unit_test(test_early_talker),
		cmocka_unit_test(test_starttls_throws_input_away),
		cmocka_unit_test(test_auth_exchange),
		cmocka_unit_test(test_replies_stay_in_their_lines),
		cmocka_unit_test(test_a_client_that_does_not_read),
		cmocka_unit_test(test_server_deadlines),
		cmocka_unit_test(test_tls_first),
		cmocka_unit_test(test_refused_at_the_door),
		cmocka_unit_test(test_auth_that_is_not_there),
		cmocka_unit_test(test_auth_parameter_after_login),
		cmocka_unit_test(test_what_a_request_shows),
		cmocka_unit_test(test_what_comes_behind_a_refused_login_is_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
