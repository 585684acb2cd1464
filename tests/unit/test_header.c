/* SPDX-License-Identifier: Apache-2.0 */
/* mail/header and mail/mailbox. */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/header.h"
#include "mail/mailbox.h"

static const struct {
	const char *name, *message;
	size_t fields;
	unsigned odd, from;
	const char *subject, *body;
	bool has_body;
} header_cases[] = {
	{ "usual", "From: a@b\r\nSubject: hello\r\n\r\nbody\r\n", 2, 0, 1, "hello", "body\r\n", true },
	{ "bare LF", "From: a@b\nSubject: hello\n\nbody", 2, 0, 1, "hello", "body", true },
	{ "folded", "Subject: one\r\n two\r\n\tthree\r\nFrom: a@b\r\n\r\n", 2, 0, 1, "one two\tthree", "",
	  true },
	{ "empty value, folded", "Subject:\r\n late\r\n\r\nx", 1, 0, 0, "late", "x", true },
	{ "blank before colon", "Subject : hi\r\n\r\n", 1, 0, 0, "hi", "", true },
	{ "two From", "From: a@b\r\nfrom: c@d\r\n\r\n", 2, 0, 2, "", "", true },
	{ "line without colon", "From: a@b\r\nno colon here\r\nSubject: s\r\n\r\nb", 2, 1, 1, "s", "b",
	  true },
	{ "mbox divider", "From a@b Sat Nov 21\nFrom: a@b\n\nx", 1, 0, 1, "", "x", true },
	{ "no body", "Subject: s\r\n", 1, 0, 0, "s", "", false },
	{ "no line end", "Subject: s", 1, 0, 0, "s", "", false },
	{ "empty", "", 0, 0, 0, "", "", false },
	{ "body only", "\r\nbody", 0, 0, 0, "", "body", true },
	{ "colon first", ": x\r\n\r\n", 0, 1, 0, "", "", true },
};

static void test_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(header_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct header h;
		header_read(a, str_of(header_cases[i].message), &h);
		if (h.n != header_cases[i].fields)
			print_error("%s\n", header_cases[i].name);
		assert_int_equal(h.n, header_cases[i].fields);
		assert_int_equal(h.odd_lines, header_cases[i].odd);
		assert_int_equal(header_count(&h, "From"), header_cases[i].from);
		assert_true(str_eq(header_get(a, &h, "subject"), header_cases[i].subject));
		assert_true(str_eq(h.body, header_cases[i].body));
		assert_int_equal(h.has_body, header_cases[i].has_body);
	}
}

static void test_find_nth(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	header_read(a, STR_LIT("A: 1\r\nB: 2\r\na: 3\r\n\r\n"), &h);
	assert_true(str_eq(header_find(&h, "a", 1)->value, " 3"));
	assert_true(str_eq(header_find(&h, "a", 1)->raw, "a: 3\r\n"));
	assert_null(header_find(&h, "a", 2));
	assert_null(header_find(&h, "c", 0));
}

static const struct {
	const char *value;
	const char *addresses; /* with blanks between */
	const char *first_name;
	bool sound;
} mailbox_cases[] = {
	{ "a@example.com", "a@example.com", "", true },
	{ "Anna <a@example.com>", "a@example.com", "Anna", true },
	{ "\"Muster, Anna\" <a@example.com>", "a@example.com", "Muster, Anna", true },
	{ "Anna B. Muster <a@example.com>, b@example.org", "a@example.com b@example.org", "Anna B. Muster",
	  true },
	{ "a@example.com (Anna (the first), really)", "a@example.com", "", true },
	{ "(hi) a (x) @ (y) example.com", "a@example.com", "", true },
	{ "\"odd name\"@example.com", "\"odd name\"@example.com", "", true },
	{ "\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com", "", true },
	{ "\"plain\"@example.com", "plain@example.com", "", true },
	{ "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "pete@silly.test", "Pete", true },
	{ "A Group:Ed Jones <joe@where.test>,joe@where2.test,John <jdoe@one.test>;",
	  "joe@where.test joe@where2.test jdoe@one.test", "Ed Jones", true },
	{ "Undisclosed recipients:;", "", "", true },
	{ "<@hop1.test,@hop2.test:jdoe@one.test>", "jdoe@one.test", "", true },
	{ "joe@[192.0.2.1]", "joe@[192.0.2.1]", "", true },
	{ "joe . bloggs @ example . com", "joe.bloggs@example.com", "", true },
	{ ",, a@example.com ,, b@example.com,", "a@example.com b@example.com", "", true },
	{ "\xc3\x9cmit <u@example.com>", "u@example.com", "\xc3\x9cmit", true },
	{ "<>", "", "", false },
	{ "Anna", "", "", false },
	{ "Anna <a@example.com", "a@example.com", "Anna", false },
	{ "a@", "", "", false },
	{ "@example.com", "", "", false },
	{ "\"never closed <a@example.com>", "", "", false },
	{ "(never closed a@example.com", "", "", false },
	{ "a@example.com b@example.org", "a@example.com", "", false },
	{ "a@example.com <b@example.org>, c@example.net", "a@example.com b@example.org c@example.net", "",
	  false },
	{ "<a@example.com b@example.org>", "a@example.com", "", false },
	{ "<a@example.com <b@example.org>", "a@example.com", "", false },
	{ "<a@example.com (a comment) >", "a@example.com", "", true },
	{ "", "", "", true },
};

static void test_mailbox(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mailbox_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mailbox_list l;
		bool sound = mailbox_parse(a, str_of(mailbox_cases[i].value), &l);
		const char *got = "";
		for (size_t k = 0; k < l.n; k++)
			got = arena_printf(a, "%s%s%s", got, k ? " " : "", l.v[k].address);
		if (sound != mailbox_cases[i].sound || strcmp(got, mailbox_cases[i].addresses) != 0)
			print_error("'%s': '%s' %s\n", mailbox_cases[i].value, got, l.bad ? l.bad : "");
		assert_int_equal(sound, mailbox_cases[i].sound);
		assert_string_equal(got, mailbox_cases[i].addresses);
		if (l.n)
			assert_string_equal(l.v[0].name, mailbox_cases[i].first_name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_find_nth),
		cmocka_unit_test(test_mailbox),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
