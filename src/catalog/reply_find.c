/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_find.h"

#include <string.h>

#include "base/eight.h"
#include "catalog/reply_chain.h"
#include "catalog/reply_leads.h"
#include "catalog/reply_look.h"
#include "catalog/reply_pattern.h"

/* A phrase that may be found by the bytes at `at`. */
struct candidate {
	uint16_t phrase, at;
};

/* What is one after the other takes the processor's guesses: so all heads of the text are found first, then
 * phrases that they lead to, then those that stand there.
 * Candidates wait, while what is known of them comes from memory; the tables are too large to be near. */
enum { CANDIDATES_MAX = 64, SEEN_MAX = 64, SET_WORDS_MAX = 4096 };
struct search {
	struct str text;
	size_t first_len; /* of text: where a second reply begins */
	struct reply_hits *first, *all;
	const struct reply_grams *grams; /* of the whole text */
	struct reply_places *places;     /* of the sets that chains asked for */
	unsigned ncandidates, nset_words;
	struct candidate candidates[CANDIDATES_MAX];
	struct candidate set_words[SET_WORDS_MAX]; /* words of sets, and where they stand */
	uint16_t seen[SEEN_MAX]; /* phrases that need not be looked for again, plus 1; the last of some */
};

static void mark_seen(struct search *s, unsigned i)
{
	s->seen[i % SEEN_MAX] = (uint16_t)(i + 1);
}

static bool is_seen(const struct search *s, unsigned i)
{
	return s->seen[i % SEEN_MAX] == i + 1;
}

static void add_rule(struct reply_hits *h, unsigned rule)
{
	h->words[REPLY_USE_TEXT * REPLY_RULE_WORDS + rule / REPLY_WORD_BITS] |= (uint64_t)1
										<< rule % REPLY_WORD_BITS;
}

static void note_uses(struct reply_hits *h, const struct reply_phrase *p)
{
	for (const struct reply_uses *u = &reply_uses[p->use], *last = u + p->nuses; u < last; u++)
		h->words[u->word] |= u->bits;
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
	else if (s->nset_words < SET_WORDS_MAX)
		s->set_words[s->nset_words++] = (struct candidate){ (uint16_t)i, (uint16_t)start };
	note_uses(s->all, p);
	if (s->first != s->all && end <= s->first_len)
		note_uses(s->first, p);
}

/* A piece of the phrase stands there: do the others, around it? */
static void found_part(struct search *s, unsigned i, const struct reply_phrase *p)
{
	const char *phrase = reply_texts + p->text;
	mark_seen(s, i);
	if (!reply_phrase_in(phrase, s->text.p, s->text.len))
		return;
	note_uses(s->all, p);
	if (s->first != s->all && reply_phrase_in(phrase, s->text.p, s->first_len))
		note_uses(s->first, p);
}

/* Both have REPLY_PAD bytes behind them. */
static bool same_bytes(const char *a, const char *b, unsigned n)
{
	for (; n > sizeof(uint64_t); n -= (unsigned)sizeof(uint64_t)) {
		if (eight_at(a) != eight_at(b))
			return false;
		a += sizeof(uint64_t);
		b += sizeof(uint64_t);
	}
	return !reply_bytes_of(eight_at(a) ^ eight_at(b), n);
}

static void found_candidate(struct search *s, unsigned i, size_t at)
{
	const struct reply_phrase *p = &reply_phrases[i];
	size_t start = at - p->before;
	if (is_seen(s, i) ||
	    (p->nbytes < p->len && !same_bytes(s->text.p + start, reply_texts + p->text + p->piece, p->len)))
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
		__builtin_prefetch(reply_texts + p->text);
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

static bool may_be_in(const struct search *s, struct reply_sign sign)
{
	return s->grams->has[sign.one] && s->grams->has[sign.other];
}

/* Phrases of the lead's bucket. */
static void follow(struct search *s, const struct reply_lead *lead)
{
	for (unsigned i = lead->from; i < lead->to; i++)
		if (reply_signs[i].mark == lead->mark && may_be_in(s, reply_signs[i]) && !is_seen(s, i))
			add_candidate(s, i, lead->at);
}

/* Uses are in order of their words, those of sets last. */
static bool has_set(const struct reply_phrase *p, unsigned set)
{
	unsigned word = REPLY_USE_SET * REPLY_RULE_WORDS + set / REPLY_WORD_BITS;
	const struct reply_uses *first = &reply_uses[p->use], *u = first + p->nuses;
	while (u > first && u[-1].word > word)
		u--;
	return u > first && u[-1].word == word && u[-1].bits >> set % REPLY_WORD_BITS & 1;
}

static void find_places(struct search *s, unsigned set)
{
	for (unsigned i = 0; i < s->nset_words; i++) {
		const struct reply_phrase *p = &reply_phrases[s->set_words[i].phrase];
		size_t start = s->set_words[i].at;
		if (has_set(p, set))
			reply_place_add(s->places, set, start, start + p->len);
	}
}

/* The rule asks for nothing that the text lacks, and is not known to fit without the chain. */
static bool is_open(const struct search *s, unsigned rule)
{
	const struct reply_hits *h = s->all;
	if (s->first != h)
		return true;
	return !reply_rule_in(h, REPLY_USE_TEXT, rule) && !reply_rule_in(h, REPLY_USE_NOT, rule) &&
	       (!reply_rules[rule].has_with || reply_rule_in(h, REPLY_USE_WITH, rule));
}

static void try_chain(struct search *s, const struct reply_chain *chain)
{
	for (unsigned i = 0; i < chain->nlinks; i++)
		if (!reply_set_in(s->places->present, chain->links[i]))
			find_places(s, chain->links[i]);
	size_t end = reply_chain_end(s->places, chain);
	if (!end)
		return;
	add_rule(s->all, chain->rule);
	if (end <= s->first_len)
		add_rule(s->first, chain->rule);
}

static void find_chains(struct search *s)
{
	const uint64_t *sets = reply_hits_of(s->all, REPLY_USE_SET);
	for (unsigned word = 0; word * REPLY_WORD_BITS < reply_nsets; word++)
		for (uint64_t bits = sets[word] & reply_chain_begin[word]; bits; bits &= bits - 1) {
			unsigned set = word * REPLY_WORD_BITS + (unsigned)__builtin_ctzll(bits);
			for (unsigned i = reply_chain_start[set]; i < reply_chain_start[set + 1]; i++)
				if (reply_chain_may_hold(sets, &reply_chains[i]) &&
				    is_open(s, reply_chains[i].rule))
					try_chain(s, &reply_chains[i]);
		}
}

void reply_find(struct str text, size_t first_len, struct reply_hits *first, struct reply_hits *all,
		struct reply_grams *grams)
{
	uint16_t heads[REPLY_FOLDED_MAX];
	struct reply_lead leads[REPLY_LEADS_MAX];
	struct reply_places places;
	struct search s;
	s.text = text;
	s.first_len = first_len;
	s.first = first;
	s.all = all;
	s.grams = grams;
	s.places = &places;
	s.ncandidates = s.nset_words = 0;
	memset(s.seen, 0, sizeof(s.seen));
	reply_places_clear(&places);
	unsigned nheads = reply_heads_find(text, grams, heads);
	for (unsigned at = 0; at < nheads; at += REPLY_STEP_HEADS) {
		unsigned step = nheads - at < REPLY_STEP_HEADS ? nheads - at : REPLY_STEP_HEADS;
		unsigned n = reply_leads(text, heads + at, step, leads);
		for (unsigned i = 0; i < n; i++)
			follow(&s, &leads[i]);
	}
	look_at_candidates(&s);
	find_chains(&s);
}
