/* SPDX-License-Identifier: Apache-2.0 */
/* The milter protocol: what goes out, what comes back, and what is not believed. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/milter.h"

#define PACKET(s) STR_LIT(s)

static struct milter *greeted(const char *protocol)
{
	struct milter *m = milter_new(1000);
	char hello[] = "\0\0\0\x0dO\0\0\0\x06\0\0\0\xff\0\0\0\0";
	memcpy(hello + 13, protocol, 4);
	assert_true(milter_hello(m));
	assert_int_equal(milter_output(m).len, 17);
	milter_sent(m, 17);
	assert_int_equal(milter_feed(m, (struct str){ hello, 17 }, NULL), MILTER_ANSWER);
	return m;
}

static void out_is(struct milter *m, struct str want)
{
	struct str out = milter_output(m);
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.p, want.p, want.len);
	milter_sent(m, out.len);
}

static void test_steps(void **state)
{
	(void)state;
	CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
	milter_macro(m, "j", "relay");
	assert_true(milter_connect(m, "client", "192.0.2.7", 2525));
	out_is(m, PACKET("\0\0\0\x0a"
			 "DCj\0relay\0\0\0\0\x15"
			 "Cclient\0004\x09\xdd"
			 "192.0.2.7\0"));
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\1c"), NULL), MILTER_ANSWER);
	assert_int_equal(milter_verdict(m), MILTER_CONTINUE);
	assert_true(milter_mail(m, STR_LIT("a@b"), NULL));
	out_is(m, PACKET("\0\0\0\7M<a@b>\0"));
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\1c"), NULL), MILTER_ANSWER);
	assert_true(milter_field(m, STR_LIT("X"), STR_LIT(" a\r\n b")));
	out_is(m, PACKET("\0\0\0\x08LX\0a\n b\0"));
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\1a"), NULL), MILTER_ANSWER);
	assert_int_equal(milter_verdict(m), MILTER_ACCEPT);
	assert_false(milter_end(m)); /* it wants to see no more */
	assert_int_equal(milter_output(m).len, 0);
}

/* One recipient is refused: its words are gone, and the next one and the message are told. */
static void test_forgiven(void **state)
{
	(void)state;
	CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
	assert_true(milter_rcpt(m, STR_LIT("a@b"), NULL));
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\x0fy550 5.1.1 who\0"), NULL), MILTER_ANSWER);
	assert_int_equal(milter_verdict(m), MILTER_REPLY);
	assert_false(milter_rcpt(m, STR_LIT("c@b"), NULL));
	milter_forgive(m);
	assert_int_equal(milter_verdict(m), MILTER_CONTINUE);
	assert_string_equal(milter_text(m), "");
	assert_true(milter_rcpt(m, STR_LIT("c@b"), NULL));
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\x0fy451 4.7.1 not\0"), NULL), MILTER_ANSWER);
	assert_int_equal(milter_code(m), 451);
	assert_string_equal(milter_enhanced(m), "4.7.1");
	milter_forgive(m);
	assert_true(milter_end(m));
}

static void test_left_out(void **state)
{
	(void)state;
	CLEANUP(milter_free)
	struct milter *m = greeted("\0\0\0\x93"); /* NO_CONNECT NO_HELO NO_BODY MUTE_FIELD */
	milter_macro(m, "j", "relay");
	assert_false(milter_connect(m, "client", "", 0));
	assert_false(milter_helo(m, "client"));
	assert_false(milter_wants_body(m));
	assert_int_equal(milter_output(m).len, 0);
	assert_false(milter_field(m, STR_LIT("A"), STR_LIT(" b")));
	out_is(m, PACKET("\0\0\0\5LA\0b\0")); /* told, not answered, and without the macro of a step before */
}

/* What a filter answers to the end of a message, in pieces of one byte. */
static enum milter_event answer_in_bytes(struct milter *m, struct str bytes)
{
	enum milter_event ev = MILTER_NONE;
	assert_true(milter_end(m));
	for (size_t i = 0; i < bytes.len && ev == MILTER_NONE; i++)
		ev = milter_feed(m, str_cut(bytes, i, i + 1), NULL);
	return ev;
}

static void test_changes_are_kept(void **state)
{
	(void)state;
	size_t n;
	CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
	assert_int_equal(answer_in_bytes(m, PACKET("\0\0\0\7hX-A\0y\0"
						   "\0\0\0\1p"
						   "\0\0\0\x0ei\0\0\0\1X-B\0z\n w\0"
						   "\0\0\0\5-<a>\0"
						   "\0\0\0\3bhi"
						   "\0\0\0\6qspam\0"
						   "\0\0\0\1c")),
			 MILTER_ANSWER);
	const struct milter_change *c = milter_changes(m, &n);
	assert_int_equal(n, 4);
	assert_int_equal(c[0].kind, MILTER_ADD_FIELD);
	assert_true(str_eq(c[0].name, "X-A") && str_eq(c[0].value, "y"));
	assert_int_equal(c[1].kind, MILTER_INSERT_FIELD);
	assert_int_equal(c[1].index, 1);
	assert_true(str_eq(c[1].value, "z\n w"));
	assert_true(c[2].kind == MILTER_DELETE_RCPT && str_eq(c[2].value, "a"));
	assert_true(c[3].kind == MILTER_QUARANTINE && str_eq(c[3].value, "spam"));
	assert_true(str_eq(buf_str(milter_new_body(m)), "hi"));
}

static void test_reply(void **state)
{
	(void)state;
	CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
	assert_int_equal(answer_in_bytes(m, PACKET("\0\0\0\x10y550 5.7.1 Spam\0")), MILTER_ANSWER);
	assert_int_equal(milter_verdict(m), MILTER_REPLY);
	assert_int_equal(milter_code(m), 550);
	assert_string_equal(milter_enhanced(m), "5.7.1");
	assert_string_equal(milter_text(m), "Spam");
}

/* As smfi_setmlreply() sends them: each line has the code; "%" is doubled for sendmail's sake. */
static const struct {
	const char *said, *enhanced, *text;
} replies[] = {
	{ "550-5.7.1 First\r\n550 5.7.1 second", "5.7.1", "First\nsecond" },
	{ "451-first\n451-\n451 last", "", "first\n\nlast" },
	{ "550 5.7.1 Go away\nand stay there", "5.7.1", "Go away\nand stay there" },
	{ "554 5.7.1 100%% spam, 5 % ham", "5.7.1", "100% spam, 5  ham" },
	{ "554 ends with %", "", "ends with " },
	{ "554", "", "" },
};

static void test_replies_of_many_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
		size_t n = strlen(replies[i].said) + 1;
		char packet[100] = { 0, 0, 0, (char)(n + 1), 'y' };
		memcpy(packet + 5, replies[i].said, n);
		assert_int_equal(answer_in_bytes(m, (struct str){ packet, n + 5 }), MILTER_ANSWER);
		assert_int_equal(milter_code(m), strtol(replies[i].said, NULL, 10));
		assert_string_equal(milter_enhanced(m), replies[i].enhanced);
		assert_string_equal(milter_text(m), replies[i].text);
	}
}

static const struct {
	const char *what;
	struct str bytes;
} lies[] = {
	{ "no length", { "\0\0\0\0", 4 } },
	{ "a packet of 4 GB", { "\xff\xff\xff\xff", 4 } },
	{ "a second greeting", { "\0\0\0\x0dO\0\0\0\6\0\0\0\0\0\0\0\0", 17 } },
	{ "a field whose value ends the line", { "\0\0\0\x0ahA\0b\nC: d\0", 14 } },
	{ "a field whose value has a bare CR", { "\0\0\0\7hA\0b\rC\0", 11 } },
	{ "a field's name with a colon", { "\0\0\0\6hA:\0b\0", 10 } },
	{ "a field without an end", { "\0\0\0\4hA\0b", 8 } },
	{ "a recipient over two lines", { "\0\0\0\6+<a\nb\0", 10 } },
	{ "a recipient with a parameter", { "\0\0\0\x0a+<a@b> X>\0", 14 } },
	{ "a recipient without a domain", { "\0\0\0\6+root\0", 10 } },
	{ "a recipient that is nobody", { "\0\0\0\4+<>\0", 8 } },
	{ "a sender with a blank",
	  { "\0\0\0\x09"
	    "e<a b@c>\0",
	    13 } },
	{ "a text with a NUL", { "\0\0\0\4bx\0y", 8 } },
	{ "a reply of 250", { "\0\0\0\5y250\0", 9 } },
	{ "a word nobody knows", { "\0\0\0\1!", 5 } },
};

static void test_lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
		struct err e = { 0 };
		assert_true(milter_end(m));
		if (milter_feed(m, lies[i].bytes, &e) != MILTER_BROKEN)
			fail_msg("believed: %s", lies[i].what);
		assert_int_equal(e.kind, ERR_PROTOCOL);
	}
}

static void test_unasked(void **state)
{
	(void)state;
	CLEANUP(milter_free) struct milter *m = greeted("\0\0\0\0");
	assert_int_equal(milter_feed(m, PACKET("\0\0\0\1c"), NULL), MILTER_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),    cmocka_unit_test(test_forgiven),
		cmocka_unit_test(test_left_out), cmocka_unit_test(test_changes_are_kept),
		cmocka_unit_test(test_reply),    cmocka_unit_test(test_replies_of_many_lines),
		cmocka_unit_test(test_lies),     cmocka_unit_test(test_unasked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
