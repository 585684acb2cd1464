/* SPDX-License-Identifier: Apache-2.0 */
/* Replies are told apart by their order alone (RFC 2920): one too many, or one too early, ends it. */
#include <string.h>

#include "tests/unit/client_talk.h"

/* Feeds all of it, cut in two; the event of what ended it, *n: how many answers came before that. */
static enum smtp_event hear_group(struct talk *t, const char *text, size_t cut, size_t *n)
{
	size_t len = strlen(text), used;
	enum smtp_event ev = SMTP_EVENT_NONE;
	*n = 0;
	for (size_t at = 0; at < len; at += used) {
		size_t end = at < cut ? cut : len;
		ev = smtp_client_feed(t->c, text + at, end - at, &used, t->now, &t->e);
		if (ev != SMTP_EVENT_REPLY && ev != SMTP_EVENT_NONE)
			return ev;
		*n += ev == SMTP_EVENT_REPLY && smtp_client_command(t->c) != SMTP_CMD_NONE;
	}
	return ev;
}

/* Only their order tells replies apart, so one too many must show. */
static const struct group_case {
	const char *name, *replies;
	enum smtp_event event;
	size_t answers;
} group_cases[] = {
	{ "as many", "250 m\r\n250 a\r\n550 b\r\n354 go\r\n", SMTP_EVENT_REPLY, 4 },
	{ "one more to MAIL", "250 m\r\n250 m\r\n250 a\r\n550 b\r\n354 go\r\n", SMTP_EVENT_BROKEN, 4 },
	{ "one more to a RCPT", "250 m\r\n250 a\r\n250 a\r\n250 b\r\n354 go\r\n", SMTP_EVENT_BROKEN, 4 },
	{ "one more behind the 354", "250 m\r\n250 a\r\n250 b\r\n354 go\r\n250 ok\r\n", SMTP_EVENT_BROKEN,
	  4 },
	{ "of several lines", "250-m\r\n250 m\r\n250 a\r\n250 b\r\n354 go\r\n250-o\r\n250 k\r\n",
	  SMTP_EVENT_BROKEN, 4 },
	{ "a last word", "250 m\r\n250 a\r\n250 b\r\n354 go\r\n421 bye\r\n", SMTP_EVENT_REPLY, 4 },
	{ "and one behind that", "250 m\r\n250 a\r\n250 b\r\n354 go\r\n554 no\r\n250 ok\r\n",
	  SMTP_EVENT_BROKEN, 4 },
};

static void say_group(struct talk *t)
{
	greeted(t, "250-mx\r\n250 PIPELINING\r\n");
	assert_true(smtp_client_mail(t->c, "m@b", NULL, &t->e));
	assert_true(smtp_client_rcpt(t->c, "a@b", NULL, NULL, &t->e));
	assert_true(smtp_client_rcpt(t->c, "b@b", NULL, NULL, &t->e));
	assert_true(smtp_client_data(t->c, &t->e));
}

static void test_group_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(group_cases); i++) {
		const struct group_case *g = &group_cases[i];
		for (size_t cut = 0; cut <= strlen(g->replies); cut++) {
			CLEANUP(talk_clear) struct talk t = talk_new();
			size_t n;
			say_group(&t);
			smtp_client_sent(t.c, smtp_client_output(t.c).len, t.now);
			assert_int_equal(hear_group(&t, g->replies, cut, &n), g->event);
			assert_int_equal(n, g->answers);
			assert_int_equal(smtp_client_body_end(t.c, NULL), i == 0);
		}
	}
}

/* What had begun before a command was out does not answer it, wherever it was cut. */
static void test_begun_too_early(void **state)
{
	(void)state;
	static const char early[] = "250 e\r\n";
	for (size_t cut = 1; cut < strlen(early); cut++)
		for (size_t sent = 0; sent < strlen("MAIL FROM:<m@b>\r\n"); sent++) {
			CLEANUP(talk_clear) struct talk t = talk_new();
			size_t used;
			say_group(&t);
			smtp_client_sent(t.c, sent, t.now);
			assert_int_equal(smtp_client_feed(t.c, early, cut, &used, t.now, &t.e),
					 SMTP_EVENT_NONE);
			smtp_client_sent(t.c, smtp_client_output(t.c).len, t.now);
			assert_int_equal(hear(&t, early + cut), SMTP_EVENT_BROKEN);
		}
}

/* A line that is too long may be refused before its end is out. */
static void test_refused_before_its_end(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	say_group(&t);
	smtp_client_sent(t.c, 4, t.now);
	assert_int_equal(hear(&t, "500 too long\r\n"), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_MAIL);
}

/* A dot that is still ours is answered by nothing. */
static void test_no_answer_to_a_dot_unsaid(void **state)
{
	(void)state;
	static const char *const words[] = { "250 queued\r\n", "550 no\r\n250 queued\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		CLEANUP(talk_clear) struct talk t = talk_new();
		size_t n;
		say_group(&t);
		smtp_client_sent(t.c, smtp_client_output(t.c).len, t.now);
		assert_int_equal(hear_group(&t, "250 m\r\n250 a\r\n250 b\r\n354 go\r\n", 0, &n),
				 SMTP_EVENT_REPLY);
		assert_true(smtp_client_body_end(t.c, &t.e));
		assert_int_equal(hear_group(&t, words[i], 0, &n), SMTP_EVENT_BROKEN);
		assert_int_equal(n, 0);
	}
}

/* Its word in the midst of the message, and the same again at its end. */
static void test_refused_twice(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	size_t n;
	say_group(&t);
	smtp_client_sent(t.c, smtp_client_output(t.c).len, t.now);
	assert_int_equal(hear_group(&t, "250 m\r\n250 a\r\n250 b\r\n354 go\r\n552 big\r\n", 0, &n),
			 SMTP_EVENT_REPLY);
	assert_true(smtp_client_body_end(t.c, &t.e));
	writes(&t, ".\r\n");
	assert_int_equal(hear(&t, "552 big\r\n"), SMTP_EVENT_REPLY);
	assert_int_equal(smtp_client_command(t.c), SMTP_CMD_DOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group_cases),
		cmocka_unit_test(test_begun_too_early),
		cmocka_unit_test(test_refused_before_its_end),
		cmocka_unit_test(test_no_answer_to_a_dot_unsaid),
		cmocka_unit_test(test_refused_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
