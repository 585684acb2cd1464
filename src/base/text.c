/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at s, or 0 (RFC 3629, 4). */
static size_t utf8_sequence(struct str s)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t n = u[0] < 0x80   ? 1
		   : u[0] < 0xc2 ? 0
		   : u[0] < 0xe0 ? 2
		   : u[0] < 0xf0 ? 3
		   : u[0] < 0xf5 ? 4
				 : 0;
	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) || (u[0] == 0xf0 && u[1] < 0x90) ||
	    (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return n;
}

/* How many bytes below 128 s begins with. */
static size_t ascii_run(struct str s)
{
	size_t i = 0;
	for (uint64_t eight; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if (eight & 0x8080808080808080u)
			break;
	}
	while (i < s.len && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

bool text_is_utf8(struct str s)
{
	for (size_t i = ascii_run(s), n; i < s.len; i += n + ascii_run(str_cut(s, i + n, s.len))) {
		n = utf8_sequence(str_cut(s, i, s.len));
		if (!n)
			return false;
	}
	return true;
}

bool text_is_ascii(struct str s)
{
	return ascii_run(s) == s.len;
}

/* C1 controls and the direction marks that could disguise text on a screen. */

bool text_has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool is_hidden(struct str seq)
{
	const unsigned char *u = (const unsigned char *)seq.p;
	if (seq.len == 1)
		return (u[0] < 0x20 && u[0] != '\t') || u[0] == 0x7f;
	if (seq.len == 2)
		return u[0] == 0xc2 && u[1] < 0xa0;
	return seq.len == 3 && u[0] == 0xe2 &&
	       ((u[1] == 0x80 && u[2] >= 0x8b && u[2] <= 0x8f) ||
		(u[1] == 0x80 && u[2] >= 0xa8 && u[2] <= 0xae) ||
		(u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9));
}

static void add_hex(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addf(b, "\\x%02x", (unsigned char)s.p[i]);
}

/* False: none of the eight bytes is a control byte, DEL, a backslash or above 127. */
static bool has_special(uint64_t eight)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
	uint64_t backslash = eight ^ ones * '\\';
	return ((eight - ones * ' ') | eight | (eight + ones) | ((backslash - ones) & ~backslash)) & high;
}

/* How many bytes at the front of s stand as they are and need no look at their neighbours. */
static size_t plain_run(struct str s)
{
	size_t i = 0;
	for (uint64_t eight; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if (has_special(eight))
			break;
	}
	while (i < s.len && s.p[i] >= ' ' && s.p[i] < 0x7f && s.p[i] != '\\')
		i++;
	return i;
}

static void add_printable(struct buf *b, struct str s)
{
	for (size_t i = 0, n; i < s.len; i += n) {
		n = utf8_sequence(str_cut(s, i, s.len));
		struct str seq = str_cut(s, i, i + (n ? n : 1));
		if (!n || is_hidden(seq))
			add_hex(b, seq);
		else if (*seq.p == '\\')
			buf_adds(b, "\\\\");
		else
			buf_add(b, seq.p, seq.len);
		n = seq.len;
	}
}

const char *text_printable(struct arena *a, struct str s)
{
	if (plain_run(s) == s.len)
		return arena_dup(a, s.p, s.len);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_printable(&b, s);
	return arena_dup(a, buf_str(&b).p, buf_waiting(&b));
}

char *text_printable_new(struct str s)
{
	if (plain_run(s) == s.len)
		return mem_dup(s.p, s.len);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_printable(&b, s);
	return mem_dup(buf_str(&b).p, buf_waiting(&b));
}
