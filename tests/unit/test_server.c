/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "smtp/server.h"

enum {
	OFFER = SMTP_EXT_PIPELINING | SMTP_EXT_SIZE | SMTP_EXT_STARTTLS | SMTP_EXT_AUTH | SMTP_EXT_8BITMIME |
		SMTP_EXT_SMTPUTF8 | SMTP_EXT_CHUNKING | SMTP_EXT_BINARYMIME | SMTP_EXT_DSN
};

/* A server whose driver answers everything by default and remembers. */
struct lab {
	struct smtp_server *s;
	struct buf body, said; /* message bytes; replies, codes only, a blank between */
	size_t before;         /* message bytes of earlier messages */
	unsigned messages, chunks, odd, early, responses, commands;
	unsigned unknown; /* requests that were none: what a smuggler's text becomes when it fails */
	bool tls_ready, closed;
};

static struct lab lab_new(void)
{
	static const struct smtp_server_options o = {
		.name = "mx.test", .extensions = OFFER, .size = 1000, .auth = "PLAIN LOGIN"
	};
	struct lab l = { .s = smtp_server_new(&o) };
	smtp_server_connected(l.s, 0);
	return l;
}

static void lab_clear(struct lab *l)
{
	smtp_server_free(&l->s);
	buf_clear(&l->body);
	buf_clear(&l->said);
}

/* Takes the output; keeps the code of each final line. */
static void written(struct lab *l)
{
	struct str out = smtp_server_output(l->s), line;
	while (str_next(&out, "\r\n", &line))
		if (line.len > 3 && line.p[3] == ' ')
			buf_addf(&l->said, "%.3s ", line.p);
	enum smtp_server_event ev = smtp_server_sent(l->s, smtp_server_output(l->s).len, 0);
	l->tls_ready |= ev == SMTP_SERVER_START_TLS_READY;
	l->closed |= ev == SMTP_SERVER_CLOSED;
}

static void on_event(struct lab *l, enum smtp_server_event ev)
{
	struct str chunk = smtp_server_chunk(l->s);
	l->early += ev == SMTP_SERVER_EARLY;
	l->responses += ev == SMTP_SERVER_AUTH_RESPONSE;
	l->commands += ev == SMTP_SERVER_COMMAND;
	if (ev == SMTP_SERVER_BODY) {
		l->chunks++;
		buf_add(&l->body, chunk.p, chunk.len);
	} else if (ev == SMTP_SERVER_BODY_END) {
		l->messages++;
		l->odd |= smtp_server_body_odd(l->s);
		assert_int_equal(smtp_server_body_bytes(l->s), buf_waiting(&l->body) - l->before);
		l->before = buf_waiting(&l->body);
	}
	if (ev == SMTP_SERVER_COMMAND)
		l->unknown += smtp_server_request(l->s)->verb == SMTP_VERB_UNKNOWN;
	if (smtp_server_waits(l->s) && ev != SMTP_SERVER_EARLY)
		smtp_server_default_reply(l->s);
}

static void feed(struct lab *l, struct str in)
{
	size_t used;
	enum smtp_server_event ev;
	do {
		ev = smtp_server_feed(l->s, in.p, in.len, &used, 0);
		in = str_cut(in, used, in.len);
		on_event(l, ev);
		written(l);
	} while (ev != SMTP_SERVER_NONE);
	assert_int_equal(in.len, 0);
}

static void feed_cut(struct lab *l, struct str in, size_t cut)
{
	feed(l, str_cut(in, 0, cut));
	feed(l, str_cut(in, cut, in.len));
}

static void greet(struct lab *l)
{
	smtp_server_default_reply(l->s);
	written(l);
}

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
	{ "binary needs bdat", "EHLO me\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\nDATA\r\n",
	  "220 250 250 250 503 ", "" },
};

static void test_dialogues_cut_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dialogues); i++)
		for (size_t cut = 0; cut <= strlen(dialogues[i].in); cut++) {
			CLEANUP(lab_clear) struct lab l = lab_new();
			greet(&l);
			feed_cut(&l, str_of(dialogues[i].in), cut);
			buf_add(&l.said, "", 1);
			assert_string_equal(buf_str(&l.said).p, dialogues[i].codes);
			assert_true(str_eq(buf_str(&l.body), dialogues[i].body));
		}
}

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
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed_cut(&l, str_of(in), cut + (size_t)head);
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
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed_cut(&l, str_of(in), cut < (size_t)head ? cut : (size_t)head);
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

static void test_body_oddities(void **state)
{
	(void)state;
	char long_line[1100];
	memset(long_line, 'x', sizeof(long_line));
	for (size_t n = 998; n <= 999; n++) {
		CLEANUP(lab_clear) struct lab l = lab_new();
		greet(&l);
		feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"));
		feed(&l, (struct str){ long_line, n });
		feed(&l, STR_LIT("\r\n.\r\n"));
		assert_int_equal(l.odd, n > 998 ? SMTP_SERVER_LONG_LINE : 0);
	}
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\0.\r\n.\r\n"));
	assert_int_equal(l.odd, SMTP_SERVER_NUL);
}

static void test_early_talker(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
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
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed(&l, str_of(in));
	assert_true(l.tls_ready);
	assert_int_equal(l.commands, 2);
	assert_int_equal(smtp_server_discarded(l.s), strlen(in) - strlen("EHLO me\r\nSTARTTLS\r\n"));
	smtp_server_tls_done(l.s, 0);
	assert_true(smtp_server_has_tls(l.s));
	feed(&l, STR_LIT("MAIL FROM:<a@b>\r\nEHLO me\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 220 503 250 554 250 ");
}

static void test_auth_exchange(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	size_t used;
	struct str r;
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\n"));
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

/* Feeds n bytes of one line, then its end; the code of the answer. */
static unsigned code_for_line(const char *head, size_t n)
{
	CLEANUP(lab_clear) struct lab l = lab_new();
	CLEANUP(mem_free) char *line = mem_alloc(n + 1);
	memset(line, 'A', n);
	memcpy(line, head, strlen(head));
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\n"));
	feed_cut(&l, (struct str){ line, n }, n / 2);
	feed(&l, STR_LIT("\r\n"));
	assert_true(smtp_server_waits(l.s) == false);
	unsigned long code = 0;
	assert_true(str_number(str_cut(buf_str(&l.said), 8, 11), 999, &code));
	feed(&l, STR_LIT("NOOP\r\n"));
	assert_int_equal(buf_waiting(&l.said), 16);
	return (unsigned)code;
}

static void test_line_limits(void **state)
{
	(void)state;
	assert_int_equal(code_for_line("NOOP ", SMTP_SERVER_LINE_BYTES_MAX - 2), 250);
	assert_int_equal(code_for_line("NOOP ", SMTP_SERVER_LINE_BYTES_MAX - 1), 500);
	assert_int_equal(code_for_line("NOOP ", 1 << 20), 500);
	assert_int_equal(code_for_line("AUTH PLAIN ", 11 + 12272), 535);
	assert_int_equal(code_for_line("AUTH PLAIN ", SMTP_SERVER_AUTH_LINE_BYTES_MAX - 1), 500);
}

static void test_replies_stay_in_their_lines(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	smtp_server_reply(l.s, 220, "", "a\rb\x01\nc\xc3\xbc");
	assert_true(str_eq(smtp_server_output(l.s), "220-a?b?\r\n220 c\xc3\xbc\r\n"));
	smtp_server_reply(l.s, 250, "", "nobody asked");
	assert_true(str_eq(smtp_server_output(l.s), "220-a?b?\r\n220 c\xc3\xbc\r\n"));
}

static void test_a_client_that_does_not_read(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	size_t used;
	greet(&l);
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

static enum smtp_server_event give(struct smtp_server *s, const char *line)
{
	size_t used;
	enum smtp_server_event ev = smtp_server_feed(s, line, strlen(line), &used, 0);
	assert_int_equal(used, strlen(line));
	return ev;
}

/* All of it is written; what the engine announces then. */
static enum smtp_server_event sent_all(struct smtp_server *s)
{
	return smtp_server_sent(s, smtp_server_output(s).len, 0);
}

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
		CLEANUP(lab_clear) struct lab l = lab_new();
		greet(&l);
		assert_int_equal(give(l.s, raw_cases[i].command), SMTP_SERVER_COMMAND);
		smtp_server_reply_raw(l.s, raw_cases[i].code, STR_LIT(""));
		assert_false(smtp_server_waits(l.s));
		assert_int_equal(sent_all(l.s), SMTP_SERVER_NONE);
		assert_int_not_equal(give(l.s, raw_cases[i].next), SMTP_SERVER_NONE);
		assert_int_equal(smtp_server_default_reply(l.s), raw_cases[i].next_code);
		assert_int_equal(smtp_server_default_reply(l.s), 0); /* nothing waits any more */
	}
}

static void test_raw_bytes_go_out_as_they_are(void **state)
{
	(void)state;
	static const char bytes[] = "250-a\n\x01\r\n";
	CLEANUP(lab_clear) struct lab l = lab_new();
	smtp_server_reply_raw(l.s, 220, str_of(bytes));
	assert_true(str_eq(smtp_server_output(l.s), bytes));
}

/* 220 to STARTTLS went out past the engine: the hand-over is announced, once. */
static void test_raw_starttls(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(give(l.s, "STARTTLS\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	smtp_server_reply_raw(l.s, 220, STR_LIT(""));
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_START_TLS_READY);
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	assert_int_equal(give(l.s, "MAIL FROM:<a@b>\r\n"), SMTP_SERVER_NONE);
	assert_int_equal(smtp_server_discarded(l.s), strlen("MAIL FROM:<a@b>\r\n"));
	smtp_server_tls_done(l.s, 0);
	feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(give(l.s, "STARTTLS\r\n"), SMTP_SERVER_COMMAND); /* a second 220 changes nothing */
	smtp_server_reply_raw(l.s, 220, STR_LIT(""));
	assert_int_equal(smtp_server_sent(l.s, 0, 0), SMTP_SERVER_NONE);
	assert_int_equal(give(l.s, "NOOP\r\n"), SMTP_SERVER_COMMAND);
}

/* Port 465: TLS is there before SMTP begins. */
static void test_tls_first(void **state)
{
	(void)state;
	static const struct smtp_server_options o = { .name = "mx", .extensions = OFFER, .auth = "PLAIN" };
	CLEANUP(smtp_server_free) struct smtp_server *s = smtp_server_new(&o);
	size_t used;
	assert_int_equal(smtp_server_feed(s, "EHLO", 4, &used, 0), SMTP_SERVER_NONE);
	assert_int_equal(used, 0); /* nothing is lost before the engine is connected */
	smtp_server_tls_done(s, 0);
	smtp_server_connected(s, 0);
	assert_true(smtp_server_has_tls(s));
	assert_int_equal(smtp_server_default_reply(s), 220);
	assert_int_equal(sent_all(s), SMTP_SERVER_NONE);
	assert_int_equal(give(s, "EHLO me\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_default_reply(s), 250);
	struct str out = smtp_server_output(s);
	assert_int_equal(str_ifind(out, "STARTTLS"), out.len); /* not there */
	assert_int_equal(give(s, "STARTTLS\r\n"), SMTP_SERVER_COMMAND);
	assert_int_equal(smtp_server_default_reply(s), 554);
}

/* RFC 5321, 3.1: behind a 554 greeting there is QUIT, and 503 for all else. */
static void test_refused_at_the_door(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	smtp_server_reply(l.s, 554, "5.7.1", "No");
	feed(&l, STR_LIT("EHLO me\r\nMAIL FROM:<a@b>\r\nBDAT 6\r\nQUIT\r\nQUIT\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "554 503 503 503 221 ");
	assert_true(l.closed);
}

/* RFC 3207, 4: a login that is there only after STARTTLS; and a mechanism nobody can speak. */
static void test_auth_that_is_not_there(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	smtp_server_offer(l.s, SMTP_EXT_STARTTLS, NULL);
	feed(&l, STR_LIT("EHLO me\r\nAUTH PLAIN AGEAYg==\r\n"));
	smtp_server_offer(l.s, 0, NULL);
	feed(&l, STR_LIT("AUTH PLAIN AGEAYg==\r\n"));
	smtp_server_offer(l.s, SMTP_EXT_AUTH, "PLAIN NTLM");
	feed(&l, STR_LIT("AUTH NTLM\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 530 503 504 ");
}

/* RFC 4954, 5: the parameter is for who has logged in, to whom AUTH is not offered again. */
static void test_auth_parameter_after_login(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(give(l.s, "AUTH PLAIN AGEAYg==\r\n"), SMTP_SERVER_COMMAND);
	smtp_server_reply(l.s, 235, "2.7.0", "Logged in");
	smtp_server_offer(l.s, SMTP_EXT_SIZE, NULL);
	feed(&l,
	     STR_LIT("EHLO me\r\nMAIL FROM:<a@b> AUTH=<>\r\nRSET\r\nMAIL FROM:<a@b> SIZE=9 AUTH=a+40b\r\n"));
	buf_add(&l.said, "", 1);
	assert_string_equal(buf_str(&l.said).p, "220 250 235 250 250 250 250 ");
}

/* What the grammar refuses is there to be looked at; a response as it came, too. */
static void test_what_a_request_shows(void **state)
{
	(void)state;
	CLEANUP(lab_clear) struct lab l = lab_new();
	greet(&l);
	feed(&l, STR_LIT("EHLO me\r\n"));
	assert_int_equal(give(l.s, "MAIL FROM: <a..b@c> SIZE=1\r\n"), SMTP_SERVER_COMMAND);
	assert_true(str_eq(smtp_server_request(l.s)->argument, " <a..b@c> SIZE=1"));
	assert_true(str_eq(smtp_server_request(l.s)->path.address, ""));
	assert_int_equal(smtp_server_default_reply(l.s), 501);
	assert_int_equal(give(l.s, "AUTH LOGIN\r\n"), SMTP_SERVER_COMMAND);
	smtp_server_challenge(l.s, STR_LIT("Username:"));
	assert_int_equal(give(l.s, "Ym9i\r\n"), SMTP_SERVER_AUTH_RESPONSE);
	assert_true(str_eq(smtp_server_request(l.s)->line, "Ym9i"));
	assert_string_equal(smtp_server_request_shown(l.s), "AUTH LOGIN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues_cut_everywhere),
		cmocka_unit_test(test_smuggling_in_data),
		cmocka_unit_test(test_smuggling_in_bdat),
		cmocka_unit_test(test_body_oddities),
		cmocka_unit_test(test_early_talker),
		cmocka_unit_test(test_starttls_throws_input_away),
		cmocka_unit_test(test_auth_exchange),
		cmocka_unit_test(test_line_limits),
		cmocka_unit_test(test_replies_stay_in_their_lines),
		cmocka_unit_test(test_a_client_that_does_not_read),
		cmocka_unit_test(test_server_deadlines),
		cmocka_unit_test(test_raw_answers),
		cmocka_unit_test(test_raw_bytes_go_out_as_they_are),
		cmocka_unit_test(test_raw_starttls),
		cmocka_unit_test(test_tls_first),
		cmocka_unit_test(test_refused_at_the_door),
		cmocka_unit_test(test_auth_that_is_not_there),
		cmocka_unit_test(test_auth_parameter_after_login),
		cmocka_unit_test(test_what_a_request_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
