/* SPDX-License-Identifier: Apache-2.0 */
/* base/sixteen.h - sixteen bytes of text at a time; what is asked of each is answered by a bit, that of the
 * first byte the lowest.
 *
 * Compilers make one instruction of each line where the processor has it. */
#ifndef BASE_SIXTEEN_H
#define BASE_SIXTEEN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/eight.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SIXTEEN = 16 };

typedef uint8_t sixteen_bytes __attribute__((vector_size(16)));
struct sixteen {
	sixteen_bytes b;
};

static inline struct sixteen sixteen_at(const char *p)
{
	struct sixteen v;
	memcpy(&v.b, p, SIXTEEN);
	return v;
}

/* Of less than sixteen bytes; NULs follow them. */
static inline struct sixteen sixteen_of(const char *p, size_t n)
{
	struct sixteen v = { { 0 } };
	memcpy(&v.b, p, n < SIXTEEN ? n : SIXTEEN);
	return v;
}

static inline void sixteen_put(char *p, struct sixteen v)
{
	memcpy(p, &v.b, SIXTEEN);
}

/* The top bit of each of eight bytes. */
static inline unsigned sixteen_half(uint64_t v)
{
	const uint64_t gather = 0x0102040810204080u; /* the bit of byte i goes to 56 + i */
	return (unsigned)(((v & EIGHT_TOPS) >> 7) * gather >> 56);
}

/* The top bit of each byte. */
static inline unsigned sixteen_tops(sixteen_bytes b)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8((__m128i)b);
#else
	char p[SIXTEEN];
	memcpy(p, &b, SIXTEEN);
	return sixteen_half(eight_at(p)) | sixteen_half(eight_at(p + SIXTEEN / 2)) << SIXTEEN / 2;
#endif
}

/* Bytes from `from` to `to`. */
static inline unsigned sixteen_between(struct sixteen v, uint8_t from, uint8_t to)
{
	return sixteen_tops((sixteen_bytes)(v.b - from <= (uint8_t)(to - from)));
}

/* Bytes that are the same in both. */
static inline unsigned sixteen_same(struct sixteen a, struct sixteen b)
{
	return sixteen_tops((sixteen_bytes)(a.b == b.b));
}

/* Capitals of ASCII as small letters. */
static inline struct sixteen sixteen_small(struct sixteen v)
{
	sixteen_bytes capital = (sixteen_bytes)(v.b - 'A' <= (uint8_t)('Z' - 'A'));
	return (struct sixteen){ v.b | (capital & (uint8_t)('a' - 'A')) };
}

#endif
