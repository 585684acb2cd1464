/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_chunk.h - what stands between two blanks of a folded text, as tools/learn_hints.py reads it:
 * words by their hash; an address, whichever it is; a link, which says nothing.  No allocation. */
#ifndef CATALOG_REPLY_CHUNK_H
#define CATALOG_REPLY_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { REPLY_CHUNK_WORDS_MAX = 64 };
enum { REPLY_CHUNK_EMPTY = 0x811c9dc5, REPLY_CHUNK_STEP = 0x01000193 }; /* FNV-1a: of no byte, and the step */

/* A word by its hash, and by that of its first letters where it has more of them (0: not). */
struct reply_chunk_word {
	uint32_t hash, stem;
};

struct reply_chunk {
	struct reply_chunk_word words[REPLY_CHUNK_WORDS_MAX];
	unsigned n, dots;
	unsigned bytes; /* kinds of its bytes, or-ed */
	bool link;
};

enum reply_chunk_kind { REPLY_CHUNK_WORDS, REPLY_CHUNK_ADDRESS, REPLY_CHUNK_IP, REPLY_CHUNK_LINK };

/* Takes the next chunk of *rest, maybe without a word; false at the end. */
bool reply_chunk_next(struct str *rest, struct reply_chunk *c);
enum reply_chunk_kind reply_chunk_kind(const struct reply_chunk *c);

static inline uint32_t reply_chunk_hash(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * REPLY_CHUNK_STEP;
}

/* Of two words that stand behind each other. */
static inline uint32_t reply_chunk_pair(uint32_t a, uint32_t b)
{
	return (a ^ (b >> 16 | b << 16)) * REPLY_CHUNK_STEP;
}

#endif
