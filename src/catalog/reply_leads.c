/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_leads.h"

#include "base/eight.h"
#include "catalog/reply_pattern.h"

/* A bucket that holds phrases. */
struct find {
	uint32_t bucket;
	uint16_t at;
	uint8_t mark;
};

static inline unsigned bit_of(const uint64_t *words, uint32_t bit)
{
	return words[bit / REPLY_WORD_BITS] >> bit % REPLY_WORD_BITS & 1;
}

unsigned reply_heads_find(struct str text, struct reply_grams *grams, uint16_t heads[REPLY_FOLDED_MAX])
{
	unsigned n = 0;
	for (size_t at = 0; at < text.len; at++) {
		uint64_t hash = reply_hash(eight_at(text.p + at), REPLY_HEAD_BYTES);
		reply_gram_add(grams, hash);
		heads[n] = (uint16_t)at;
		n += bit_of(reply_heads, reply_bucket(hash, REPLY_HEAD_BITS));
	}
	return n;
}

static inline unsigned add_find(struct find *f, uint64_t bytes, unsigned nbytes, unsigned first,
				unsigned bits, size_t at)
{
	uint64_t hash = reply_hash(bytes, nbytes);
	*f = (struct find){ first + reply_bucket(hash, bits), (uint16_t)at, reply_mark(hash) };
	return bit_of(reply_buckets_full, f->bucket);
}

static unsigned finds_from(struct str text, const uint16_t *heads, unsigned n, struct find *finds)
{
	struct find *f = finds;
	for (unsigned i = 0; i < n; i++) {
		size_t at = heads[i];
		bool room = at >= REPLY_BEFORE_HEAD;
		size_t before = room ? at - REPLY_BEFORE_HEAD : 0;
		uint64_t b = eight_at(text.p + at), c = eight_at(text.p + before);
		f += add_find(f, b, REPLY_AFTER_BYTES, REPLY_AFTER_FIRST, REPLY_AFTER_BITS, at);
		f += room & add_find(f, c, REPLY_BEFORE_BYTES, REPLY_BEFORE_FIRST, REPLY_BEFORE_BITS, before);
		f += add_find(f, b, REPLY_NEAR_BYTES, REPLY_NEAR_FIRST, REPLY_NEAR_BITS, at);
		f += add_find(f, b, REPLY_HEAD_BYTES, REPLY_ONLY_FIRST, REPLY_ONLY_BITS, at);
	}
	return (unsigned)(f - finds);
}

/* __builtin_popcountll() is a call where the processor is not known to have it. */
static inline unsigned bits_in(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

unsigned reply_leads(struct str text, const uint16_t *heads, unsigned n,
		     struct reply_lead out[REPLY_LEADS_MAX])
{
	struct find finds[REPLY_LEADS_MAX];
	n = finds_from(text, heads, n, finds);
	for (unsigned i = 0; i < n; i++) {
		const struct find *f = &finds[i];
		unsigned word = f->bucket / REPLY_WORD_BITS, bit = f->bucket % REPLY_WORD_BITS;
		uint64_t below = reply_buckets_full[word] & (((uint64_t)1 << bit) - 1);
		const uint32_t *first = reply_buckets_first + reply_buckets_before[word] + bits_in(below);
		__builtin_prefetch(&reply_signs[first[0]]);
		out[i] = (struct reply_lead){ first[0], first[1], f->at, f->mark };
	}
	return n;
}
