/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/letters.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* What the letters first..end-1 become: a letter, 0 for nothing, or EXPANDED + an index. */
struct page {
	uint32_t first, end;
	const uint16_t *to;
};

#include "letters.inc" /* made by tools/gen_fold.py */

/* windows-1252, 0x80 to 0x9f; the five bytes it leaves undefined are dropped. */
static const uint16_t windows_1252[] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static bool goes_on(const char *p, size_t len, size_t n)
{
	if (len < n)
		return false;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* The letter at p by RFC 3629; its length, 0 when this is no UTF-8. */
static size_t utf8_letter(const char *p, size_t len, uint32_t *letter)
{
	const unsigned char *b = (const unsigned char *)p;
	if (b[0] >= 0xc2 && b[0] < 0xe0 && goes_on(p, len, 2)) {
		*letter = (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
		return 2;
	}
	if ((b[0] & 0xf0) == 0xe0 && goes_on(p, len, 3)) {
		*letter = (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
		return *letter >= 0x800 ? 3 : 0;
	}
	if (b[0] >= 0xf0 && b[0] < 0xf5 && goes_on(p, len, 4)) {
		*letter = UINT32_MAX; /* beyond every page */
		return 4;
	}
	return 0;
}

static size_t put_folded(uint32_t to, char *out)
{
	if (!to)
		return 0;
	if (to < EXPANDED ||
	    to - EXPANDED >= ARRAY_LEN(expansions)) /* half-width forms stand above the private ones */
		return utf8_put(to, out);
	const char *text = expansions[to - EXPANDED];
	size_t n = strlen(text);
	if (n > LETTER_FOLDED_MAX)
		n = LETTER_FOLDED_MAX;
	memcpy(out, text, n);
	return n;
}

static const struct page *page_of(uint32_t letter)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (letter >= pages[i].first && letter < pages[i].end)
			return &pages[i];
	return NULL;
}

size_t letter_fold(const char *p, size_t len, char out[LETTER_FOLDED_MAX], size_t *nout)
{
	enum { BYTE_ORDER_MARK = 0xfeff };
	uint32_t letter;
	size_t took = utf8_letter(p, len, &letter);
	if (!took) {
		unsigned char b = (unsigned char)*p;
		letter = b < 0xa0 ? windows_1252[b - 0x80] : b;
		took = 1;
	}
	const struct page *page = page_of(letter);
	if (page) {
		*nout = put_folded(page->to[letter - page->first], out);
	} else if (took == 1 || letter == BYTE_ORDER_MARK) {
		*nout = 0;
	} else {
		memcpy(out, p, took);
		*nout = took;
	}
	return took;
}
