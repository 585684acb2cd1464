/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, responses and chunks that do not end. */
#include "tests/unit/server_lab.h"

#include <limits.h>
#include <string.h>

/* Feeds n bytes of one line, then its end; the code of the answer. */
static unsigned code_for_line(const char *head, size_t n)
{
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	CLEANUP(mem_free) char *line = mem_alloc(n + 1);
	memset(line, 'A', n);
	memcpy(line, head, strlen(head));
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	server_lab_feed_cut(&l, (struct str){ line, n }, n / 2);
	server_lab_feed(&l, STR_LIT("\r\n"));
	assert_true(smtp_server_waits(l.s) == false);
	unsigned long code = 0;
	assert_true(str_number(str_cut(buf_str(&l.said), 8, 11), 999, &code));
	server_lab_feed(&l, STR_LIT("NOOP\r\n"));
	assert_int_equal(buf_waiting(&l.said), 16);
	return (unsigned)code;
}

static void test_line_limits(void **state)
{
	(void)state;
	assert_int_equal(code_for_line("NOOP ", SMTP_SERVER_LINE_BYTES_MAX - 2), 250);
	assert_int_equal(code_for_line("NOOP ", SMTP_SERVER_LINE_BYTES_MAX - 1), 500);
	assert_int_equal(code_for_line("NOOP ", SMTP_SERVER_LINE_SKIP_MAX), 500);
	assert_int_equal(code_for_line("AUTH PLAIN ", 11 + 12272), 535);
	assert_int_equal(code_for_line("AUTH PLAIN ", SMTP_SERVER_AUTH_LINE_BYTES_MAX - 1), 500);
}

/* It is told when it is too long, and let go when it does not end. */
static void test_a_line_without_an_end(void **state)
{
	(void)state;
	static char line[SMTP_SERVER_LINE_SKIP_MAX + 2];
	static const struct {
		const char *begin, *enhanced;
		size_t limit;
	} all[] = { { "NOOP ", "5.5.2", SMTP_SERVER_LINE_BYTES_MAX },
		    { "AUTH PLAIN ", "5.5.6", SMTP_SERVER_AUTH_LINE_BYTES_MAX } };
	memset(line, 'A', sizeof(line));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
		size_t n = strlen(all[i].begin), used;
		server_lab_greet(&l);
		server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
		server_lab_feed(&l, str_of(all[i].begin));
		server_lab_feed(&l, (struct str){ line, all[i].limit - n });
		assert_int_equal(buf_waiting(&l.said), 8);
		assert_int_equal(smtp_server_feed(l.s, line, 1, &used, 0), SMTP_SERVER_COMMAND);
		assert_int_equal(used, 0);
		assert_string_equal(smtp_server_refusal(l.s)->enhanced, all[i].enhanced);
		smtp_server_default_reply(l.s);
		server_lab_feed(&l, (struct str){ line, SMTP_SERVER_LINE_SKIP_MAX });
		assert_true(str_eq(buf_str(&l.said), "220 250 500 ") && !l.closed);
		server_lab_feed(&l, (struct str){ line, 2 });
		assert_true(str_eq(str_cut(buf_str(&l.said), 12, 16), "421 ") && l.closed);
	}
}

/* However it comes. */
static void test_a_long_line_that_ends_too_late(void **state)
{
	(void)state;
	static char line[SMTP_SERVER_LINE_BYTES_MAX + SMTP_SERVER_LINE_SKIP_MAX + 1];
	memset(line, 'A', sizeof(line));
	for (size_t cut = 0; cut < sizeof(line); cut += sizeof(line) / 7)
		for (size_t spare = 0; spare < 2; spare++) {
			CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
			size_t n = sizeof(line) - spare;
			line[n - 1] = '\n';
			server_lab_greet(&l);
			server_lab_feed_cut(&l, (struct str){ line, n }, cut);
			assert_true(l.closed == !spare);
			line[n - 1] = 'A';
		}
}

/* RFC 4954, 4: the exchange ends; what follows the line is a command again. */
static void test_a_response_that_is_too_long(void **state)
{
	(void)state;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	static char line[SMTP_SERVER_AUTH_LINE_BYTES_MAX + 1];
	size_t used;
	memset(line, 'A', sizeof(line));
	server_lab_greet(&l);
	server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(smtp_server_feed(l.s, "AUTH LOGIN\r\n", 12, &used, 0), SMTP_SERVER_COMMAND);
	smtp_server_challenge(l.s, STR_LIT("Username:"));
	assert_int_equal(smtp_server_feed(l.s, line, sizeof(line), &used, 0), SMTP_SERVER_AUTH_RESPONSE);
	assert_int_equal(used, sizeof(line) - 1);
	assert_int_equal(smtp_server_refusal(l.s)->code, 500);
	assert_string_equal(smtp_server_refusal(l.s)->enhanced, "5.5.6");
	smtp_server_default_reply(l.s);
	server_lab_feed(&l, STR_LIT("AA\r\nNOOP\r\n"));
	assert_true(str_eq(buf_str(&l.said), "220 250 334 500 250 "));
}

/* What is refused is read to its end, so that its sender hears why; not 9 million terabytes. */
static void test_chunks(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		unsigned long long chunk;
		const char *codes;
		bool closed;
	} all[] = {
		{ "", 5000, "220 250 503 250 ", false },
		{ "", 1000 + SMTP_SERVER_CHUNK_SKIP_MAX, "220 250 503 250 ", false },
		{ "", 1001 + SMTP_SERVER_CHUNK_SKIP_MAX, "220 250 503 ", true },
		{ "", LONG_MAX, "220 250 503 ", true },
		{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", 1000, "220 250 250 250 250 250 ", false },
		{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", 1001, "220 250 250 250 552 250 ", false },
		{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 2\r\nxx", 999, "220 250 250 250 250 552 250 ",
		  false },
		{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", LONG_MAX, "220 250 250 250 552 ", true },
	};
	static char bytes[1 << 16];
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
		CLEANUP(mem_free) char *command = mem_printf("BDAT %llu\r\n", all[i].chunk);
		server_lab_greet(&l);
		server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
		server_lab_feed(&l, str_of(all[i].before));
		server_lab_feed(&l, str_of(command));
		for (unsigned long long left = all[i].chunk; left && !l.closed;) {
			size_t n = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
			server_lab_feed(&l, (struct str){ bytes, n });
			left -= n;
		}
		server_lab_feed(&l, STR_LIT("NOOP\r\n"));
		assert_true(str_eq(buf_str(&l.said), all[i].codes));
		assert_true(l.closed == all[i].closed);
		/* Each was asked for, but the greeting. */
		assert_int_equal(l.commands, buf_waiting(&l.said) / 4 - 1);
	}
}

/* RFC 3030, 2: where a chunk's line cannot be read, what follows is not the whole message. */
static void test_chunks_that_cannot_be_read(void **state)
{
	(void)state;
	CLEANUP(mem_free) char *endless = mem_printf("BDAT 5%*s\r\n", SMTP_SERVER_LINE_BYTES_MAX, "");
	const struct {
		const char *line, *codes;
	} all[] = {
		{ "BDAT x\r\n", "220 250 250 250 250 501 503 503 250 250 " },
		{ "BDAT\r\n", "220 250 250 250 250 501 503 503 250 250 " },
		{ "BDAT 99999999999999999999\r\n", "220 250 250 250 250 501 503 503 250 250 " },
		{ "bdat\x01 5\r\n", "220 250 250 250 250 500 503 503 250 250 " },
		{ endless, "220 250 250 250 250 500 503 503 250 250 " },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
		server_lab_greet(&l);
		server_lab_feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 1\r\nx"));
		server_lab_feed(&l, str_of(all[i].line));
		server_lab_feed(&l, STR_LIT("BDAT 0 LAST\r\nDATA\r\nRSET\r\nMAIL FROM:<a@b>\r\n"));
		buf_add(&l.said, "", 1);
		assert_string_equal(buf_str(&l.said).p, all[i].codes);
		assert_int_equal(l.messages, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_limits),
		cmocka_unit_test(test_a_line_without_an_end),
		cmocka_unit_test(test_a_long_line_that_ends_too_late),
		cmocka_unit_test(test_a_response_that_is_too_long),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_chunks_that_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
