/* SPDX-License-Identifier: Apache-2.0 */
/* base/eight.h - eight bytes of text at a time, in one number: the first byte is the lowest. */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_ONES (UINT64_MAX / 255)  /* 1 in each byte */
#define EIGHT_TOPS (EIGHT_ONES * 0x80) /* the top bit of each */

static inline uint64_t eight_at(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* The top bit of each byte from `from` to `to`, which are ASCII. */
static inline uint64_t eight_between(uint64_t v, unsigned char from, unsigned char to)
{
	uint64_t low = v & ~EIGHT_TOPS;
	return (low + EIGHT_ONES * (0x80u - from)) & ~(low + EIGHT_ONES * (0x7fu - to)) & ~v & EIGHT_TOPS;
}

/* The top bit of each byte that is neither visible nor a blank which stands alone. */
static inline uint64_t eight_untidy(uint64_t v, bool after_blank)
{
	uint64_t blank = eight_between(v, ' ', ' '), before = blank << 8 | (after_blank ? 0x80 : 0);
	return ((blank | eight_between(v, '!', '~')) ^ EIGHT_TOPS) | (blank & before);
}

/* Which byte is the first that has its top bit in v, which has some. */
static inline unsigned eight_first(uint64_t v)
{
	return (unsigned)__builtin_ctzll(v) / 8;
}

#endif
