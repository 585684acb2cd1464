/* SPDX-License-Identifier: Apache-2.0 */
#include "base/glyph.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* What steers a terminal or a page without being seen. */
static const struct range steering[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },   { 0x061c, 0x061c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x064b, 0x065f },
	{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
};

static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
};

static bool within(const struct range *r, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= r[i].first && code <= r[i].last)
			return true;
	return false;
}

/* RFC 3629, 3: the bits of a well-formed sequence of n bytes. */
static uint32_t decode(const unsigned char *u, size_t n)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = u[0] & lead[n];
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (u[i] & 0x3f);
	return code;
}

static size_t sequence(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.len; n++)
		if (text_is_utf8(str_cut(s, 0, n)))
			return n;
	return 0;
}

struct glyph glyph_first(struct str s)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t n = sequence(s);
	if (!n)
		return (struct glyph){ u[0], 1, 1, true };
	struct glyph g = { decode(u, n), n, 1, false };
	g.hidden = within(steering, ARRAY_LEN(steering), g.code);
	if (within(combining, ARRAY_LEN(combining), g.code))
		g.width = 0;
	else if (within(wide, ARRAY_LEN(wide), g.code))
		g.width = 2;
	return g;
}

const char *glyph_shown(struct str s, struct glyph g, bool ascii, char out[GLYPH_SHOWN_BYTES],
			unsigned *width)
{
	if (g.hidden && g.code < 0x100)
		snprintf(out, GLYPH_SHOWN_BYTES, "\\x%02x", (unsigned)g.code);
	else if (g.hidden || (ascii && g.code >= 0x80))
		snprintf(out, GLYPH_SHOWN_BYTES, "\\u{%x}", (unsigned)g.code);
	else
		snprintf(out, GLYPH_SHOWN_BYTES, "%.*s", (int)g.bytes, s.p);
	*width = out[0] == '\\' && g.code != '\\' ? (unsigned)strlen(out) : g.width;
	return out;
}

unsigned glyph_columns(struct str s, bool ascii)
{
	unsigned total = 0, width;
	char shown[GLYPH_SHOWN_BYTES];
	for (struct glyph g; s.len; s = str_cut(s, g.bytes, s.len)) {
		g = glyph_first(s);
		glyph_shown(s, g, ascii, shown, &width);
		total += width;
	}
	return total;
}
