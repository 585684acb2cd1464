/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/address_xtext.h"

#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/utf8.h"

enum { HEX_MAX = 6, POINT_MAX = 0x10ffff };

/* One code point at s; how many bytes it has. */
static size_t code_point(struct str s, unsigned *out)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	*out = n == 1 ? c : c & (0x7fU >> n);
	for (size_t i = 1; i < n && i < s.len; i++)
		*out = *out << 6 | ((unsigned char)s.p[i] & 0x3fU);
	return n;
}

const char *address_xtext(struct arena *a, struct str s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	unsigned point;
	for (size_t at = 0, n; at < s.len; at += n) {
		n = code_point(str_cut(s, at, s.len), &point);
		if (point > ' ' && point < 0x7f && !strchr("+=\\", (int)point))
			buf_addf(&b, "%c", (int)point);
		else
			buf_addf(&b, "\\x{%X}", point);
	}
	return arena_str(a, buf_str(&b)).p;
}

/* "\x{FC}" at s: how many bytes it has, 0 when it is none.  No control character is read. */
static size_t escaped(struct str s, unsigned *point)
{
	size_t n = 3;
	if (s.len < 5 || memcmp(s.p, "\\x{", 3) != 0)
		return 0;
	*point = 0;
	for (; n < s.len && n < 3 + HEX_MAX && hex_value(s.p[n]) >= 0; n++)
		*point = *point << 4 | (unsigned)hex_value(s.p[n]);
	bool good = *point >= ' ' && *point != 0x7f && *point <= POINT_MAX && (*point & 0x1ff800U) != 0xd800;
	return good && n < s.len && s.p[n] == '}' ? n + 1 : 0;
}

struct str address_xtext_read(struct arena *a, struct str s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	bool any = false;
	for (size_t at = 0, n; at < s.len; at += n) {
		unsigned point;
		char bytes[UTF8_BYTES_MAX];
		n = escaped(str_cut(s, at, s.len), &point);
		any |= n > 0;
		if (n)
			buf_add(&b, bytes, utf8_put(point, bytes));
		else
			buf_add(&b, s.p + at, n = 1);
	}
	return any ? arena_str(a, buf_str(&b)) : s;
}
