/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/path.h"
#include "smtp/xtext.h"

#define A10  "aaaaaaaaaa"
#define A64  A10 A10 A10 A10 A10 A10 "aaaa"
#define L63  A10 A10 A10 A10 A10 A10 "aaa"
#define D255 L63 "." L63 "." L63 "." L63

static const struct mailbox_case {
	const char *in;
	const char *word; /* NULL: good */
	size_t at;        /* of the offence; of a good one, length of the local part */
	unsigned options;
} mailbox_cases[] = {
	{ "a@b", NULL, 1, 0 },
	{ "user.name+tag@mail.example.com", NULL, 13, 0 },
	{ "!#$%&'*+-/=?^_`{|}~@example.com", NULL, 19, 0 },
	{ "\"quoted @ part\"@example.com", NULL, 15, 0 },
	{ "\"a\\\"b\"@example.com", NULL, 6, 0 },
	{ "\"\"@example.com", NULL, 2, 0 },
	{ "a@[192.0.2.1]", NULL, 1, 0 },
	{ "a@[IPv6:2001:db8::1]", NULL, 1, 0 },
	{ "a@xn--bcher-kva.example", NULL, 1, 0 },
	{ "a@1.2.3.4", NULL, 1, 0 },
	{ "gr\xc3\xbc\xc3\x9f@b\xc3\xbc.example", NULL, 6, SMTP_PATH_UTF8 },
	{ A64 "@example.com", NULL, 64, 0 },
	{ A64 "a@example.com", "too-long", 64, 0 },
	{ A64 "a@example.com", NULL, 65, SMTP_PATH_LONG_LOCAL },
	{ "a@" D255, "too-long", 254, 0 },
	{ "a@" D255, NULL, 1, SMTP_PATH_LONG_LOCAL },
	{ "a@" D255 ".b", "too-long", 2 + 255, 0 },
	{ "a@" L63 "a.example", "bad-label", 2 + 63, 0 },
	{ "", "empty", 0, 0 },
	{ "user", "no-at", 4, 0 },
	{ "user.example.com", "no-at", 16, 0 },
	{ "@example.com", "no-local", 0, 0 },
	{ "user@", "no-domain", 5, 0 },
	{ "a@b@c", "two-ats", 3, 0 },
	{ "a@@b", "two-ats", 2, 0 },
	{ " a@b", "blank", 0, 0 },
	{ "a@b ", "blank", 3, 0 },
	{ "a b@c", "blank", 1, 0 },
	{ "a@b\n", "line-break", 3, 0 },
	{ "a\r\nRCPT TO:<x@y>@b", "line-break", 1, 0 },
	{ "\"a\nb\"@c", "line-break", 2, 0 },
	{ "a@b,c@d", "comma", 3, 0 },
	{ "a@b;c@d", "comma", 3, 0 },
	{ "a,b@c", "comma", 1, 0 },
	{ "Bob Example <bob@example.com>", "display-name", 12, 0 },
	{ "\"Bob, Example\" <bob@example.com>", "display-name", 15, 0 },
	{ "<bob@example.com>", "display-name", 0, 0 },
	{ "bob@example.com>", "display-name", 15, 0 },
	{ ".a@b", "dot", 0, 0 },
	{ "a.@b", "dot", 1, 0 },
	{ "a..b@c", "dot", 2, 0 },
	{ "a@.b", "dot", 2, 0 },
	{ "a@b..c", "dot", 3, 0 },
	{ "a@b.", "dot", 3, 0 },
	{ "\"a@b", "unbalanced-quote", 0, 0 },
	{ "a\"b@c", "unbalanced-quote", 1, 0 },
	{ "\"a\".b@c", "bad-character", 3, 0 },
	{ "a(x)@b", "bad-character", 1, 0 },
	{ "a@b_c", "bad-character", 3, 0 },
	{ "a@b\x7f", "bad-character", 3, 0 },
	{ "a@-b", "bad-label", 2, 0 },
	{ "a@b-", "bad-label", 3, 0 },
	{ "a@[192.0.2]", "bad-literal", 2, 0 },
	{ "a@[192.0.2.1", "bad-literal", 2, 0 },
	{ "a@[2001:db8::1]", "bad-literal", 2, 0 },
	{ "a@[]", "bad-literal", 2, 0 },
	{ "gr\xc3\xbc@b", "non-ascii", 2, 0 },
	{ "a@b\xc3\xbc", "non-ascii", 3, 0 },
	{ "a\xff@b", "bad-character", 1, SMTP_PATH_UTF8 },
	{ "a\xc3", "bad-character", 1, SMTP_PATH_UTF8 },
};

static void test_mailbox_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mailbox_cases); i++) {
		const struct mailbox_case *t = &mailbox_cases[i];
		struct smtp_mailbox m = { 0 };
		struct smtp_path_problem why = { 0 };
		bool good = smtp_mailbox_read(str_of(t->in), t->options, &m, &why);
		if (why.word || t->word)
			assert_string_equal(why.word ? why.word : t->in, t->word ? t->word : t->in);
		if (why.word) /* people get a sentence */
			assert_non_null(strchr(smtp_path_words(why.word), ' '));
		assert_int_equal(good, t->word == NULL);
		assert_int_equal(good ? m.local.len : why.at, t->at);
		if (good)
			assert_int_equal(m.local.len + 1 + m.domain.len, strlen(t->in));
	}
}

/* Every piece of every case is read without touching a byte beyond it: the
 * piece is copied so that a sanitizer sees one step too far. */
static void test_every_prefix_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mailbox_cases); i++)
		for (size_t n = 0; n <= strlen(mailbox_cases[i].in); n++) {
			CLEANUP(mem_free) char *piece = mem_grow(NULL, n, 1);
			memcpy(piece, mailbox_cases[i].in, n);
			struct smtp_mailbox m;
			struct smtp_path_problem why = { 0 };
			if (smtp_mailbox_read((struct str){ piece, n }, SMTP_PATH_UTF8, &m, &why))
				assert_null(why.word);
			else
				assert_true(why.word && why.at <= n);
		}
}

static const struct path_case {
	const char *in, *address, *rest;
	unsigned odd;
	const char *word;
	size_t at;
} path_cases[] = {
	{ "<a@b>", "a@b", "", 0, NULL, 0 },
	{ "<>", "", "", 0, NULL, 0 },
	{ "<Postmaster>", "Postmaster", "", 0, NULL, 0 },
	{ "<a@b> SIZE=1", "a@b", " SIZE=1", 0, NULL, 0 },
	{ " <a@b>", "a@b", "", SMTP_PATH_BLANK, NULL, 0 },
	{ "a@b SIZE=1", "a@b", " SIZE=1", SMTP_PATH_NO_BRACKETS, NULL, 0 },
	{ "<@x.example,@y.example:a@b>", "a@b", "", SMTP_PATH_ROUTE, NULL, 0 },
	{ "<\"a>b\"@c> X", "\"a>b\"@c", " X", 0, NULL, 0 },
	{ "", NULL, NULL, 0, "empty", 0 },
	{ "<a@b", NULL, NULL, 0, "no-bracket", 4 },
	{ "<a@b>SIZE=1", NULL, NULL, 0, "bad-parameter", 5 },
	{ "<a@b>>", NULL, NULL, 0, "bad-parameter", 5 },
	{ "<@x:>", NULL, NULL, 0, "empty", 4 },
	{ "<@x a@b>", NULL, NULL, 0, "bad-route", 1 },
	{ "<@:a@b>", NULL, NULL, 0, "bad-route", 1 },
	{ "< a@b>", NULL, NULL, 0, "blank", 1 },
	{ "<a>", NULL, NULL, 0, "no-at", 2 },
};

static void test_path_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(path_cases); i++) {
		const struct path_case *t = &path_cases[i];
		struct smtp_path p;
		struct str rest = { 0 };
		struct smtp_path_problem why = { 0 };
		bool good = smtp_path_read(str_of(t->in), 0, &p, &rest, &why);
		assert_int_equal(good, t->word == NULL);
		if (!good) {
			assert_string_equal(why.word, t->word);
			assert_int_equal(why.at, t->at);
			continue;
		}
		assert_true(str_eq(p.address, t->address));
		assert_true(str_eq(rest, t->rest));
		assert_int_equal(p.odd, t->odd);
	}
}

static void test_xtext(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	smtp_xtext_encode(&b, STR_LIT("a+b=c d\xff"));
	assert_true(str_eq(buf_str(&b), "a+2Bb+3Dc+20d+FF"));
	CLEANUP(buf_clear) struct buf back = { 0 };
	assert_true(smtp_xtext_decode(&back, buf_str(&b)));
	assert_true(str_eq(buf_str(&back), "a+b=c d\xff"));
	static const char *const bad[] = { "a b", "a=b", "+", "+2", "+G0", "\xff" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(smtp_xtext_is(str_of(bad[i])));
	assert_false(smtp_xtext_is(STR_LIT("")));
	buf_clear(&b);
	smtp_xtext_unicode(&b, STR_LIT("utf-8;\xc3\xbc+\xe2\x82\xac\xf0\x9f\x93\xa7@d"));
	assert_true(str_eq(buf_str(&b), "utf-8;\\x{FC}\\x{2B}\\x{20AC}\\x{1F4E7}@d"));
	assert_true(smtp_xtext_is(buf_str(&b)));
	buf_clear(&b);
	smtp_xtext_unicode(&b, STR_LIT("rfc822;a+2Bb@d"));
	assert_true(str_eq(buf_str(&b), "rfc822;a+2Bb@d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mailbox_cases),
		cmocka_unit_test(test_every_prefix_is_safe),
		cmocka_unit_test(test_path_cases),
		cmocka_unit_test(test_xtext),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
