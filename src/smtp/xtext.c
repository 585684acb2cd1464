/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/xtext.h"

#include "base/hex.h"
#include "base/text.h"

static bool stands_as_it_is(char c)
{
	return c > ' ' && c < 0x7f && c != '+' && c != '=';
}

void smtp_xtext_encode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (stands_as_it_is(s.p[i]))
			buf_add(out, &s.p[i], 1);
		else
			buf_addf(out, "+%02X", (unsigned char)s.p[i]);
}

/* hexchar = "+" 2(%x30-39 / %x41-46): upper case only, but lower case is seen. */
bool smtp_xtext_decode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (c == '+') {
			if (i + 2 >= s.len || hex_value(s.p[i + 1]) < 0 || hex_value(s.p[i + 2]) < 0)
				return false;
			c = (char)(hex_value(s.p[i + 1]) * 16 + hex_value(s.p[i + 2]));
			i += 2;
		} else if (!stands_as_it_is(c)) {
			return false;
		}
		if (!buf_add(out, &c, 1))
			return false;
	}
	return true;
}

bool smtp_xtext_is(struct str s)
{
	CLEANUP(buf_clear) struct buf ignored = { 0 };
	return s.len && smtp_xtext_decode(&ignored, s);
}

/* The code point that begins there, of valid UTF-8; *bytes: its length. */
static unsigned long point_at(struct str s, size_t *bytes)
{
	unsigned char first = (unsigned char)s.p[0];
	*bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	unsigned long point = first & (0xffu >> (*bytes + 1));
	for (size_t i = 1; i < *bytes && i < s.len; i++)
		point = point << 6 | ((unsigned char)s.p[i] & 0x3f);
	return point;
}

void smtp_xtext_unicode(struct buf *out, struct str s)
{
	bool is_xtext = text_is_ascii(s);
	for (size_t i = 0, n = 1; i < s.len; i += n) {
		n = 1;
		if (s.p[i] == '+' && !is_xtext)
			buf_adds(out, "\\x{2B}");
		else if ((unsigned char)s.p[i] < 0x80)
			buf_add(out, &s.p[i], 1);
		else
			buf_addf(out, "\\x{%lX}", point_at(str_cut(s, i, s.len), &n));
	}
}
