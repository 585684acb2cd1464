/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/base64_lines.h"

enum { LINE_CHARACTERS = 76, LINE_WIRE = LINE_CHARACTERS + 2 };

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint64_t base64_lines_size(uint64_t content)
{
	uint64_t whole = content / BASE64_LINE_BYTES, rest = content % BASE64_LINE_BYTES;
	return whole * LINE_WIRE + (rest ? (rest + 2) / 3 * 4 + 2 : 0);
}

static char *four(char *to, uint32_t v)
{
	to[0] = b64[v >> 18];
	to[1] = b64[v >> 12 & 63];
	to[2] = b64[v >> 6 & 63];
	to[3] = b64[v & 63];
	return to + 4;
}

static char *line(char *to, const unsigned char *p, size_t n)
{
	size_t i = 0;
	for (; i + 3 <= n; i += 3)
		to = four(to, (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2]);
	if (i < n) {
		uint32_t second = i + 1 < n ? p[i + 1] : 0;
		to = four(to, (uint32_t)p[i] << 16 | second << 8);
		to[-1] = '=';
		if (i + 1 == n)
			to[-2] = '=';
	}
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

#if defined(__x86_64__)
#include <immintrin.h>

/* 12 bytes to 16 characters: the six bits of each are brought into a byte of their own by two
 * multiplications, and each range of the alphabet has its own distance to them (W. Mula and D. Lemire,
 * "Faster Base64 Encoding and Decoding Using AVX2 Instructions", 2018). */
__attribute__((target("ssse3"))) static __m128i sixteen(__m128i in)
{
	const __m128i spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	const __m128i distance =
		_mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
			      '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	in = _mm_shuffle_epi8(in, spread);
	__m128i high =
		_mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
	__m128i low =
		_mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
	__m128i six = _mm_or_si128(high, low);
	__m128i range = _mm_subs_epu8(six, _mm_set1_epi8(51));
	__m128i capital = _mm_and_si128(_mm_cmpgt_epi8(_mm_set1_epi8(26), six), _mm_set1_epi8(13));
	return _mm_add_epi8(six, _mm_shuffle_epi8(distance, _mm_or_si128(range, capital)));
}

/* As many whole lines as it can without looking beyond content, n at most; returns how many.  57 bytes are
 * four times twelve, and the last twelve of them once more from three before. */
__attribute__((target("ssse3"))) static size_t lines_by_processor(char *to, struct str content, size_t n)
{
	static const unsigned char from[] = { 0, 12, 24, 36, 45 };
	enum { LOOKED_AT = 45 + 16 };
	size_t i = 0;
	const char *p = content.p, *end = content.p + content.len;
	for (; i < n && end - p >= LOOKED_AT; i++, p += BASE64_LINE_BYTES, to += LINE_WIRE) {
		for (size_t k = 0; k < ARRAY_LEN(from); k++)
			_mm_storeu_si128((void *)(to + from[k] / 3 * 4),
					 sixteen(_mm_loadu_si128((const void *)(p + from[k]))));
		to[LINE_CHARACTERS] = '\r';
		to[LINE_CHARACTERS + 1] = '\n';
	}
	return i;
}

static size_t lines_fast(char *to, struct str content, size_t n)
{
	return __builtin_cpu_supports("ssse3") ? lines_by_processor(to, content, n) : 0;
}
#else
static size_t lines_fast(char *to, struct str content, size_t n)
{
	(void)to, (void)content, (void)n;
	return 0;
}
#endif

void base64_lines(struct buf *out, struct str content)
{
	enum { LINES = 64 };
	char coded[LINES * LINE_WIRE];
	while (content.len) {
		size_t n = lines_fast(coded, content, LINES);
		char *to = coded + n * LINE_WIRE;
		content = str_cut(content, n * BASE64_LINE_BYTES, content.len);
		for (; n < LINES && content.len; n++) {
			struct str now = str_cut(content, 0, BASE64_LINE_BYTES);
			to = line(to, (const unsigned char *)now.p, now.len);
			content = str_cut(content, now.len, content.len);
		}
		buf_add(out, coded, (size_t)(to - coded));
	}
}
