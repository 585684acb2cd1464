/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "mail/dkim_canon.h"

/* RFC 6376, 3.4.5, and corners. */
static const struct {
	enum dkim_canon canon;
	const char *in, *out;
} body_cases[] = {
	{ DKIM_RELAXED, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n" },
	{ DKIM_SIMPLE, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n" },
	{ DKIM_SIMPLE, "", "\r\n" },
	{ DKIM_RELAXED, "", "" },
	{ DKIM_SIMPLE, "\r\n\r\n", "\r\n" },
	{ DKIM_RELAXED, "\r\n \t\r\n", "" },
	{ DKIM_SIMPLE, "Foo bar", "Foo bar\r\n" },
	{ DKIM_RELAXED, "Foo bar", "Foo bar\r\n" },
	{ DKIM_SIMPLE, "Foo  \tbar    \r\n\r\n", "Foo  \tbar    \r\n" },
	{ DKIM_RELAXED, "Foo  \t\r\nbar\r\n", "Foo\r\nbar\r\n" },
	{ DKIM_SIMPLE, "a\n\nb\n", "a\r\n\r\nb\r\n" },
	{ DKIM_SIMPLE, "a\rb\r\r\n\r", "a\rb\r\r\n\r\r\n" },
	{ DKIM_RELAXED, "a\rb \r\r\n \r", "a\rb \r\r\n \r\r\n" },
	{ DKIM_RELAXED, "\r\n\r\n  a \r\n \t\r\n\r\n b", "\r\n\r\n a\r\n\r\n\r\n b\r\n" },
}, field_cases[] = {
	{ DKIM_RELAXED, "A: X\r\n", "a:X\r\n" },
	{ DKIM_RELAXED, "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n" },
	{ DKIM_SIMPLE, "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n" },
	{ DKIM_SIMPLE, "A: X", "A: X\r\n" },
	{ DKIM_RELAXED, "Empty:\r\n", "empty:\r\n" },
	{ DKIM_RELAXED, "Foo  :   Bar \t baz   \r\n", "foo:Bar baz\r\n" },
};

static void to_buf(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
}

/* Cut in two at every byte. */
static void in_pieces(struct str in, enum dkim_canon canon, const char *out)
{
	for (size_t cut = 0; cut <= in.len; cut++) {
		struct buf b = { 0 };
		struct dkim_body body = { .canon = canon, .sink = { to_buf, &b } };
		dkim_body_feed(&body, str_cut(in, 0, cut));
		dkim_body_feed(&body, str_cut(in, cut, in.len));
		dkim_body_end(&body);
		if (!str_eq(buf_str(&b), out))
			fail_msg("cut at %zu: " STR_FMT, cut, STR_ARG(buf_str(&b)));
		buf_clear(&b);
	}
}

static void test_canon(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(body_cases); i++) {
		struct buf b = { 0 };
		const struct dkim_sink sink = { to_buf, &b };
		dkim_canon_body(str_of(body_cases[i].in), body_cases[i].canon, &sink);
		assert_true(str_eq(buf_str(&b), body_cases[i].out));
		in_pieces(str_of(body_cases[i].in), body_cases[i].canon, body_cases[i].out);
		buf_clear(&b);
	}
	for (size_t i = 0; i < ARRAY_LEN(field_cases); i++) {
		struct buf b = { 0 };
		dkim_canon_field(str_of(field_cases[i].in), field_cases[i].canon, &b);
		assert_true(str_eq(buf_str(&b), field_cases[i].out));
		buf_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
