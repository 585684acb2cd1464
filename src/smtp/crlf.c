/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/crlf.h"

#include <stdint.h>
#include <string.h>
/* Three ways: AVX2 where the processor has it, SSE2, and words of eight bytes.  CRLF_NO_AVX2 and
 * CRLF_PORTABLE leave ways out, so that the tests see each of them on any machine. */
#if defined(__x86_64__) && !defined(CRLF_PORTABLE)
#define CRLF_SSE2 1
#include <immintrin.h>
#endif

enum { BLOCK_BYTES = 64 };

/* Bit i stands for byte i of a block. */
struct marks {
	uint64_t cr, lf;
};

#ifdef CRLF_SSE2
/* Every such processor has this. */
static inline struct marks look(const char *block)
{
	const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
	struct marks m = { 0 };
	for (unsigned i = 0; i < BLOCK_BYTES; i += sizeof(__m128i)) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
		m.cr |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, cr)) << i;
		m.lf |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, lf)) << i;
	}
	return m;
}

#ifndef CRLF_NO_AVX2
__attribute__((target("avx2"))) static inline struct marks look_avx2(const char *block)
{
	const __m256i cr = _mm256_set1_epi8('\r'), lf = _mm256_set1_epi8('\n');
	__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)block);
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(block + sizeof(a)));
	return (struct marks){
		.cr = (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, cr)) << sizeof(a) |
		      (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, cr)),
		.lf = (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, lf)) << sizeof(a) |
		      (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, lf)),
	};
}
#endif
#else
/* Bit i: byte i of the word, counted from its front, is zero. */
static uint64_t zeros(uint64_t word)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t high =
		~(((word & low) + low) | word | low); /* 0x80 where a byte is zero, and nowhere else */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	high = __builtin_bswap64(high);
#endif
	return (high >> 7) * 0x0102040810204080u >> 56;
}

static inline struct marks look(const char *block)
{
	const uint64_t ones = 0x0101010101010101u;
	struct marks m = { 0 };
	for (unsigned i = 0; i < BLOCK_BYTES; i += sizeof(uint64_t)) {
		uint64_t x;
		memcpy(&x, block + i, sizeof(x));
		m.cr |= zeros(x ^ ones * '\r') << i;
		m.lf |= zeros(x ^ ones * '\n') << i;
	}
	return m;
}
#endif

/* The last block is filled up with what means nothing. */
static struct marks look_at_rest(const char *rest, size_t n)
{
	char block[BLOCK_BYTES];
	memset(block, ' ', sizeof(block));
	memcpy(block, rest, n);
	return look(block);
}

/* The bits below the lowest one that is set. */
static inline uint64_t below(uint64_t set)
{
	return (set & (0 - set)) - 1;
}

/* Of the line ends in a block, of which the last may be the last byte: the first behind which a dot stands;
 * 0: none. */
static inline uint64_t end_before_dot(const char *block, size_t left, uint64_t ends)
{
	for (; ends; ends &= ends - 1) {
		size_t next = (unsigned)__builtin_ctzll(ends) + 1;
		if (next < left && block[next] == '.')
			return ends & (0 - ends);
	}
	return 0;
}

/* Takes a block's lines; false: there is something special in it. */
static inline bool take(struct crlf_run *r, struct str s, size_t at, struct marks m, uint64_t after_cr)
{
	uint64_t wrong = (m.cr << 1 | after_cr) ^ m.lf;
	uint64_t ends = wrong ? m.lf & below(wrong) : m.lf;
	uint64_t dot = end_before_dot(s.p + at, s.len - at, ends);
	if (dot)
		ends &= below(dot) | dot;
	if (ends) {
		size_t first = at + (unsigned)__builtin_ctzll(ends) + 1;
		r->has_long |= first - r->n > CRLF_LINE_BYTES_MAX;
		r->n = at + BLOCK_BYTES - (unsigned)__builtin_clzll(ends);
	}
	return !(wrong | dot);
}

__attribute__((always_inline)) static inline struct crlf_run run(struct str s,
								 struct marks (*look_at)(const char *block))
{
	struct crlf_run r = { 0 };
	uint64_t after_cr = 0;
	size_t at = 0;
	bool good = !s.len || *s.p != '.';
	for (; good && s.len - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
		struct marks m = look_at(s.p + at);
		good = take(&r, s, at, m, after_cr);
		after_cr = m.cr >> (BLOCK_BYTES - 1);
	}
	if (good && at < s.len)
		(void)take(&r, s, at, look_at_rest(s.p + at, s.len - at), after_cr);
	return r;
}

#if defined(CRLF_SSE2) && !defined(CRLF_NO_AVX2)
__attribute__((target("avx2"))) static struct crlf_run run_avx2(struct str s)
{
	return run(s, look_avx2);
}

struct crlf_run crlf_run(struct str s)
{
	return __builtin_cpu_supports("avx2") ? run_avx2(s) : run(s, look);
}
#else
struct crlf_run crlf_run(struct str s)
{
	return run(s, look);
}
#endif
