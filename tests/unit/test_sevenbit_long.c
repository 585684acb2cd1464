/* SPDX-License-Identifier: Apache-2.0 */
/* mail/sevenbit: lines that are too long for SMTP, and which part is coded for that. */
#include <string.h>

#include "tests/unit/sevenbit_convert.h"

#include "mail/mime.h"

#define SHORT_PART                                                                                           \
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" UMLAUT   \
	"\r\n"

/* Where long lines are what is wrong: their part is coded, and nothing else; n: of the line. */
static void check_long(unsigned causes, size_t n, const char *head, bool coded)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf in = { 0 }, out = { 0 };
	const char *why;
	buf_addf(&in, "%s" UMLAUT "\r\n%s%s\r\n", MIXED(""), SHORT_PART, head);
	size_t from = buf_waiting(&in);
	for (size_t i = 0; i < n; i++)
		buf_add(&in, i % 9 ? "x" : " ", 1);
	buf_adds(&in, "\r\nend");
	struct str text = arena_str(a, str_cut(buf_str(&in), from, buf_waiting(&in)));
	buf_adds(&in, "\r\n--b--\r\n");
	enum sevenbit_verdict v = sevenbit_convert(causes, buf_str(&in), n, &out, &why);
	assert_int_equal(v, coded ? SEVENBIT_CONVERTS : SEVENBIT_FITS);
	if (!coded)
		return;
	struct mime m;
	struct str got, all = buf_str(&out), line;
	mime_read(a, all, &m);
	assert_true(m.n == 3 && mime_decode(a, &m.v[2], &got) && str_equal(got, text));
	assert_true((str_ifind(all, SHORT_PART) < all.len) == !(causes & SEVENBIT_HIGH));
	while (str_next(&all, "\r\n", &line))
		assert_true(line.len < 100);
}

static void test_long_lines(void **state)
{
	(void)state;
	static const size_t sizes[] = { 999, 1000, 2000, 4095, 4096, 4097, 20000 };
	const char *html = "--b\r\nContent-Type: text/html\r\n";
	const char *base64 = "--b\r\nContent-Transfer-Encoding: base64\r\n";
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		check_long(SEVENBIT_LONG, sizes[i], html, true);
		check_long(SEVENBIT_LONG, sizes[i], "--b\r\n", true);
		check_long(SEVENBIT_LONG | SEVENBIT_HIGH, sizes[i], html, true);
		check_long(SEVENBIT_LONG, sizes[i], base64, false); /* as it is */
	}
	check_long(SEVENBIT_LONG, 998, html, false);
}

/* Signed for itself (DKIM): a message inside is left as it is, and what stands beside it is coded. */
static void test_long_lines_within(void **state)
{
	(void)state;
	char line[1000 + 1];
	memset(line, 'x', 1000);
	line[1000] = '\0';
	static const struct within_case {
		const char *name, *before, *after; /* of the long line */
		unsigned causes;
		bool coded;
	} all[] = {
		{ "a part", MIXED("") "--b\r\n\r\n", "\r\n--b--\r\n", SEVENBIT_LONG, true },
		{ "a message inside",
		  MIXED("") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\n", "\r\n--b--\r\n",
		  SEVENBIT_LONG, false },
		{ "the same, where 8-bit text is coded too",
		  MIXED("") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\n", "\r\n--b--\r\n",
		  SEVENBIT_LONG | SEVENBIT_HIGH, false },
		{ "a multipart of a message inside",
		  MIXED("") "--b\r\nContent-Type: message/rfc822\r\n\r\n"
			    "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\n",
		  "\r\n--i--\r\n--b--\r\n", SEVENBIT_LONG, false },
		{ "a digest",
		  "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\n\r\n",
		  "\r\n--b--\r\n", SEVENBIT_LONG, false },
		{ "beside a message",
		  MIXED("") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n--b\r\n\r\n",
		  "\r\n--b--\r\n", SEVENBIT_LONG, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(buf_clear) struct buf in = { 0 }, out = { 0 };
		const char *why;
		buf_addf(&in, "%s%s%s", all[i].before, line, all[i].after);
		enum sevenbit_verdict v = sevenbit_convert(all[i].causes, buf_str(&in), 7, &out, &why);
		if (v != (all[i].coded ? SEVENBIT_CONVERTS : SEVENBIT_FITS))
			fail_msg("%s: %d", all[i].name, (int)v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_long_lines_within),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
