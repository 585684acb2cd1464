/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_find.h"

#include <string.h>

#include "catalog/reply_chain.h"
#include "catalog/reply_look.h"
#include "catalog/reply_pattern.h"

static void add_rule(struct reply_rule_set *set, unsigned rule)
{
	set->words[rule / REPLY_WORD_BITS] |= (uint64_t)1 << rule % REPLY_WORD_BITS;
}

static void note_uses(struct reply_hits *h, const struct reply_phrase *p)
{
	struct reply_rule_set *const sets[] = { &h->wanted, &h->also, &h->forbidden };
	for (const struct reply_uses *u = &reply_uses[p->use], *end = u + p->nuses; u < end; u++)
		if (u->use != REPLY_USE_SET)
			sets[u->use]->words[u->word] |= u->rules;
}

/* The piece that the bytes at `at` belong to may stand there. */
static bool may_stand(const struct reply_phrase *p, struct str text, size_t at)
{
	return reply_bytes_of(reply_bytes(text.p + at), p->nbytes) == p->bytes && at >= p->before &&
	       at - p->before + p->len <= text.len;
}

/* A phrase that may be found by the bytes at `at`. */
struct candidate {
	uint16_t phrase, at;
};

/* Phrases that were looked for, wherever they stand.  Candidates wait, while what is known of them comes from
 * memory; the tables are too large to be near the processor. */
enum { CANDIDATES_MAX = 64 };
struct search {
	struct str text;
	size_t first_len; /* of text: where a second reply begins */
	struct reply_hits *first, *all;
	struct reply_places *places;
	unsigned ncandidates;
	struct candidate candidates[CANDIDATES_MAX];
	unsigned char seen[REPLY_PHRASES_MAX / 8];
};

static void mark_seen(struct search *s, unsigned i)
{
	s->seen[i / 8] = (unsigned char)(s->seen[i / 8] | 1u << i % 8);
}

static void note_places(struct reply_places *places, const struct reply_phrase *p, size_t start, size_t end)
{
	for (const struct reply_uses *u = &reply_uses[p->use], *last = u + p->nuses; u < last; u++)
		if (u->use == REPLY_USE_SET)
			reply_place_add(places, u->word, start, end);
}

/* The first place of a phrase of one piece, every place of a word of a set; the same piece may stand inside a
 * word before. */
static void found_piece(struct search *s, unsigned i, size_t start)
{
	const struct reply_phrase *p = &reply_phrases[i];
	size_t end = start + p->len;
	if (!reply_stands_apart(s->text, start, end, p->form & REPLY_FORM_EDGE_BEFORE,
				p->form & REPLY_FORM_EDGE_AFTER))
		return;
	if (p->form & REPLY_FORM_IN_SET)
		note_places(s->places, p, start, end);
	else
		mark_seen(s, i);
	note_uses(s->all, p);
	if (s->first != s->all && end <= s->first_len)
		note_uses(s->first, p);
}

static bool is_seen(const struct search *s, unsigned i)
{
	return s->seen[i / 8] >> i % 8 & 1;
}

static void found_candidate(struct search *s, unsigned i, size_t at)
{
	const struct reply_phrase *p = &reply_phrases[i];
	size_t start = at - p->before;
	if (is_seen(s, i) ||
	    (p->nbytes < p->len && memcmp(s->text.p + start, p->text + p->piece, p->len) != 0))
		return;
	if (p->form & REPLY_FORM_ONE_PIECE) {
		found_piece(s, i, start);
		return;
	}
	mark_seen(s, i);
	if (!reply_phrase_in(p->text, s->text.p, s->text.len))
		return;
	note_uses(s->all, p);
	if (s->first != s->all && reply_phrase_in(p->text, s->text.p, s->first_len))
		note_uses(s->first, p);
}

static void look_at_candidates(struct search *s)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->ncandidates; i++) {
		const struct reply_phrase *p = &reply_phrases[s->candidates[i].phrase];
		if (!may_stand(p, s->text, s->candidates[i].at))
			continue;
		__builtin_prefetch(p->text);
		__builtin_prefetch(&reply_uses[p->use]);
		s->candidates[n++] = s->candidates[i];
	}
	for (unsigned i = 0; i < n; i++)
		found_candidate(s, s->candidates[i].phrase, s->candidates[i].at);
	s->ncandidates = 0;
}

static void add_candidate(struct search *s, unsigned i, size_t at)
{
	if (s->ncandidates == CANDIDATES_MAX)
		look_at_candidates(s);
	__builtin_prefetch(&reply_phrases[i]);
	s->candidates[s->ncandidates++] = (struct candidate){ (uint16_t)i, (uint16_t)at };
}

static void try_chains(struct search *s, unsigned set)
{
	for (unsigned i = reply_chain_start[set]; i < reply_chain_start[set + 1]; i++) {
		const struct reply_chain *chain = &reply_chains[i];
		size_t end = reply_chain_end(s->places, chain);
		if (!end)
			continue;
		add_rule(&s->all->wanted, chain->rule);
		if (end <= s->first_len)
			add_rule(&s->first->wanted, chain->rule);
	}
}

static void find_chains(struct search *s)
{
	for (unsigned word = 0; word < REPLY_SETS_MAX / REPLY_WORD_BITS; word++)
		for (uint64_t bits = s->places->present[word]; bits; bits &= bits - 1)
			try_chains(s, word * REPLY_WORD_BITS + (unsigned)__builtin_ctzll(bits));
}

/* __builtin_popcountll() is a call where the processor is not known to have it. */
static inline unsigned bits_in(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

static bool has_phrases(const struct reply_buckets *index, uint32_t bucket)
{
	return index->full[bucket / REPLY_WORD_BITS] >> bucket % REPLY_WORD_BITS & 1;
}

/* The phrases of a bucket that holds some.  Apart from the loop over the text, which seldom comes here. */
__attribute__((noinline)) static void search_bucket(struct search *s, const struct reply_buckets *index,
						    uint32_t bucket, uint8_t mark, size_t at)
{
	uint64_t below =
		index->full[bucket / REPLY_WORD_BITS] & (((uint64_t)1 << bucket % REPLY_WORD_BITS) - 1);
	unsigned n = index->before[bucket / REPLY_WORD_BITS] + bits_in(below);
	for (unsigned i = index->first[n]; i < index->first[n + 1]; i++)
		if (reply_marks[i] == mark && !is_seen(s, i))
			add_candidate(s, i, at);
}

static inline void search_index(struct search *s, const struct reply_buckets *index, unsigned bits,
				uint64_t hash, size_t at)
{
	uint32_t bucket = reply_bucket(hash, bits);
	if (has_phrases(index, bucket))
		search_bucket(s, index, bucket, reply_mark(hash), at);
}

static inline void search_at(struct search *s, size_t at, bool word_begins)
{
	uint64_t b = reply_bytes(s->text.p + at);
	search_index(s, &reply_wide, REPLY_WIDE_BITS, reply_hash(b, REPLY_WIDE_BYTES), at);
	search_index(s, &reply_short, REPLY_SHORT_BITS, reply_hash(b, REPLY_SHORT_BYTES), at);
	if (word_begins)
		search_index(s, &reply_long, REPLY_LONG_BITS, reply_hash(b, REPLY_LONG_BYTES), at);
}

void reply_find(struct str text, size_t first_len, struct reply_hits *first, struct reply_hits *all)
{
	struct reply_places places;
	struct search s = {
		.text = text, .first_len = first_len, .first = first, .all = all, .places = &places
	};
	bool in_word = false;
	reply_places_clear(&places);
	for (size_t at = 0; at < text.len; at++) {
		search_at(&s, at, !in_word);
		in_word = reply_is_word(text.p[at]);
	}
	look_at_candidates(&s);
	find_chains(&s);
}
