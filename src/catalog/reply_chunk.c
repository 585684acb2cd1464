/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_chunk.h"

/* As in tools/learn_hints.py. */
enum { WORD_LEAST = 2, WORD_MOST = 40, ADDRESS_DOTS = 3, STEM_LETTERS = 5 };

/* What a byte is: letters begin a word, digits and quotes go on with it. */
enum kind { LETTER = 1, LATIN = 2, DIGIT = 4, QUOTE = 8, DOT = 16, AT = 32, LATER = 64, COLON = 128 };
static const uint8_t kinds[256] = {
	['a' ... 'z'] = LETTER | LATIN,
	['_'] = LETTER,
	['0' ... '9'] = DIGIT,
	['\''] = QUOTE,
	['.'] = DOT,
	['@'] = AT,
	[':'] = COLON,
	[0x80 ... 0xbf] = LETTER | LATIN | LATER,
	[0xc0 ... 0xff] = LETTER | LATIN,
};

static unsigned kind_of(char c)
{
	return kinds[(unsigned char)c];
}

/* The word at p, which begins one; a quote at its end is none of it.  Returns its end. */
static const char *read_word(struct reply_chunk *c, const char *p, const char *end)
{
	const char *begin = p, *last = p;
	struct reply_chunk_word w = { 0 };
	uint32_t h = REPLY_CHUNK_EMPTY, stem = 0;
	unsigned letters = 0;
	for (unsigned kind; p < end && (kind = kind_of(*p)) & (LETTER | DIGIT | QUOTE); p++) {
		if (!(kind & LATER) && letters++ == STEM_LETTERS)
			stem = reply_chunk_hash(h, '~');
		h = reply_chunk_hash(h, *p);
		c->bytes |= kind;
		if (!(kind & QUOTE)) {
			last = p;
			w = (struct reply_chunk_word){ h, stem };
		}
	}
	size_t n = (size_t)(last - begin) + 1;
	if (n >= WORD_LEAST && n <= WORD_MOST && c->n < REPLY_CHUNK_WORDS_MAX)
		c->words[c->n++] = w;
	return p;
}

bool reply_chunk_next(struct str *rest, struct reply_chunk *c)
{
	const char *p = rest->p, *end = rest->p + rest->len;
	if (!rest->len)
		return false;
	c->n = c->dots = c->bytes = 0;
	c->link = false;
	while (p < end && *p != ' ') {
		unsigned kind = kind_of(*p);
		if (kind & LETTER) {
			p = read_word(c, p, end);
			continue;
		}
		c->bytes |= kind;
		c->dots += kind & DOT ? 1 : 0;
		c->link |= kind & COLON && end - p > 2 && p[1] == '/' && p[2] == '/';
		p++;
	}
	*rest = str_cut(*rest, (size_t)(p - rest->p) + 1, rest->len); /* behind the blank */
	return true;
}

enum reply_chunk_kind reply_chunk_kind(const struct reply_chunk *c)
{
	if (c->link)
		return REPLY_CHUNK_LINK;
	if (c->bytes & AT)
		return REPLY_CHUNK_ADDRESS;
	bool digits = c->bytes & DIGIT && !(c->bytes & LATIN);
	return c->dots >= ADDRESS_DOTS && digits ? REPLY_CHUNK_IP : REPLY_CHUNK_WORDS;
}
