/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_match.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reply_chain.h"
#include "catalog/reply_look.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"

enum { WORD_BITS = 64, RULE_WORDS = REPLY_RULES_MAX / WORD_BITS };

/* How much less a rule is believed for what it asks and nobody knows. */
static const double unknown_step = 0.65, unknown_code = 0.96, unknown_status = 0.75, unknown_provider = 0.97;
/* A rule of many steps only says where it does not hold. */
enum { STEPS_MANY = 7 };
static const double unknown_of_many_steps = 0.98;
/* What a second reply in the same text adds is mostly a consequence of the first. */
static const double later_reply = 0.8;
/* Of two rules equally sure, the one that asks for more is the better one. */
static const double asked_bonus = 0.004;
static const double most = 0.99;
/* Rules that say the same of other words make one surer, but none of them proves it. */
static const double support = 0.05, support_from = 0.5, most_supported = 0.89;
/* Two classes nearly as well founded: whichever stands first, nobody can be sure of it. */
static const double disputed_gap = 0.2, most_disputed = 0.89;

/* One bit a rule. */
struct rule_set {
	uint64_t words[RULE_WORDS];
};

/* What the phrases of a text say of the rules. */
struct hits {
	struct rule_set wanted, also, forbidden;
};

struct match {
	const struct reply_context *c;
	struct reply_look look;
	struct str text;
	struct rule_set forbidden; /* by phrases anywhere in text */
	size_t first_len;          /* of text: up to a second reply with another code */
	struct reply_meaning *out;
	size_t nout;
	unsigned char class[REPLY_MEANINGS_MAX]; /* of out[] */
	double support[REPLY_CLASSES_MAX];       /* what all rules of a class add up to */
};

static bool code_fits(const struct reply_code_range *r, unsigned code)
{
	for (; r->from; r++)
		if (code >= r->from && code <= r->to)
			return true;
	return false;
}

static bool status_fits(const struct reply_status *s, const unsigned enh[3])
{
	for (; s->n[0]; s++) {
		bool fits = true;
		for (size_t i = 0; i < 3; i++)
			fits = fits && (s->n[i] == REPLY_ANY || s->n[i] == enh[i]);
		if (fits)
			return true;
	}
	return false;
}

static bool provider_fits(const char *const *names, const char *provider)
{
	for (; *names; names++)
		if (!strcmp(*names, provider))
			return true;
	return false;
}

static bool needs_fit(unsigned needs, const struct reply_context *c)
{
	return !((needs & REPLY_NEED_TLS && !c->tls) || (needs & REPLY_NEED_NO_TLS && c->tls) ||
		 (needs & REPLY_NEED_LOGGED_IN && !c->logged_in) ||
		 (needs & REPLY_NEED_NOT_LOGGED_IN && c->logged_in));
}

/* How far the rule is to be believed here by all but its text; 0: not at all. */
static double rule_weight(struct match *m, const struct reply_rule *r)
{
	const struct reply_look *l = &m->look;
	double w = r->thousandths / 1000.0;
	if (r->codes) {
		if (l->code ? !code_fits(r->codes, l->code) : !r->has_text)
			return 0;
		w = l->code ? w + asked_bonus : w * unknown_code;
	}
	if (r->statuses) {
		if (l->enh[0] ? !status_fits(r->statuses, l->enh) : !r->has_text)
			return 0;
		w = l->enh[0] ? w + asked_bonus : w * unknown_status;
	}
	if (r->steps) {
		if (l->steps ? !(r->steps & l->steps) : !r->has_text)
			return 0;
		bool many = __builtin_popcount(r->steps) >= STEPS_MANY;
		w = l->steps ? w + asked_bonus : w * (many ? unknown_of_many_steps : unknown_step);
	}
	if (r->providers) {
		reply_look_provider(&m->look, m->text);
		if (*l->provider ? !provider_fits(r->providers, l->provider) : !r->has_text)
			return 0;
		w = *l->provider ? w + asked_bonus : w * unknown_provider;
	}
	if (r->needs && (m->look.in_session ? !needs_fit(r->needs, m->c) : !r->has_text))
		return 0;
	return w;
}

static size_t place_of(const struct match *m, double confidence)
{
	size_t at = m->nout;
	while (at && m->out[at - 1].confidence < confidence)
		at--;
	return at;
}

static void meaning_drop(struct match *m, size_t i)
{
	m->nout--;
	memmove(m->out + i, m->out + i + 1, (m->nout - i) * sizeof(*m->out));
	memmove(m->class + i, m->class + i + 1, m->nout - i);
}

static void meaning_put(struct match *m, struct reply_meaning meaning, unsigned char class)
{
	size_t at = place_of(m, meaning.confidence);
	if (at == REPLY_MEANINGS_MAX)
		return;
	if (m->nout < REPLY_MEANINGS_MAX)
		m->nout++;
	memmove(m->out + at + 1, m->out + at, (m->nout - at - 1) * sizeof(*m->out));
	memmove(m->class + at + 1, m->class + at, m->nout - at - 1);
	m->out[at] = meaning;
	m->class[at] = class;
}

/* Keeps out[] sorted, and of one entry the best rule only. */
static void match_add(struct match *m, const struct reply_rule *r, double confidence)
{
	if (confidence > most)
		confidence = most;
	if (confidence > support_from)
		m->support[r->class] += confidence - support_from;
	if (m->nout == REPLY_MEANINGS_MAX && confidence <= m->out[m->nout - 1].confidence)
		return;
	const struct finding_entry *e = finding_entry_at(r->finding);
	if (!e)
		return;
	for (size_t i = 0; i < m->nout; i++) {
		if (m->out[i].entry != e)
			continue;
		if (m->out[i].confidence >= confidence)
			return;
		meaning_drop(m, i);
		break;
	}
	meaning_put(m, (struct reply_meaning){ e, confidence, r->where }, r->class);
}

/* What the other rules of the class of out[i] add to it. */
static double supported(const struct match *m, size_t i)
{
	double own = m->out[i].confidence, others = m->support[m->class[i]];
	others -= own > support_from ? own - support_from : 0;
	double sum = own + support * others;
	return sum < most_supported ? sum : own > most_supported ? own : most_supported;
}

/* Of meanings nearly as sure, the one that more rules speak for comes first. */
static void add_support(struct match *m)
{
	struct reply_meaning was[REPLY_MEANINGS_MAX];
	unsigned char class[REPLY_MEANINGS_MAX];
	size_t n = m->nout;
	for (size_t i = 0; i < n; i++) {
		was[i] = m->out[i];
		was[i].confidence = supported(m, i);
		class[i] = m->class[i];
	}
	m->nout = 0;
	for (size_t i = 0; i < n; i++)
		meaning_put(m, was[i], class[i]);
}

static bool in_set(const struct rule_set *set, unsigned rule)
{
	return set->words[rule / WORD_BITS] >> rule % WORD_BITS & 1;
}

static void add_rule(struct rule_set *set, unsigned rule)
{
	set->words[rule / WORD_BITS] |= (uint64_t)1 << rule % WORD_BITS;
}

static void note_uses(struct hits *h, const struct reply_phrase *p)
{
	struct rule_set *const sets[] = { &h->wanted, &h->also, &h->forbidden };
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
	const struct match *m;
	struct hits *first, *all;
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
	if (!reply_stands_apart(s->m->text, start, end, p->form & REPLY_FORM_EDGE_BEFORE,
				p->form & REPLY_FORM_EDGE_AFTER))
		return;
	if (p->form & REPLY_FORM_IN_SET)
		note_places(s->places, p, start, end);
	else
		mark_seen(s, i);
	note_uses(s->all, p);
	if (s->first != s->all && end <= s->m->first_len)
		note_uses(s->first, p);
}

static bool is_seen(const struct search *s, unsigned i)
{
	return s->seen[i / 8] >> i % 8 & 1;
}

static void found_candidate(struct search *s, unsigned i, size_t at)
{
	const struct match *m = s->m;
	const struct reply_phrase *p = &reply_phrases[i];
	size_t start = at - p->before;
	if (is_seen(s, i) ||
	    (p->nbytes < p->len && memcmp(m->text.p + start, p->text + p->piece, p->len) != 0))
		return;
	if (p->form & REPLY_FORM_ONE_PIECE) {
		found_piece(s, i, start);
		return;
	}
	mark_seen(s, i);
	if (!reply_phrase_in(p->text, m->text.p, m->text.len))
		return;
	note_uses(s->all, p);
	if (s->first != s->all && reply_phrase_in(p->text, m->text.p, m->first_len))
		note_uses(s->first, p);
}

static void look_at_candidates(struct search *s)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->ncandidates; i++) {
		const struct reply_phrase *p = &reply_phrases[s->candidates[i].phrase];
		if (!may_stand(p, s->m->text, s->candidates[i].at))
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
		if (end <= s->m->first_len)
			add_rule(&s->first->wanted, chain->rule);
	}
}

static void find_chains(struct search *s)
{
	for (unsigned word = 0; word < REPLY_SETS_MAX / WORD_BITS; word++)
		for (uint64_t bits = s->places->present[word]; bits; bits &= bits - 1)
			try_chains(s, word * WORD_BITS + (unsigned)__builtin_ctzll(bits));
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
	return index->full[bucket / WORD_BITS] >> bucket % WORD_BITS & 1;
}

/* The phrases of a bucket that holds some.  Apart from the loop over the text, which seldom comes here. */
__attribute__((noinline)) static void search_bucket(struct search *s, const struct reply_buckets *index,
						    uint32_t bucket, uint8_t mark, size_t at)
{
	uint64_t below = index->full[bucket / WORD_BITS] & (((uint64_t)1 << bucket % WORD_BITS) - 1);
	unsigned n = index->before[bucket / WORD_BITS] + bits_in(below);
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
	uint64_t b = reply_bytes(s->m->text.p + at);
	search_index(s, &reply_wide, REPLY_WIDE_BITS, reply_hash(b, REPLY_WIDE_BYTES), at);
	search_index(s, &reply_short, REPLY_SHORT_BITS, reply_hash(b, REPLY_SHORT_BYTES), at);
	if (word_begins)
		search_index(s, &reply_long, REPLY_LONG_BITS, reply_hash(b, REPLY_LONG_BYTES), at);
}

/* Every phrase holds a few bytes that lead to it; each is looked for once. */
static void find_phrases(const struct match *m, struct hits *first, struct hits *all)
{
	struct reply_places places;
	struct search s = { .m = m, .first = first, .all = all, .places = &places };
	bool in_word = false;
	reply_places_clear(&places);
	for (size_t at = 0; at < m->text.len; at++) {
		search_at(&s, at, !in_word);
		in_word = reply_is_word(m->text.p[at]);
	}
	look_at_candidates(&s);
	find_chains(&s);
}

/* All that the rule asks of the words. */
static bool words_fit(const struct hits *h, unsigned rule)
{
	return in_set(&h->wanted, rule) && !in_set(&h->forbidden, rule) &&
	       (!reply_rules[rule].has_with || in_set(&h->also, rule));
}

static void try_rule(struct match *m, unsigned rule, const struct hits *first, const struct hits *all)
{
	const struct reply_rule *r = &reply_rules[rule];
	bool in_first = words_fit(first, rule);
	if (!in_first && (first == all || !words_fit(all, rule)))
		return;
	double w = rule_weight(m, r);
	if (w > 0)
		match_add(m, r, in_first ? w : w * later_reply);
}

static void try_phrases(struct match *m)
{
	struct hits begin = { 0 }, all = { 0 };
	struct hits *first = m->first_len < m->text.len ? &begin : &all;
	find_phrases(m, first, &all);
	m->forbidden = all.forbidden;
	for (unsigned word = 0; word < RULE_WORDS; word++)
		for (uint64_t bits = all.wanted.words[word]; bits; bits &= bits - 1)
			try_rule(m, word * WORD_BITS + (unsigned)__builtin_ctzll(bits), first, &all);
}

static void try_bare_kind(struct match *m, unsigned kind)
{
	for (unsigned i = reply_bare_start[kind]; i < reply_bare_start[kind + 1]; i++) {
		const struct reply_rule *r = &reply_rules[reply_bare_rules[i]];
		double w = rule_weight(m, r);
		if (w > 0 && !in_set(&m->forbidden, reply_bare_rules[i]))
			match_add(m, r, w);
	}
}

static void try_bare(struct match *m)
{
	unsigned subject = m->look.enh[1] < REPLY_SUBJECTS ? m->look.enh[1] : REPLY_SUBJECTS - 1;
	if (m->look.enh[0])
		try_bare_kind(m, REPLY_BARE_STATUS + subject);
	if (m->look.steps)
		try_bare_kind(m, REPLY_BARE_STEP);
	try_bare_kind(m, REPLY_BARE_REST);
}

static bool is_disputed(const struct match *m)
{
	for (size_t i = 1; i < m->nout; i++)
		if (m->out[i].entry->class != m->out[0].entry->class &&
		    strcmp(m->out[i].entry->class, m->out[0].entry->class) != 0)
			return m->out[0].confidence - m->out[i].confidence < disputed_gap;
	return false;
}

static void lower_disputed(struct match *m)
{
	if (!is_disputed(m))
		return;
	for (size_t i = 0; i < m->nout && m->out[i].confidence > most_disputed; i++)
		m->out[i].confidence = most_disputed;
}

static void match_run(struct match *m, const struct reply_context *c,
		      char folded[REPLY_FOLDED_MAX + REPLY_PAD], struct reply_meaning *out)
{
	*m = (struct match){ .c = c, .out = out };
	m->text = (struct str){ folded, reply_fold(c->text ? c->text : "", folded) };
	memset(folded + m->text.len, 0, REPLY_PAD);
	m->first_len = reply_first_end(m->text);
	reply_look(c, m->text, &m->look);
	try_phrases(m);
	try_bare(m);
	add_support(m);
	lower_disputed(m);
}

size_t reply_meanings(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	char folded[REPLY_FOLDED_MAX + REPLY_PAD];
	struct match m;
	match_run(&m, c, folded, out);
	return m.nout;
}

size_t reply_meanings_seen(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX],
			   struct reply_seen *seen)
{
	char folded[REPLY_FOLDED_MAX + REPLY_PAD];
	struct match m;
	match_run(&m, c, folded, out);
	reply_look_provider(&m.look, m.text);
	*seen = (struct reply_seen){ .code = m.look.code, .provider = m.look.provider };
	seen->step = m.look.step < STEP_COUNT ? step_name(m.look.step) : "";
	if (m.look.enh[0])
		snprintf(seen->enhanced, sizeof(seen->enhanced), "%u.%u.%u", m.look.enh[0], m.look.enh[1],
			 m.look.enh[2]);
	return m.nout;
}

const char *reply_step_told(const char *text)
{
	char folded[REPLY_FOLDED_MAX];
	enum step s = reply_look_step((struct str){ folded, reply_fold(text, folded) });
	return s < STEP_COUNT ? step_name(s) : "";
}

const char *reply_provider_told(const char *text)
{
	char folded[REPLY_FOLDED_MAX];
	struct reply_look look = { .provider = "" };
	reply_look_provider(&look, (struct str){ folded, reply_fold(text, folded) });
	return look.provider;
}
