/* SPDX-License-Identifier: Apache-2.0 */
#include "store/words.h"

#include <string.h>

static bool ascii_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static const struct fold {
	unsigned first, last;
	int add; /* to make it small; 0: of a pair the even one is the capital */
} folds[] = {
	{ 0xc0, 0xd6, 32 },   { 0xd8, 0xde, 32 },   { 0x100, 0x137, 0 },  { 0x391, 0x3a1, 32 },
	{ 0x3a3, 0x3ab, 32 }, { 0x400, 0x40f, 80 }, { 0x410, 0x42f, 32 }, { 0x460, 0x481, 0 },
	{ 0x48a, 0x4bf, 0 },  { 0x14a, 0x177, 0 },
};

static unsigned small(unsigned c)
{
	for (size_t i = 0; i < ARRAY_LEN(folds); i++)
		if (c >= folds[i].first && c <= folds[i].last)
			return folds[i].add ? c + (unsigned)folds[i].add : c | 1;
	return c;
}

/* Between words outside ASCII: no-break space, Latin-1 signs, general punctuation, CJK punctuation. */
static bool is_mark(const unsigned char *p, size_t n)
{
	return (n == 2 && p[0] == 0xc2) || (n == 3 && p[0] == 0xe2 && (p[1] == 0x80 || p[1] == 0x81)) ||
	       (n == 3 && p[0] == 0xe3 && p[1] == 0x80);
}

static size_t char_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	return n <= s.len ? n : s.len;
}

/* The length of the character at the front when it belongs to a word, written small to out; else 0. */
static size_t letter(struct str s, char out[4])
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = char_length(s);
	if (p[0] < 0x80 && !ascii_letter(p[0]))
		return 0;
	if (n > 1 && is_mark(p, n))
		return 0;
	memcpy(out, p, n);
	if (p[0] < 0x80 && p[0] >= 'A' && p[0] <= 'Z')
		out[0] = (char)(p[0] - 'A' + 'a');
	if (n == 2) {
		unsigned c = small((p[0] & 31u) << 6 | (p[1] & 63u));
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
	}
	return n;
}

size_t words_next(struct str *rest, char out[WORD_BYTES])
{
	size_t len = 0;
	char c[4];
	while (rest->len) {
		size_t n = letter(*rest, c);
		if (!n && len)
			return len;
		if (n && len + n <= WORD_BYTES) {
			memcpy(out + len, c, n);
			len += n;
		}
		*rest = str_cut(*rest, n ? n : char_length(*rest), rest->len);
	}
	return len;
}

size_t words_lower(struct str s, char *out, size_t size)
{
	size_t n = s.len < size ? s.len : size;
	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
	return n;
}

struct str id_bare(struct str id)
{
	id = str_trim(id);
	if (id.len > 1 && id.p[0] == '<' && id.p[id.len - 1] == '>')
		id = str_cut(id, 1, id.len - 1);
	return id;
}
