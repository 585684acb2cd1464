/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server_lab.h"

#include <stdio.h>
#include <string.h>

/* SMTP smuggling (December 2023): whatever stands around the dot, one message
 * stays one message unless it is CRLF "." CRLF. */
static const struct {
	const char *text;
	unsigned odd;
} line_ends[] = {
	{ "\r\n", 0 },
	{ "\n", SMTP_SERVER_BARE_LF },
	{ "\r", SMTP_SERVER_BARE_CR },
	{ "\r\r\n", SMTP_SERVER_BARE_CR },
	{ "\n\r", SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR },
	{ "\0", 0 }, /* nothing: the dot stands in a line */
};

static const char evil[] = "MAIL FROM:<admin@victim>\r\nRCPT TO:<you@victim>\r\nDATA\r\nevil\r\n.\r\n";

static void check_smuggle_data(size_t x, size_t y, size_t cut)
{
	char inner[256], in[512];
	snprintf(inner, sizeof(inner), "a%s.%s%s", line_ends[x].text, line_ends[y].text, evil);
	int head = snprintf(in, sizeof(in), "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	snprintf(in + head, sizeof(in) - (size_t)head, "%s", inner);
	bool dot_starts_line = x == 0 || x == 3; /* ends with CRLF */
	bool ends = dot_starts_line && y == 0;
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed_cut(&l, str_of(in), cut + (size_t)head);
	assert_int_equal(l.messages, ends ? 2 : 1);
	assert_int_equal(l.odd & (SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR),
			 line_ends[x].odd | line_ends[y].odd);
	assert_int_equal(l.unknown, 0);
}

static void test_smuggling_in_data(void **state)
{
	(void)state;
	for (size_t x = 0; x < ARRAY_LEN(line_ends); x++)
		for (size_t y = 0; y < ARRAY_LEN(line_ends); y++) {
			size_t len = strlen(line_ends[x].text) + strlen(line_ends[y].text) + 2 + strlen(evil);
			for (size_t cut = 0; cut <= len; cut++)
				check_smuggle_data(x, y, cut);
		}
}

static void check_smuggle_bdat(size_t x, size_t y, size_t split, size_t cut)
{
	char inner[256], in[1024];
	int len = snprintf(inner, sizeof(inner), "a%s.%s%s", line_ends[x].text, line_ends[y].text, evil);
	int head =
		snprintf(in, sizeof(in),
			 "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT %zu\r\n%.*sBDAT %zu LAST\r\n%s",
			 split, (int)split, inner, (size_t)len - split, inner + split);
	CLEANUP(server_lab_clear) struct server_lab l = server_lab_new();
	server_lab_greet(&l);
	server_lab_feed_cut(&l, str_of(in), cut < (size_t)head ? cut : (size_t)head);
	assert_int_equal(l.messages, 1);
	assert_true(str_eq(buf_str(&l.body), inner));
	assert_int_equal(l.odd & (SMTP_SERVER_BARE_LF | SMTP_SERVER_BARE_CR),
			 line_ends[x].odd | line_ends[y].odd);
	assert_int_equal(l.unknown, 0);
}

/* Chunks are cut at every byte of the text, the input at the same place and beside it. */
static void test_smuggling_in_bdat(void **state)
{
	(void)state;
	for (size_t x = 0; x < ARRAY_LEN(line_ends); x++)
		for (size_t y = 0; y < ARRAY_LEN(line_ends); y++) {
			size_t len = strlen(line_ends[x].text) + strlen(line_ends[y].text) + 2 + strlen(evil);
			for (size_t split = 0; split <= len; split++)
				for (size_t cut = 40; cut < 80; cut += 3)
					check_smuggle_bdat(x, y, split, split + cut);
		}
}

static const struct {
	const char *in, *said; /* behind 220 and the 250 to EHLO */
} lone[] = {
	{ "MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\n", "500 503 " },
	{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 6 LAST\nQUIT\r\nNOOP\r\n", "250 250 500 250 " },
	{ "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\nQUIT\r\n", "250 250 500 221 " },
	{ "\nNOOP\nNOOP\r\n", "500 500 250 " },
};

/* Who wants CR LF alone takes nothing else for a command's end. */
static void test_commands_with_a_lone_end(void **state)
{
	(void)state;
	static const struct smtp_server_options o = { .name = "mx.test",
						      .extensions = SERVER_LAB_OFFER,
						      .crlf_only = true };
	for (size_t i = 0; i < ARRAY_LEN(lone); i++)
		for (size_t cut = 0; cut <= strlen(lone[i].in); cut++) {
			CLEANUP(server_lab_clear) struct server_lab l = { .s = smtp_server_new(&o) };
			smtp_server_connected(l.s, 0);
			server_lab_greet(&l);
			server_lab_feed(&l, STR_LIT("EHLO me\r\n"));
			server_lab_feed_cut(&l, str_of(lone[i].in), cut);
			struct str said = buf_str(&l.said);
			assert_true(str_eq(str_cut(said, strlen("220 250 "), said.len), lone[i].said));
			assert_int_equal(l.messages, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smuggling_in_data),
		cmocka_unit_test(test_smuggling_in_bdat),
		cmocka_unit_test(test_commands_with_a_lone_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
