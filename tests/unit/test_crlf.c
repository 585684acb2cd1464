/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/crlf.h"
#include "unit.h"

static const struct crlf_case {
	const char *name, *text;
	size_t n;
} crlf_cases[] = {
	{ "nothing", "", 0 },
	{ "one line", "one\r\n", 5 },
	{ "an empty line", "\r\n", 2 },
	{ "no end", "one", 0 },
	{ "half an end", "one\r", 0 },
	{ "a second without end", "one\r\ntwo", 5 },
	{ "a dot inside", "o.e\r\n", 5 },
	{ "a dot first", ".one\r\n", 0 },
	{ "a dot in the second", "one\r\n.two\r\n", 5 },
	{ "a dot alone", "one\r\n.\r\ntwo\r\n", 5 },
	{ "bare LF", "one\ntwo\r\n", 0 },
	{ "bare LF in the second", "one\r\ntwo\nthree\r\n", 5 },
	{ "bare CR", "one\rtwo\r\n", 0 },
	{ "bare CR in the second", "one\r\nt\rwo\r\n", 5 },
	{ "CR CR LF", "one\r\r\n", 0 },
	{ "LF CR", "one\r\n\n\r\n", 5 },
	{ "LF first", "\none\r\n", 0 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crlf_cases); i++) {
		const struct crlf_case *c = &crlf_cases[i];
		for (size_t before = 0; before < 140; before++) { /* at every place of a block */
			char text[200];
			memset(text, 'x', before);
			memcpy(text + before, "\r\n", 2);
			strcpy(text + before + 2, c->text);
			struct crlf_run r = crlf_run(str_of(text));
			if (r.n != before + 2 + c->n)
				fail_msg("%s behind %zu bytes: %zu", c->name, before, r.n);
		}
		assert_int_equal(crlf_run(str_of(c->text)).n, c->n);
	}
}

/* Byte by byte. */
static struct crlf_run plainly(struct str s)
{
	struct crlf_run r = { 0 };
	size_t from = 0;
	while (from < s.len && s.p[from] != '.') {
		size_t i = from;
		while (i < s.len && s.p[i] != '\r' && s.p[i] != '\n')
			i++;
		if (i + 1 >= s.len || s.p[i] != '\r' || s.p[i + 1] != '\n')
			break;
		r.has_long |= i + 2 - from > CRLF_LINE_BYTES_MAX;
		r.n = from = i + 2;
	}
	return r;
}

static void check_as_plainly(struct str s, size_t round)
{
	struct crlf_run r = crlf_run(s), want = plainly(s);
	if (r.n != want.n || r.has_long != want.has_long)
		fail_msg("round %zu, %zu bytes: %zu %d, not %zu %d", round, s.len, r.n, r.has_long, want.n,
			 want.has_long);
}

static uint64_t dice(uint64_t *x)
{
	*x = *x * 6364136223846793005u + 1442695040888963407u;
	return *x >> 33;
}

static void test_as_byte_by_byte(void **state)
{
	(void)state;
	uint64_t x = 4;
	char text[400];
	for (size_t round = 0; round < 20000; round++) {
		size_t n = 0, words = dice(&x) % 60, odd = dice(&x) % 40 + 2;
		while (n + 12 < sizeof(text) && words--) {
			size_t plain = dice(&x) % 10;
			memset(text + n, 'a', plain);
			n += plain;
			size_t what = dice(&x) % odd;
			text[n++] = what == 0   ? '\r'
				    : what == 1 ? '\n'
				    : what == 2 ? '.'
				    : what == 3 ? 0
						: '\r';
			text[n++] = what < 4 ? 'b' : '\n';
		}
		check_as_plainly((struct str){ text, n }, round);
	}
}

static void test_long_lines(void **state)
{
	(void)state;
	char text[2100];
	for (size_t n = 990; n < 1010; n++)
		for (size_t before = 0; before < 70; before += 3) {
			memset(text, 'x', sizeof(text));
			memcpy(text + before, "\r\n", 2);
			memcpy(text + before + n, "\r\n", 2); /* n bytes with its end */
			check_as_plainly((struct str){ text, before + n + 2 }, n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_as_byte_by_byte),
		cmocka_unit_test(test_long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
