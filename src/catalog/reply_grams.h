/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_grams.h - which three bytes follow one another somewhere in a text, by their hash.
 *
 * Says for certain that words do not stand in the text; that they do, it only allows. */
#ifndef CATALOG_REPLY_GRAMS_H
#define CATALOG_REPLY_GRAMS_H

#include <string.h>

#include "base/eight.h"
#include "base/str.h"
#include "catalog/reply_rules.h"

/* Begins as { 0 }. */
struct reply_grams {
	bool has[1 << REPLY_GRAM_BITS];
};

/* hash: reply_hash() of three bytes. */
static inline void reply_gram_add(struct reply_grams *g, uint64_t hash)
{
	g->has[hash >> (64 - REPLY_GRAM_BITS)] = true;
}

static inline bool reply_gram_in(const struct reply_grams *g, uint64_t hash)
{
	return g->has[hash >> (64 - REPLY_GRAM_BITS)];
}

static inline uint64_t reply_gram_hash(const char *p)
{
	unsigned char b[REPLY_HEAD_BYTES];
	memcpy(b, p, sizeof(b));
	return reply_hash((uint64_t)b[2] << 16 | (uint64_t)b[1] << 8 | b[0], REPLY_HEAD_BYTES);
}

/* False: words, of three bytes or more, are not in the text.  Their first and last bytes are asked for. */
static inline bool reply_grams_allow(const struct reply_grams *g, struct str words)
{
	return reply_gram_in(g, reply_gram_hash(words.p)) &&
	       reply_gram_in(g, reply_gram_hash(words.p + words.len - REPLY_HEAD_BYTES));
}

#endif
