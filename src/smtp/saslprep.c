/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/saslprep.h"

#include <stdint.h>

#include "base/text.h"

struct range {
	uint32_t first, last;
};

/* NFKC leaves these alone and none of them is prohibited, combining or
 * right-to-left.  Gaps are the compatibility characters between them. */
static const struct range unchanged[] = {
	{ 0x0020, 0x007e }, { 0x00a1, 0x00a7 }, { 0x00a9, 0x00a9 }, { 0x00ab, 0x00ac }, { 0x00ae, 0x00ae },
	{ 0x00b0, 0x00b1 }, { 0x00b6, 0x00b7 }, { 0x00bb, 0x00bb }, { 0x00bf, 0x0131 }, { 0x0134, 0x013e },
	{ 0x0141, 0x0148 }, { 0x014a, 0x017e }, { 0x0180, 0x01c3 }, { 0x01cd, 0x01f0 }, { 0x01f4, 0x01f5 },
	{ 0x01f8, 0x021b }, { 0x0388, 0x038a }, { 0x038c, 0x038c }, { 0x038e, 0x03a1 }, { 0x03a3, 0x03ce },
	{ 0x0400, 0x0481 }, { 0x048a, 0x04ce }, { 0x2010, 0x2010 }, { 0x2013, 0x2014 }, { 0x2018, 0x201f },
	{ 0x20ac, 0x20ac }, { 0x3041, 0x3094 }, { 0x30a1, 0x30fa }, { 0x4e00, 0x9fa5 }, { 0xac00, 0xd7a3 },
};

/* RFC 3454, B.1 (mapped to nothing) and C.1.2 (blanks other than SP): those met in pasted text.
 * U+200B stands in both tables and implementations differ, so it is refused. */
static const struct range dropped[] = {
	{ 0x00ad, 0x00ad }, { 0x200c, 0x200d }, { 0x2060, 0x2060 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
};
static const struct range blanks[] = {
	{ 0x00a0, 0x00a0 }, { 0x2000, 0x200a }, { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

static bool in_ranges(const struct range *r, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}

/* Of text known to be UTF-8. */
static uint32_t code_point(struct str s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s.p;
	*len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	uint32_t c = *len == 1 ? u[0] : u[0] & (0xffU >> (*len + 1));
	for (size_t i = 1; i < *len; i++)
		c = c << 6 | (u[i] & 0x3f);
	return c;
}

bool saslprep(struct str in, struct buf *out, struct err *e)
{
	size_t before = buf_waiting(out);
	if (!text_is_utf8(in))
		return ERR_FILL(e, ERR_SYNTAX, 0, "prepare for hashing", "text that is not UTF-8");
	for (size_t i = 0, n; i < in.len; i += n) {
		uint32_t c = code_point(str_cut(in, i, in.len), &n);
		bool ok = true;
		if (in_ranges(dropped, ARRAY_LEN(dropped), c))
			continue;
		if (in_ranges(blanks, ARRAY_LEN(blanks), c))
			ok = buf_adds(out, " ");
		else if (in_ranges(unchanged, ARRAY_LEN(unchanged), c))
			ok = buf_add(out, in.p + i, n);
		else
			return ERR_FILL(e, ERR_SYNTAX, (long)i, "prepare for hashing",
					"character U+%04X, which SASLprep forbids or would change",
					(unsigned)c);
		if (!ok)
			return ERR_FILL(e, ERR_LIMIT, (long)out->max, "prepare for hashing",
					"over-long text");
	}
	if (buf_waiting(out) == before)
		return ERR_FILL(e, ERR_SYNTAX, 0, "prepare for hashing", "text of which nothing is left");
	return true;
}
