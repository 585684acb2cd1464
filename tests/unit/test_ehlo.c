/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/ehlo.h"

static const struct ehlo_case {
	const char *test, *input;
	const char *name;
	unsigned extensions;
	long size;
	const char *auth, *masked; /* joined by "," */
	size_t keywords;
} ehlo_cases[] = {
	{ "bare", "250 mx.example.com\r\n", "mx.example.com", 0, -1, "", "", 0 },
	{ "greeting after the name",
	  "250-mx.example.com Hello [192.0.2.1]\r\n250-PIPELINING\r\n250-SIZE 36700160\r\n250-starttls\r\n"
	  "250-8BITMIME\r\n250 SMTPUTF8\r\n",
	  "mx.example.com",
	  SMTP_EXT_PIPELINING | SMTP_EXT_SIZE | SMTP_EXT_STARTTLS | SMTP_EXT_8BITMIME | SMTP_EXT_SMTPUTF8,
	  36700160, "", "", 5 },
	{ "auth in both forms", "250-x\r\n250-AUTH LOGIN plain\r\n250-AUTH=LOGIN XOAUTH2\r\n250 DSN\r\n", "x",
	  SMTP_EXT_AUTH | SMTP_EXT_DSN, -1, "LOGIN,PLAIN,XOAUTH2", "", 3 },
	{ "auth without a mechanism", "250-x\r\n250 AUTH\r\n", "x", SMTP_EXT_AUTH, -1, "", "", 1 },
	{ "size without a number", "250-x\r\n250 SIZE\r\n", "x", SMTP_EXT_SIZE, 0, "", "", 1 },
	{ "size too large to be a limit", "250-x\r\n250 SIZE 99999999999999999999\r\n", "x", SMTP_EXT_SIZE, 0,
	  "", "", 1 },
	{ "masked by a firewall", "250-x\r\n250-XXXXXXXA\r\n250-SIZE 100\r\n250 ********\r\n", "x",
	  SMTP_EXT_SIZE, 100, "", "XXXXXXXA,********", 3 },
	{ "an X keyword is no mask", "250-x\r\n250-XCLIENT NAME ADDR\r\n250-X-EXPS GSSAPI\r\n250 XXX\r\n",
	  "x", 0, -1, "", "", 3 },
	{ "the rest",
	  "250-x\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-REQUIRETLS\r\n"
	  "250 LIMITS RCPTMAX=20\r\n",
	  "x",
	  SMTP_EXT_CHUNKING | SMTP_EXT_BINARYMIME | SMTP_EXT_ENHANCEDSTATUSCODES | SMTP_EXT_REQUIRETLS |
		  SMTP_EXT_LIMITS,
	  -1, "", "", 5 },
	{ "a longer word is another", "250-x\r\n250-STARTTLSX\r\n250 8BITMIMES\r\n", "x", 0, -1, "", "", 2 },
	{ "no name", "250-\r\n250 SIZE 1\r\n", "", SMTP_EXT_SIZE, 1, "", "", 1 },
	{ "hostile name", "250-\x1b[31m\r\n250 SIZE 1\r\n", "\\x1b[31m", SMTP_EXT_SIZE, 1, "", "", 1 },
};

static void check_ehlo_case(const struct ehlo_case *t, size_t cut)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	const struct smtp_reply *r = NULL;
	size_t used, len = strlen(t->input);
	int got = smtp_reply_parser_feed(p, t->input, cut, &used, &r, NULL);
	if (!got)
		got = smtp_reply_parser_feed(p, t->input + cut, len - cut, &used, &r, NULL);
	assert_int_equal(got, 1);
	const struct smtp_ehlo *h = smtp_ehlo_read(r, a);
	assert_string_equal(h->name, t->name);
	assert_int_equal(h->extensions, t->extensions);
	assert_int_equal(h->size, t->size);
	assert_int_equal(h->keywords.n, t->keywords);
	assert_string_equal(strlist_join(&h->auth, a, ","), t->auth);
	assert_string_equal(strlist_join(&h->masked, a, ","), t->masked);
}

static void test_ehlo_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ehlo_cases); i++)
		for (size_t cut = 0; cut <= strlen(ehlo_cases[i].input); cut++)
			check_ehlo_case(&ehlo_cases[i], cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ehlo_cases) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
