/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/unit/client_talk.h"

/* A whole dialogue: what we say, what is written, what is answered. */
enum say { EHLO, HELO, STARTTLS, MAIL, RCPT, DATA, BODY, DOT, RSET, QUIT, TLS_DONE };

static const struct step {
	enum say say;
	const char *arg, *written, *answer;
	enum smtp_event event;
	enum smtp_command command;
	unsigned code;
} mail_steps[] = {
	{ EHLO, "me.example", "EHLO me.example\r\n", "250-mx\r\n250-STARTTLS\r\n250 SIZE 1000\r\n",
	  SMTP_EVENT_REPLY, SMTP_CMD_EHLO, 250 },
	{ STARTTLS, "", "STARTTLS\r\n", "220 go\r\n", SMTP_EVENT_START_TLS, SMTP_CMD_STARTTLS, 220 },
	{ TLS_DONE, "", "", NULL, SMTP_EVENT_NONE, SMTP_CMD_NONE, 0 },
	{ EHLO, "me.example", "EHLO me.example\r\n", "250-mx\r\n250 SIZE 1000\r\n", SMTP_EVENT_REPLY,
	  SMTP_CMD_EHLO, 250 },
	{ MAIL, "a@example.com", "MAIL FROM:<a@example.com> SIZE=42\r\n", "250 2.1.0 ok\r\n",
	  SMTP_EVENT_REPLY, SMTP_CMD_MAIL, 250 },
	{ RCPT, "b@example.net", "RCPT TO:<b@example.net>\r\n", "550 5.1.1 who\r\n", SMTP_EVENT_REPLY,
	  SMTP_CMD_RCPT, 550 },
	{ RCPT, "\"c d\"@example.net", "RCPT TO:<\"c d\"@example.net>\r\n", "250 2.1.5 ok\r\n",
	  SMTP_EVENT_REPLY, SMTP_CMD_RCPT, 250 },
	{ DATA, "", "DATA\r\n", "354 go\r\n", SMTP_EVENT_REPLY, SMTP_CMD_DATA, 354 },
	{ BODY, ".a\r\n..\r\nb.\r\nlast", "..a\r\n...\r\nb.\r\nlast", NULL, SMTP_EVENT_NONE, SMTP_CMD_NONE,
	  0 },
	{ DOT, "", "\r\n.\r\n", "250 2.0.0 queued as 7\r\n", SMTP_EVENT_REPLY, SMTP_CMD_DOT, 250 },
	{ RSET, "", "RSET\r\n", "250-still\r\n250 there\r\n", SMTP_EVENT_REPLY, SMTP_CMD_RSET, 250 },
	{ QUIT, "", "QUIT\r\n", "221 bye\r\n", SMTP_EVENT_REPLY, SMTP_CMD_QUIT, 221 },
};

static bool say(struct talk *t, const struct step *s)
{
	struct smtp_mail_params p = { .size = 42 };
	size_t took;
	switch (s->say) {
	case EHLO:
		return smtp_client_ehlo(t->c, s->arg, &t->e);
	case HELO:
		return smtp_client_helo(t->c, s->arg, &t->e);
	case STARTTLS:
		return smtp_client_starttls(t->c, &t->e);
	case MAIL:
		return smtp_client_mail(t->c, s->arg, &p, &t->e);
	case RCPT:
		return smtp_client_rcpt(t->c, s->arg, NULL, NULL, &t->e);
	case DATA:
		return smtp_client_data(t->c, &t->e);
	case BODY:
		return smtp_client_body(t->c, str_of(s->arg), &took, &t->e) && took == strlen(s->arg);
	case DOT:
		return smtp_client_body_end(t->c, &t->e);
	case RSET:
		return smtp_client_rset(t->c, &t->e);
	case QUIT:
		return smtp_client_quit(t->c, &t->e);
	case TLS_DONE:
		smtp_client_tls_done(t->c, t->now);
		return true;
	}
	return false;
}

static void check_step(struct talk *t, const struct step *s, size_t cut)
{
	assert_true(say(t, s));
	writes(t, s->written);
	if (!s->answer)
		return;
	assert_int_equal(smtp_client_waits_for(t->c), s->command);
	t->now += 7;
	size_t len = strlen(s->answer);
	assert_int_equal(hear_cut(t, s->answer, cut < len ? cut : len), s->event);
	assert_int_equal(smtp_client_command(t->c), s->command);
	assert_int_equal(smtp_client_reply(t->c)->code, s->code);
	assert_int_equal(smtp_client_elapsed_ms(t->c), 7);
}

static void test_mail_cut_everywhere(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < 50; cut++) {
		CLEANUP(talk_clear) struct talk t = talk_new();
		assert_int_equal(hear_cut(&t, "220 mx ESMTP\r\n", cut < 14 ? cut : 14), SMTP_EVENT_REPLY);
		for (size_t i = 0; i < ARRAY_LEN(mail_steps); i++)
			check_step(&t, &mail_steps[i], cut);
	}
}

static const char *const transcript[] = {
	"< 220 mx ESMTP",
	"> EHLO me.example",
	"< 250-mx",
	"< 250-STARTTLS",
	"< 250 SIZE 1000",
	"> STARTTLS",
	"< 220 go",
	"> EHLO me.example",
	"< 250-mx",
	"< 250 SIZE 1000",
	"> MAIL FROM:<a@example.com> SIZE=42",
	"< 250 2.1.0 ok",
	"> RCPT TO:<b@example.net>",
	"< 550 5.1.1 who",
	"> RCPT TO:<\"c d\"@example.net>",
	"< 250 2.1.5 ok",
	"> DATA",
	"< 354 go",
	"> [message, 16 bytes]",
	"> .",
	"< 250 2.0.0 queued as 7",
	"> RSET",
	"< 250-still",
	"< 250 there",
	"> QUIT",
	"< 221 bye",
};

static void test_transcript(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	assert_int_equal(hear(&t, "220 mx ESMTP\r\n"), SMTP_EVENT_REPLY);
	for (size_t i = 0; i < ARRAY_LEN(mail_steps); i++)
		check_step(&t, &mail_steps[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(transcript); i++)
		spoke(&t, transcript[i]);
	char dir;
	assert_null(smtp_client_take_spoken(t.c, &dir));
}

static void test_pipelining(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250-mx\r\n250 PIPELINING\r\n");
	assert_true(smtp_client_mail(t.c, "", NULL, &t.e));
	assert_true(smtp_client_rcpt(t.c, "a@b", NULL, NULL, &t.e));
	assert_true(smtp_client_rcpt(t.c, "c@d", NULL, NULL, &t.e));
	assert_true(smtp_client_data(t.c, &t.e));
	assert_false(smtp_client_rset(t.c, NULL)); /* DATA ends the group */
	writes(&t, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	static const struct {
		const char *reply, *answers;
	} replies[] = {
		{ "250 ok\r\n", "MAIL FROM:<>" },
		{ "550 no\r\n", "RCPT TO:<a@b>" },
		{ "550 no\r\n", "RCPT TO:<c@d>" },
		{ "354 go\r\n", "DATA" },
	};
	char all[64] = "";
	for (size_t i = 0; i < ARRAY_LEN(replies); i++)
		strcat(all, replies[i].reply);
	for (size_t i = 0, at = 0, used; i < ARRAY_LEN(replies); i++, at += used) {
		assert_int_equal(smtp_client_feed(t.c, all + at, strlen(all + at), &used, t.now, &t.e),
				 SMTP_EVENT_REPLY);
		assert_string_equal(smtp_client_command_text(t.c), replies[i].answers);
	}
	assert_true(smtp_client_body_end(t.c, &t.e));          /* nothing to nobody */
	assert_true(smtp_client_mail(t.c, "x@y", NULL, &t.e)); /* the dot does not end a group */
	writes(&t, ".\r\nMAIL FROM:<x@y>\r\n");
	assert_int_equal(hear(&t, "554 no valid recipients\r\n"), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_DOT);
	assert_true(smtp_client_rcpt(t.c, "z@y", NULL, NULL, &t.e));
}

static void test_no_pipelining_means_waiting(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	assert_false(smtp_client_ehlo(t.c, "me", NULL)); /* before the greeting */
	assert_false(smtp_client_quit(t.c, NULL));
	greeted(&t, "250 mx\r\n");
	assert_false(smtp_client_rcpt(t.c, "a@b", NULL, NULL, NULL));
	assert_false(smtp_client_data(t.c, NULL));
	assert_false(smtp_client_bdat(t.c, STR_LIT("x"), true, NULL));
	assert_false(smtp_client_body_end(t.c, NULL));
	assert_true(smtp_client_mail(t.c, "a@b", NULL, &t.e));
	assert_false(smtp_client_rcpt(t.c, "a@b", NULL, NULL, NULL));
	writes(&t, "MAIL FROM:<a@b>\r\n");
	assert_int_equal(hear(&t, "452 later\r\n"), SMTP_EVENT_REPLY);
	assert_false(smtp_client_rcpt(t.c, "a@b", NULL, NULL, NULL)); /* MAIL was refused */
	assert_true(smtp_client_mail(t.c, "a@b", NULL, &t.e));
}

/* Nothing of what a caller passes may become a second command or a parameter. */
static void test_hostile_arguments(void **state)
{
	(void)state;
	static const char *const bad[] = { "a@b\r\nRSET", "a@b\nx",       "a@b\rx",        "a@b> SIZE=1 <",
					   "a b@c",       "<a@b>",        "\"a@b",         "a@b\t",
					   "\xff@b",      "gr\xc3\xbc@b", "\"a\"\\\"@b> X" };
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250-mx\r\n250-DSN\r\n250 SMTPUTF8\r\n");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = { 0 };
		assert_false(smtp_client_mail(t.c, bad[i], NULL, &e));
		assert_int_equal(e.kind, ERR_SYNTAX);
	}
	struct smtp_mail_params p = { .size = -1, .envid = "a b" };
	assert_false(smtp_client_mail(t.c, "a@b", &p, NULL));
	p = (struct smtp_mail_params){ .size = -1, .ret = "HDRS", .envid = "QQ314159", .smtputf8 = true };
	assert_false(smtp_client_mail(t.c, "\xff@b", &p, NULL)); /* no UTF-8 at all */
	assert_false(smtp_client_ehlo(t.c, "me\r\nRSET", NULL));
	assert_false(smtp_client_ehlo(t.c, "", NULL));
	assert_int_equal(smtp_client_output(t.c).len, 0);
	assert_true(smtp_client_mail(t.c, "gr\xc3\xbc@b", &p, &t.e));
	writes(&t, "MAIL FROM:<gr\xc3\xbc@b> SMTPUTF8 RET=HDRS ENVID=QQ314159\r\n");
	assert_int_equal(hear(&t, "250 ok\r\n"), SMTP_EVENT_REPLY);
	assert_true(smtp_client_rcpt(t.c, "\"a> <\\\"b\"@c", "NEVER", "rfc822;a@c", &t.e));
	writes(&t, "RCPT TO:<\"a> <\\\"b\"@c> NOTIFY=NEVER ORCPT=rfc822;a@c\r\n");
	char long_path[SMTP_COMMAND_BYTES_MAX + 1];
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(hear(&t, "250 ok\r\n"), SMTP_EVENT_REPLY);
	assert_false(smtp_client_rcpt(t.c, long_path, NULL, NULL, &t.e));
	assert_int_equal(t.e.kind, ERR_LIMIT);
}

static void test_helo_only(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "502 what\r\n");
	assert_false(smtp_client_mail(t.c, "a@b", NULL, NULL));
	assert_true(smtp_client_helo(t.c, "me", &t.e));
	writes(&t, "HELO me\r\n");
	assert_int_equal(hear(&t, "250 old\r\n"), SMTP_EVENT_REPLY);
	assert_null(smtp_client_ehlo_answer(t.c));
	assert_false(smtp_client_starttls(t.c, NULL));
	assert_true(smtp_client_mail(t.c, "a@b", NULL, &t.e));
}

static void test_transcript_is_bounded(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250 mx\r\n");
	for (size_t i = 0; i < SMTP_SPOKEN_LINES_MAX; i++)
		assert_int_equal(hear(&t, "450 unasked\r\n"), SMTP_EVENT_REPLY);
	for (size_t i = 0; i < SMTP_SPOKEN_LINES_MAX; i++) {
		char dir;
		CLEANUP(mem_free) char *line = smtp_client_take_spoken(t.c, &dir);
		assert_non_null(line);
	}
	spoke(&t, "* [3 more lines were said]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail_cut_everywhere),
		cmocka_unit_test(test_transcript),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_no_pipelining_means_waiting),
		cmocka_unit_test(test_hostile_arguments),
		cmocka_unit_test(test_helo_only),
		cmocka_unit_test(test_transcript_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
