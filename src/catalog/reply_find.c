/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_find.h"

#include <string.h>

#include "base/eight.h"
#include "catalog/reply_chain.h"
#include "catalog/reply_look.h"
#include "catalog/reply_pattern.h"

/* Bytes of the text that may lead to a phrase. */
struct lead {
	uint16_t at, indexes; /* a bit for each reply_index that knows them */
};

/* A phrase that may be found by the bytes at `at`. */
struct candidate {
	uint16_t phrase, at;
};

/* The search goes by steps over some of the text, for what is one after the other takes the processor's
 * guesses: bytes that may lead to a phrase, phrases that they lead to, and those that stand there.
 * Candidates wait, while what is known of them comes from memory; the tables are too large to be near. */
enum { STEP_BYTES = 128, CANDIDATES_MAX = 64 };
struct search {
	struct str text;
	size_t first_len; /* of text: where a second reply begins */
	struct reply_hits *first, *all;
	struct reply_places *places;
	unsigned ncandidates;
	struct candidate candidates[CANDIDATES_MAX];
	unsigned char seen[REPLY_PHRASES_MAX / 8]; /* phrases that need not be looked for again */
};

static void mark_seen(struct search *s, unsigned i)
{
	s->seen[i / 8] = (unsigned char)(s->seen[i / 8] | 1u << i % 8);
}

static bool is_seen(const struct search *s, unsigned i)
{
	return s->seen[i / 8] >> i % 8 & 1;
}

static void add_rule(struct reply_rule_set *set, unsigned rule)
{
	set->words[rule / REPLY_WORD_BITS] |= (uint64_t)1 << rule % REPLY_WORD_BITS;
}

/* What the phrase, standing from start to end, is to rules and sets. */
static void note_uses(struct search *s, const struct reply_phrase *p, size_t start, size_t end, bool in_first)
{
	for (const struct reply_uses *u = &reply_uses[p->use], *last = u + p->nuses; u < last; u++) {
		if (u->use == REPLY_USE_SET) {
			reply_place_add(s->places, u->word, start, end);
			continue;
		}
		s->all->of[u->use].words[u->word] |= u->rules;
		if (in_first)
			s->first->of[u->use].words[u->word] |= u->rules;
	}
}

/* The first place of a phrase of one piece, every place of a word of a set; the same piece may stand inside a
 * word before. */
static void found_piece(struct search *s, unsigned i, const struct reply_phrase *p, size_t start)
{
	size_t end = start + p->len;
	if (!reply_stands_apart(s->text, start, end, p->form & REPLY_FORM_EDGE_BEFORE,
				p->form & REPLY_FORM_EDGE_AFTER))
		return;
	if (!(p->form & REPLY_FORM_IN_SET))
		mark_seen(s, i);
	note_uses(s, p, start, end, s->first != s->all && end <= s->first_len);
}

/* A piece of the phrase stands there: do the others, around it? */
static void found_part(struct search *s, unsigned i, const struct reply_phrase *p)
{
	struct str other = { p->text + p->other, p->nother };
	mark_seen(s, i);
	if ((!other.len || reply_words_at(s->text, other, 0)) &&
	    reply_phrase_in(p->text, s->text.p, s->text.len))
		note_uses(s, p, 0, 0,
			  s->first != s->all && reply_phrase_in(p->text, s->text.p, s->first_len));
}

static void found_candidate(struct search *s, unsigned i, size_t at)
{
	const struct reply_phrase *p = &reply_phrases[i];
	size_t start = at - p->before;
	if (is_seen(s, i) ||
	    (p->nbytes < p->len && memcmp(s->text.p + start, p->text + p->piece, p->len) != 0))
		return;
	if (p->form & REPLY_FORM_ONE_PIECE)
		found_piece(s, i, p, start);
	else
		found_part(s, i, p);
}

/* The piece that the bytes at `at` belong to may stand there. */
static bool may_stand(const struct reply_phrase *p, struct str text, size_t at)
{
	return reply_bytes_of(eight_at(text.p + at), p->nbytes) == p->bytes && at >= p->before &&
	       at - p->before + p->len <= text.len;
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

/* __builtin_popcountll() is a call where the processor is not known to have it. */
static inline unsigned bits_in(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(x * 0x0101010101010101u >> 56);
}

static const struct {
	const struct reply_buckets *buckets;
	unsigned bytes, bits;
} indexes[] = {
	[REPLY_INDEX_LONG] = { &reply_long, REPLY_LONG_BYTES, REPLY_LONG_BITS },
	[REPLY_INDEX_WIDE] = { &reply_wide, REPLY_WIDE_BYTES, REPLY_WIDE_BITS },
	[REPLY_INDEX_SHORT] = { &reply_short, REPLY_SHORT_BYTES, REPLY_SHORT_BITS },
};

/* The phrases of the bucket, which holds some. */
static void follow(struct search *s, size_t at, unsigned index)
{
	const struct reply_buckets *b = indexes[index].buckets;
	uint64_t hash = reply_hash(eight_at(s->text.p + at), indexes[index].bytes);
	uint32_t bucket = reply_bucket(hash, indexes[index].bits);
	uint64_t below = b->full[bucket / REPLY_WORD_BITS] & (((uint64_t)1 << bucket % REPLY_WORD_BITS) - 1);
	unsigned n = b->before[bucket / REPLY_WORD_BITS] + bits_in(below);
	for (unsigned i = b->first[n]; i < b->first[n + 1]; i++)
		if (reply_marks[i] == reply_mark(hash) && !is_seen(s, i))
			add_candidate(s, i, at);
}

static inline unsigned is_full(const uint64_t *full, uint64_t bytes, unsigned nbytes, unsigned bits)
{
	uint32_t bucket = reply_bucket(reply_hash(bytes, nbytes), bits);
	return full[bucket / REPLY_WORD_BITS] >> bucket % REPLY_WORD_BITS & 1;
}

/* Which bytes lead somewhere is as good as chance: no branches here. */
static unsigned leads_from(struct str text, size_t from, size_t to, struct lead leads[STEP_BYTES + 1])
{
	const uint64_t *wide = reply_wide.full, *brief = reply_short.full, *begun = reply_long.full;
	bool in_word = from && reply_is_word(text.p[from - 1]);
	unsigned n = 0;
	for (size_t at = from; at < to; at++) {
		uint64_t b = eight_at(text.p + at);
		unsigned known = is_full(wide, b, REPLY_WIDE_BYTES, REPLY_WIDE_BITS) << REPLY_INDEX_WIDE;
		known |= is_full(brief, b, REPLY_SHORT_BYTES, REPLY_SHORT_BITS) << REPLY_INDEX_SHORT;
		known |= (is_full(begun, b, REPLY_LONG_BYTES, REPLY_LONG_BITS) & !in_word)
			 << REPLY_INDEX_LONG;
		leads[n] = (struct lead){ (uint16_t)at, (uint16_t)known };
		n += known != 0;
		in_word = reply_is_word(text.p[at]);
	}
	return n;
}

static void try_chains(struct search *s, unsigned set)
{
	for (unsigned i = reply_chain_start[set]; i < reply_chain_start[set + 1]; i++) {
		const struct reply_chain *chain = &reply_chains[i];
		size_t end = reply_chain_end(s->places, chain);
		if (!end)
			continue;
		add_rule(&s->all->of[REPLY_USE_TEXT], chain->rule);
		if (end <= s->first_len)
			add_rule(&s->first->of[REPLY_USE_TEXT], chain->rule);
	}
}

static void find_chains(struct search *s)
{
	for (unsigned word = 0; word < REPLY_SETS_MAX / REPLY_WORD_BITS; word++)
		for (uint64_t bits = s->places->present[word]; bits; bits &= bits - 1)
			try_chains(s, word * REPLY_WORD_BITS + (unsigned)__builtin_ctzll(bits));
}

void reply_find(struct str text, size_t first_len, struct reply_hits *first, struct reply_hits *all)
{
	struct lead leads[STEP_BYTES + 1];
	struct reply_places places;
	struct search s;
	s.text = text;
	s.first_len = first_len;
	s.first = first;
	s.all = all;
	s.places = &places;
	s.ncandidates = 0;
	memset(s.seen, 0, sizeof(s.seen));
	reply_places_clear(&places);
	for (size_t at = 0; at < text.len; at += STEP_BYTES) {
		size_t end = at + STEP_BYTES < text.len ? at + STEP_BYTES : text.len;
		unsigned n = leads_from(text, at, end, leads);
		for (unsigned i = 0; i < n; i++)
			for (unsigned known = leads[i].indexes; known; known &= known - 1)
				follow(&s, leads[i].at, (unsigned)__builtin_ctz(known));
	}
	look_at_candidates(&s);
	find_chains(&s);
}
