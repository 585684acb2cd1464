/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_find.h"

#include <string.h>

#include "base/eight.h"
#include "base/sixteen.h"
#include "catalog/reply_chain.h"
#include "catalog/reply_leads.h"
#include "catalog/reply_pattern.h"

/* A phrase that may be found by the bytes at `at`; later: whose piece begins there. */
struct candidate {
	uint32_t phrase;
	uint16_t at;
};

/* What is one after the other takes the processor's guesses: so all heads of the text are found first, then
 * phrases that they lead to, then those that stand there; and what nobody can guess is a number, not a
 * branch. Candidates wait, while what is known of them comes from memory; the tables are too large to be
 * near. */
enum { CANDIDATES_MAX = 256, SEEN_MAX = 64, SET_WORDS_MAX = 4096 };
struct search {
	struct str text;
	size_t first_len; /* of text: where a second reply begins */
	struct reply_hits *first, *all;
	const struct reply_grams *grams; /* of the whole text */
	struct reply_places *places;     /* of the sets that chains asked for */
	unsigned ncandidates, nset_words;
	struct candidate candidates[CANDIDATES_MAX + 2]; /* a step is taken whole */
	struct candidate set_words[SET_WORDS_MAX + 1];   /* words of sets, and where they stand */
	uint32_t seen[SEEN_MAX]; /* phrases of parts that were looked for, plus 1; the last of some */
};

static bool was_seen(struct search *s, unsigned i)
{
	bool seen = s->seen[i % SEEN_MAX] == i + 1;
	s->seen[i % SEEN_MAX] = i + 1;
	return seen;
}

static void add_rule(struct reply_hits *h, unsigned rule)
{
	h->words[REPLY_USE_TEXT * REPLY_RULE_WORDS + rule / REPLY_WORD_BITS] |= (uint64_t)1
										<< rule % REPLY_WORD_BITS;
}

static inline void note_uses(struct reply_hits *h, const struct reply_phrase *p)
{
	h->words[p->first / REPLY_WORD_BITS] |= (uint64_t)1 << p->first % REPLY_WORD_BITS;
	for (const struct reply_uses *u = &reply_uses[p->use], *last = u + p->more; u <= last; u++)
		for (unsigned i = 0; i < REPLY_USES_WORDS; i++)
			h->words[u->words[i]] |= u->bits[i];
}

/* A piece of the phrase stands there: do the others, around it? */
static void found_part(struct search *s, unsigned i, const struct reply_phrase *p)
{
	const char *phrase = reply_texts + p->text - p->piece;
	if (was_seen(s, i) || !reply_phrase_in(phrase, s->text.p, s->text.len))
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

/* The beginning of the piece stands at start.  Every place of a word of a set counts. */
static inline void found_begin(struct search *s, unsigned i, size_t start)
{
	const struct reply_phrase *p = &reply_phrases[i];
	if (p->len > REPLY_BEGIN_BYTES &&
	    !same_bytes(s->text.p + start + REPLY_BEGIN_BYTES, reply_texts + p->text + REPLY_BEGIN_BYTES,
			p->len - REPLY_BEGIN_BYTES))
		return;
	if (!(p->form & REPLY_FORM_ONE_PIECE)) {
		found_part(s, i, p);
		return;
	}
	s->set_words[s->nset_words] = (struct candidate){ i, (uint16_t)start };
	s->nset_words += (s->nset_words < SET_WORDS_MAX) & !!(p->form & REPLY_FORM_IN_SET);
	note_uses(s->all, p);
	if (s->first != s->all && start + p->len <= s->first_len)
		note_uses(s->first, p);
}

/* 1: the beginning of the piece that the bytes at `at` belong to stands there, apart from other words where
 * it must; *start gets where. */
static inline unsigned begin_stands(const struct reply_phrase *p, struct str text, unsigned at,
				    uint16_t *start)
{
	unsigned room = at >= p->before, from = room ? at - p->before : 0, to = from + p->len,
		 ahead = from > 0;
	unsigned end = to < text.len ? to : (unsigned)text.len;
	unsigned n = p->len < REPLY_BEGIN_BYTES ? p->len : REPLY_BEGIN_BYTES;
	unsigned same =
		sixteen_same(sixteen_at(text.p + from), sixteen_at((const char *)p->begin)) | ~0u << n;
	unsigned edges = (ahead & reply_is_word(text.p[from - ahead])) * REPLY_FORM_EDGE_BEFORE |
			 reply_is_word(text.p[end]) * REPLY_FORM_EDGE_AFTER;
	*start = (uint16_t)from;
	return room & (same == ~0u) & !(edges & p->form);
}

/* Of the candidates, those whose beginning stands there, and where; returns how many. */
static unsigned standing(struct str text, struct candidate *c, unsigned ncandidates)
{
	unsigned n = 0;
	for (unsigned i = 0; i < ncandidates; i++)
		__builtin_prefetch(&reply_phrases[c[i].phrase]);
	for (unsigned i = 0; i < ncandidates; i++) {
		const struct reply_phrase *p = &reply_phrases[c[i].phrase];
		uint32_t phrase = c[i].phrase;
		uint16_t start;
		unsigned stands = begin_stands(p, text, c[i].at, &start);
		__builtin_prefetch(&reply_uses[p->use]);
		c[n] = (struct candidate){ phrase, start };
		n += stands;
	}
	return n;
}

static void look_at_candidates(struct search *s)
{
	unsigned n = standing(s->text, s->candidates, s->ncandidates);
	for (unsigned i = 0; i < n; i++)
		found_begin(s, s->candidates[i].phrase, s->candidates[i].at);
	s->ncandidates = 0;
}

static inline unsigned may_be_in(const struct search *s, const struct reply_lead *lead, unsigned i)
{
	struct reply_sign sign = reply_signs[i];
	return (unsigned)(sign.mark == lead->mark) & s->grams->has[sign.one] & s->grams->has[sign.other];
}

/* Counted only if it may stand there. */
static inline void add_candidate(struct search *s, const struct reply_lead *lead, unsigned i)
{
	s->candidates[s->ncandidates] = (struct candidate){ i, lead->at };
	s->ncandidates += (unsigned)(i < lead->to) & may_be_in(s, lead, i);
}

/* Phrases of the lead's bucket: mostly one or two. */
static inline void follow(struct search *s, const struct reply_lead *lead)
{
	for (unsigned i = lead->from; i < lead->to; i += 2) {
		add_candidate(s, lead, i);
		add_candidate(s, lead, i + 1);
		if (s->ncandidates >= CANDIDATES_MAX)
			look_at_candidates(s);
	}
}

static bool has_set(const struct reply_phrase *p, unsigned set)
{
	unsigned bit = REPLY_USE_SET * REPLY_RULE_WORDS * REPLY_WORD_BITS + set;
	uint64_t bits = (uint64_t)(p->first == bit) << bit % REPLY_WORD_BITS;
	for (const struct reply_uses *u = &reply_uses[p->use], *last = u + p->more; u <= last; u++)
		for (unsigned i = 0; i < REPLY_USES_WORDS; i++)
			bits |= u->words[i] == bit / REPLY_WORD_BITS ? u->bits[i] : 0;
	return bits >> bit % REPLY_WORD_BITS & 1;
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
