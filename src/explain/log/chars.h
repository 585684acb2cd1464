/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/chars.h - sets of ASCII characters as 128 bits: one look a byte, no branch on which. */
#ifndef EXPLAIN_LOG_CHARS_H
#define EXPLAIN_LOG_CHARS_H

#include <stdbool.h>
#include <stdint.h>

/* The halves of a set: 0 to 63 and 64 to 127. */
#define CHARS_DIGITS  UINT64_C(0x03ff000000000000)
#define CHARS_LETTERS UINT64_C(0x07fffffe07fffffe)

static inline bool chars_has(const uint64_t set[2], char c)
{
	unsigned char u = (unsigned char)c;
	return u < 128 && (set[u >> 6] >> (u & 63) & 1);
}

#endif
