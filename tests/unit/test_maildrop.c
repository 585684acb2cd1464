/* SPDX-License-Identifier: Apache-2.0 */
/* net/maildrop: what servers answer, well and badly. */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/maildrop.h"

static const struct search_case {
	const char *name, *answer;
	size_t n;
	unsigned long first;
} searches[] = {
	{ "three", "* SEARCH 2 84 882\r\n", 3, 2 },
	{ "none", "* SEARCH\r\n", 0, 0 },
	{ "two answers", "* SEARCH 7\r\n* OK still here\r\n* SEARCH 9\r\n", 2, 7 },
	{ "the end of a line by LF alone", "* SEARCH 7 8\n", 2, 7 },
	{ "nought is no UID", "* SEARCH 0 5\r\n", 1, 5 },
	{ "too great", "* SEARCH 99999999999999999999 4294967295 4294967296\r\n", 1, 4294967295UL },
	{ "words", "* SEARCH -1 x 3x 3\r\n", 1, 3 },
	{ "something else", "* 5 EXISTS\r\nA1 OK\r\n", 0, 0 },
};

static void test_searches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		unsigned long v[4] = { 0 };
		size_t n = maildrop_read_search(str_of(searches[i].answer), v, ARRAY_LEN(v));
		if (n != searches[i].n || (n && v[0] != searches[i].first))
			fail_msg("%s: %zu, %lu", searches[i].name, n, v[0]);
	}
	unsigned long v[2];
	assert_int_equal(maildrop_read_search(STR_LIT("* SEARCH 1 2 3 4"), v, 2), 2);
}

static void test_sizes(void **state)
{
	(void)state;
	struct maildrop_mail v[] = { { "", 7, 0, false }, { "", 9, 0, false }, { "", 11, 0, false } };
	maildrop_read_sizes(STR_LIT("* 1 FETCH (UID 7 RFC822.SIZE 1234 FLAGS (\\Seen \\Recent))\r\n"
				    "* 2 FETCH (FLAGS () RFC822.SIZE 5 UID 9)\r\n"
				    "* 3 FETCH (UID 10 RFC822.SIZE 6 FLAGS ())\r\n* 4 EXISTS\r\n"),
			    v, ARRAY_LEN(v));
	assert_int_equal(v[0].bytes, 1234);
	assert_true(v[0].seen);
	assert_int_equal(v[1].bytes, 5);
	assert_false(v[1].seen);
	assert_int_equal(v[2].bytes, 0);
}

static const struct junk_case {
	const char *name, *answer, *junk;
} junks[] = {
	{ "none", "* LIST (\\HasNoChildren) \".\" INBOX\r\n", NULL },
	{ "by what the server says",
	  "* LIST () \"/\" Junk\r\n* LIST (\\HasNoChildren \\Junk) \"/\" \"Bulk \\\"Mail\\\"\"\r\n",
	  "Bulk \"Mail\"" },
	{ "by its name", "* LIST (\\Sent) \".\" Sent\r\n* LIST (\\HasNoChildren) \".\" \"INBOX.spam\"\r\n",
	  "INBOX.spam" },
	{ "Exchange", "* LIST (\\HasNoChildren) \"/\" \"Junk E-Mail\"\r\n", "Junk E-Mail" },
	{ "no delimiter", "* LIST () NIL Spam\r\n", "Spam" },
	{ "a part of a name is none", "* LIST () \"/\" \"Spam reports\"\r\n* LIST () \"/\" Junk/Old\r\n",
	  NULL },
	{ "only a branch", "* LIST (\\Noselect \\Junk) \"/\" Junk\r\n", NULL },
	{ "broken lines",
	  "* LIST (\\Junk\r\n* LIST (\\Junk) \"\r\n* LIST (\\Junk) \"/\" {4}\r\n* LIST )( \"/\" Junk\r\n",
	  NULL },
};

static void test_junk(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(junks); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const char *got = maildrop_read_junk(str_of(junks[i].answer), a);
		if (!got != !junks[i].junk || (got && strcmp(got, junks[i].junk) != 0))
			fail_msg("%s: %s", junks[i].name, got ? got : "none");
	}
}

static void test_pop3(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct maildrop_mail v[3];
	size_t n = maildrop_read_pop3(STR_LIT("1 120\r\n2 200\r\n2 300\r\nx 5\r\n4\r\n5 50\r\n6 60\r\n"),
				      false, a, v, 0, ARRAY_LEN(v));
	assert_int_equal(n, 3);
	assert_int_equal(v[2].number, 5);
	assert_string_equal(v[2].uid, "5");
	assert_int_equal(maildrop_read_pop3(STR_LIT("1 abc\r\n5 QhdPYR:00WBw1Ph7x7\r\n9 z\r\n"), true, a, v,
					    n, n),
			 3);
	assert_string_equal(v[0].uid, "abc");
	assert_string_equal(v[1].uid, "2");
	assert_string_equal(v[2].uid, "QhdPYR:00WBw1Ph7x7");
}

static void test_folders(void **state)
{
	(void)state;
	assert_true(maildrop_folder_fits("INBOX"));
	assert_true(maildrop_folder_fits("Postrider/Read it"));
	static const char *const bad[] = { "", "a\"b", "a\r\nb", "a%b", "a*", "a\\b", "Gel\xc3\xb6scht" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(maildrop_folder_fits(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_searches), cmocka_unit_test(test_sizes),   cmocka_unit_test(test_junk),
		cmocka_unit_test(test_pop3),     cmocka_unit_test(test_folders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
