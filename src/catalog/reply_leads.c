/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_leads.h"

#include "base/eight.h"
#include "catalog/reply_pattern.h"

/* Where three bytes begin that indexes know: a bit for each reply_index. */
struct head {
	uint16_t at;
	uint8_t indexes;
};

/* A bucket that holds phrases. */
struct find {
	uint32_t bucket;
	uint16_t at;
	uint8_t mark;
};

static unsigned heads_from(struct str text, size_t from, size_t to, struct reply_grams *grams,
			   struct head heads[REPLY_STEP_BYTES + 1])
{
	unsigned in_word = from && reply_is_word(text.p[from - 1]), n = 0;
	for (size_t at = from; at < to; at++) {
		uint64_t hash = reply_hash(eight_at(text.p + at), REPLY_SHORT_BYTES);
		unsigned known = reply_heads[reply_bucket(hash, REPLY_HEAD_BITS)];
		reply_gram_add(grams, hash);
		known &= ~(in_word << REPLY_INDEX_LONG);
		heads[n] = (struct head){ (uint16_t)at, (uint8_t)known };
		n += known != 0;
		in_word = reply_is_word(text.p[at]);
	}
	return n;
}

static inline bool is_full(uint32_t bucket)
{
	return reply_buckets_full[bucket / REPLY_WORD_BITS] >> bucket % REPLY_WORD_BITS & 1;
}

static inline struct find find_of(uint64_t bytes, unsigned at, unsigned first, unsigned nbytes, unsigned bits)
{
	uint64_t hash = reply_hash(bytes, nbytes);
	return (struct find){ first + reply_bucket(hash, bits), (uint16_t)at, reply_mark(hash) };
}

/* Of three bytes no more than that can be known. */
static unsigned finds_from(struct str text, const struct head *heads, unsigned n, struct find *finds)
{
	unsigned found = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = heads[i].at, known = heads[i].indexes;
		uint64_t b = eight_at(text.p + at);
		struct find f = find_of(b, at, REPLY_LONG_FIRST, REPLY_LONG_BYTES, REPLY_LONG_BITS);
		finds[found] = f;
		found += known >> REPLY_INDEX_LONG & is_full(f.bucket);
		f = find_of(b, at, REPLY_WIDE_FIRST, REPLY_WIDE_BYTES, REPLY_WIDE_BITS);
		finds[found] = f;
		found += known >> REPLY_INDEX_WIDE & is_full(f.bucket);
		f = find_of(b, at, REPLY_SHORT_FIRST, REPLY_SHORT_BYTES, REPLY_SHORT_BITS);
		finds[found] = f;
		found += known >> REPLY_INDEX_SHORT & 1;
	}
	return found;
}

/* __builtin_popcountll() is a call where the processor is not known to have it. */
static inline unsigned bits_in(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

unsigned reply_leads(struct str text, size_t from, size_t to, struct reply_grams *grams,
		     struct reply_lead out[REPLY_LEADS_MAX])
{
	struct head heads[REPLY_STEP_BYTES + 1];
	struct find finds[REPLY_LEADS_MAX];
	unsigned n = finds_from(text, heads, heads_from(text, from, to, grams, heads), finds);
	for (unsigned i = 0; i < n; i++) {
		const struct find *f = &finds[i];
		unsigned word = f->bucket / REPLY_WORD_BITS, bit = f->bucket % REPLY_WORD_BITS;
		uint64_t below = reply_buckets_full[word] & (((uint64_t)1 << bit) - 1);
		const uint16_t *first = reply_buckets_first + reply_buckets_before[word] + bits_in(below);
		__builtin_prefetch(&reply_marks[first[0]]);
		out[i] = (struct reply_lead){ f->at, first[0], first[1], f->mark };
	}
	return n;
}
