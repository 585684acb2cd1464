/* SPDX-License-Identifier: Apache-2.0 */
/* mail/base64_lines: every length, against a coder that takes one bit after another. */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/base64_lines.h"

enum { LENGTHS = 400, LINE = 76 };

/* RFC 4648, 4: six bits a character, then "=" up to a multiple of four. */
static void code(struct buf *out, const unsigned char *p, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;
	for (size_t bit = 0; bit < 8 * n || column % 4; bit += 6) {
		unsigned six = 0;
		for (size_t i = bit; i < bit + 6; i++)
			six = six << 1 | (i < 8 * n ? p[i / 8] >> (7 - i % 8) & 1u : 0);
		buf_add(out, bit < 8 * n ? &alphabet[six] : "=", 1);
		if (++column == LINE) {
			buf_adds(out, "\r\n");
			column = 0;
		}
	}
	if (column)
		buf_adds(out, "\r\n");
}

/* The content ends where its memory ends: nothing is looked at behind it. */
static void check_length(size_t n, unsigned seed)
{
	CLEANUP(buf_clear) struct buf want = { 0 };
	CLEANUP(buf_clear) struct buf got = { 0 };
	CLEANUP(mem_free) unsigned char *p = mem_grow(NULL, n ? n : 1, 1);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		p[i] = (unsigned char)(seed >> 16);
	}
	code(&want, p, n);
	base64_lines(&got, (struct str){ (const char *)p, n });
	assert_int_equal(buf_waiting(&got), buf_waiting(&want));
	assert_int_equal(base64_lines_size(n), buf_waiting(&want));
	assert_memory_equal(buf_str(&got).p, buf_str(&want).p, buf_waiting(&want));
}

static void test_lengths(void **state)
{
	(void)state;
	for (size_t n = 0; n < LENGTHS; n++)
		check_length(n, (unsigned)n);
	for (size_t n = 64 * BASE64_LINE_BYTES - 4; n < 64 * BASE64_LINE_BYTES + 8; n++)
		check_length(n, 7);
	check_length(20 * 1024, 1);
}

/* Each of the 64 characters, in each of its four places. */
static void test_alphabet(void **state)
{
	(void)state;
	unsigned char all[3 * 64 * 4];
	CLEANUP(buf_clear) struct buf want = { 0 };
	CLEANUP(buf_clear) struct buf got = { 0 };
	for (size_t i = 0; i < 256; i++) {
		uint32_t v = (uint32_t)(i & 63) << (6 * (i >> 6));
		memcpy(all + 3 * i,
		       (unsigned char[]){ (unsigned char)(v >> 16), (unsigned char)(v >> 8),
					  (unsigned char)v },
		       3);
	}
	code(&want, all, sizeof(all));
	base64_lines(&got, (struct str){ (const char *)all, sizeof(all) });
	assert_int_equal(buf_waiting(&got), buf_waiting(&want));
	assert_memory_equal(buf_str(&got).p, buf_str(&want).p, buf_waiting(&want));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lengths), cmocka_unit_test(test_alphabet) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
