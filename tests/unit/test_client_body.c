/* SPDX-License-Identifier: Apache-2.0 */
/* The message on its way out: dots, sizes, BDAT, a writer that is slow. */
#include <string.h>

#include "tests/unit/client_talk.h"

static void in_data(struct talk *t)
{
	greeted(t, "250-mx\r\n250 PIPELINING\r\n");
	assert_true(smtp_client_mail(t->c, "a@b", NULL, &t->e));
	assert_true(smtp_client_rcpt(t->c, "c@d", NULL, NULL, &t->e));
	assert_true(smtp_client_data(t->c, &t->e));
	writes(t, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	size_t used;
	static const char replies[] = "250 ok\r\n250 ok\r\n354 go\r\n";
	for (size_t at = 0; at < strlen(replies); at += used)
		assert_int_equal(smtp_client_feed(t->c, replies + at, strlen(replies + at), &used, t->now,
						  &t->e),
				 SMTP_EVENT_REPLY);
}

static const struct {
	const char *in, *out; /* NULL: refused */
} body_cases[] = {
	{ "", ".\r\n" },
	{ ".", "..\r\n.\r\n" },
	{ "a", "a\r\n.\r\n" },
	{ "a\r\n", "a\r\n.\r\n" },
	{ "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n" },
	{ "..\r\n.x\r\nx.\r\n", "...\r\n..x\r\nx.\r\n.\r\n" },
	{ "\r\n\r\n", "\r\n\r\n.\r\n" },
	{ "a\nb\r\n", NULL },
	{ "a\rb\r\n", NULL },
	{ "a\r\r\n", NULL },
	{ "\n", NULL },
	{ "a\r\n.\n\r\n", NULL },
	{ "a\r", NULL },
};

static void check_body(size_t i, size_t cut)
{
	CLEANUP(talk_clear) struct talk t = talk_new();
	struct str all = str_of(body_cases[i].in);
	struct str parts[2] = { str_cut(all, 0, cut), str_cut(all, cut, all.len) };
	bool good = true;
	in_data(&t);
	for (size_t k = 0; k < 2 && good; k++) {
		size_t took = 0;
		good = smtp_client_body(t.c, parts[k], &took, &t.e);
		assert_true(!good || took == parts[k].len);
	}
	bool ended = smtp_client_body_end(t.c, good ? &t.e : NULL);
	assert_int_equal(ended, body_cases[i].out != NULL);
	if (ended)
		writes(&t, body_cases[i].out);
	else
		assert_int_equal(t.e.kind, ERR_SYNTAX);
}

static void test_body_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(body_cases); i++)
		for (size_t cut = 0; cut <= strlen(body_cases[i].in); cut++)
			check_body(i, cut);
}

static void test_body_waits_for_the_writer(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	in_data(&t);
	size_t total = 3u << 20, given = 0, written = 0;
	CLEANUP(mem_free) char *text = mem_alloc(total);
	memset(text, 'x', total);
	for (size_t i = 998; i + 2 < total; i += 1000)
		memcpy(text + i, "\r\n", 2);
	while (given < total) {
		size_t took;
		assert_true(smtp_client_body(t.c, (struct str){ text + given, total - given }, &took, &t.e));
		assert_true(smtp_client_output(t.c).len <= SMTP_OUTPUT_BYTES_MAX);
		given += took;
		size_t n = smtp_client_output(t.c).len / 2 + 1;
		assert_memory_equal(smtp_client_output(t.c).p, text + written, n);
		smtp_client_sent(t.c, n, t.now);
		written += n;
	}
	assert_true(given > written);
}

/* However full the output is with a message, its end goes in too. */
static void test_body_end_has_room(void **state)
{
	(void)state;
	for (size_t spare = 0; spare < 24; spare++) {
		CLEANUP(talk_clear) struct talk t = talk_new();
		in_data(&t);
		size_t total = SMTP_OUTPUT_BYTES_MAX - spare, took;
		CLEANUP(mem_free) char *text = mem_alloc(total);
		memset(text, 'x', total);
		assert_true(smtp_client_body(t.c, (struct str){ text, total }, &took, &t.e));
		assert_true(smtp_client_body_end(t.c, &t.e));
		assert_true(smtp_client_output(t.c).len <= SMTP_OUTPUT_BYTES_MAX);
	}
}

static void test_bdat(void **state)
{
	(void)state;
	CLEANUP(talk_clear) struct talk t = talk_new();
	greeted(&t, "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	assert_true(smtp_client_mail(t.c, "a@b", NULL, &t.e));
	assert_true(smtp_client_rcpt(t.c, "c@d", NULL, NULL, &t.e));
	assert_true(smtp_client_bdat(t.c, STR_LIT("a\n.\r\n"), false, &t.e));
	assert_false(smtp_client_rcpt(t.c, "e@f", NULL, NULL, NULL));
	assert_true(smtp_client_bdat(t.c, STR_LIT(""), true, &t.e));
	writes(&t, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 5\r\na\n.\r\nBDAT 0 LAST\r\n");
	size_t used;
	static const char replies[] = "250 1\r\n250 2\r\n250 3\r\n250 4\r\n";
	static const enum smtp_command asked[] = { SMTP_CMD_MAIL, SMTP_CMD_RCPT, SMTP_CMD_BDAT,
						   SMTP_CMD_DOT };
	for (size_t at = 0, i = 0; at < strlen(replies); at += used, i++) {
		assert_int_equal(smtp_client_feed(t.c, replies + at, strlen(replies + at), &used, t.now,
						  &t.e),
				 SMTP_EVENT_REPLY);
		assert_int_equal(smtp_client_command(t.c), asked[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_cases),
		cmocka_unit_test(test_body_waits_for_the_writer),
		cmocka_unit_test(test_body_end_has_room),
		cmocka_unit_test(test_bdat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
