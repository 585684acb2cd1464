/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_match.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reply_find.h"
#include "catalog/reply_hint.h"
#include "catalog/reply_look.h"
#include "catalog/reply_mask.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"

_Static_assert((int)REPLY_STEPS == (int)STEP_COUNT, "a list of rules for each step");

/* How much less a rule is believed for what it asks and nobody knows. */
static const double unknown_step = 0.65, unknown_code = 0.96, unknown_status = 0.75, unknown_provider = 0.97;
/* A rule of many steps only says where it does not hold. */
enum { STEPS_MANY = 7 };
static const double unknown_of_many_steps = 0.98;
static const double unknown_needs = 0.8;
/* What a second reply in the same text adds is mostly a consequence of the first. */
static const double later_reply = 0.8;
/* Of two rules equally sure, the one that asks for more is the better one. */
static const double asked_bonus = 0.004;
static const double most = 0.99;
/* Rules that say the same of other words make one surer, but none of them proves it. */
static const double support = 0.05, support_from = 0.5, most_supported = 0.89;
/* Two classes nearly as well founded: whichever stands first, nobody can be sure of it. */
static const double disputed_gap = 0.2, most_doubted = 0.89;
/* Words weigh rules less sure than the first; and choose where the best class leads the next by less than the
 * second, unless a rule is as sure as the third: that one knows its words to the letter. */
static const double words_weigh = 0.7, words_choose = 0.05, to_the_letter = 0.925;
/* One rule alone is right in 93 of 100 unseen replies, two in 98: nobody is sure by one. */
static const double witness_least = 0.1;

struct match {
	const struct reply_context *c;
	struct reply_look look;
	struct str whole; /* folded */
	struct str text;  /* ... its names masked */
	size_t first_len; /* of text: up to a second reply with another code */
	struct reply_hits all;
	struct reply_grams grams; /* of text */
	struct reply_meaning *out;
	size_t nout;
	unsigned char class[REPLY_MEANINGS_MAX]; /* of out[] */
	double support[REPLY_CLASSES_MAX];       /* what all rules of a class add up to */
};

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

/* Hosts tell it, masked ones too; grams are of the masked text. */
static void look_for_provider(struct match *m)
{
	reply_look_provider(&m->look, m->whole, m->whole.p == m->text.p ? &m->grams : NULL);
}

/* The rule asks for something; known: the reply tells it.  False: the rule does not fit. */
static inline bool asked(const struct reply_rule *r, bool known, bool fits, double unknown, double *weight)
{
	if (known ? !fits : !r->has_text)
		return false;
	*weight = known ? *weight + asked_bonus : *weight * unknown;
	return true;
}

static bool provider_asked(struct match *m, const struct reply_rule *r, double *weight)
{
	look_for_provider(m);
	const char *name = m->look.provider;
	return asked(r, *name, *name && provider_fits(r->providers, name), unknown_provider, weight);
}

/* How far the rule is to be believed here by all but its text; 0: not at all. */
static double rule_weight(struct match *m, const struct reply_rule *r)
{
	const struct reply_look *l = &m->look;
	double w = r->confidence;
	if (r->codes && !asked(r, l->code, reply_code_in(r->codes, l->code), unknown_code, &w))
		return 0;
	if (r->statuses && !asked(r, l->enh[0], status_fits(r->statuses, l->enh), unknown_status, &w))
		return 0;
	if (r->steps) {
		bool many = __builtin_popcount(r->steps) >= STEPS_MANY;
		if (!asked(r, l->steps, r->steps & l->steps, many ? unknown_of_many_steps : unknown_step, &w))
			return 0;
	}
	if (r->providers && !provider_asked(m, r, &w))
		return 0;
	if (!r->needs)
		return w;
	if (l->in_session)
		return needs_fit(r->needs, m->c) ? w : 0;
	return r->has_text ? w * unknown_needs : 0;
}

static void meaning_drop(struct match *m, size_t i)
{
	m->nout--;
	memmove(m->out + i, m->out + i + 1, (m->nout - i) * sizeof(*m->out));
	memmove(m->class + i, m->class + i + 1, m->nout - i);
}

/* Behind those as sure; most stand in their order already. */
static void meaning_put(struct match *m, struct reply_meaning meaning, unsigned char class)
{
	size_t at = m->nout;
	if (at < REPLY_MEANINGS_MAX)
		m->nout++;
	else if (m->out[--at].confidence >= meaning.confidence)
		return;
	for (; at && m->out[at - 1].confidence < meaning.confidence; at--) {
		m->out[at] = m->out[at - 1];
		m->class[at] = m->class[at - 1];
	}
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

/* Rules of which all that they ask of the words is there: a word of their bits. */
static uint64_t words_fit(const struct reply_hits *h, unsigned word)
{
	return reply_hits_of(h, REPLY_USE_TEXT)[word] & ~reply_hits_of(h, REPLY_USE_NOT)[word] &
	       (reply_hits_of(h, REPLY_USE_WITH)[word] | ~reply_with_rules[word]);
}

/* in_first: those of the bits that the first reply alone fits. */
static void try_rules(struct match *m, unsigned word, uint64_t bits, uint64_t in_first)
{
	for (; bits; bits &= bits - 1) {
		const struct reply_rule *r =
			&reply_rules[word * REPLY_WORD_BITS + (unsigned)__builtin_ctzll(bits)];
		double w = rule_weight(m, r);
		if (w > 0)
			match_add(m, r, in_first & bits & -bits ? w : w * later_reply);
	}
}

/* Two replies in one text. */
static void try_both(struct match *m, const struct reply_hits *first)
{
	for (unsigned word = 0; word * REPLY_WORD_BITS < reply_nrules; word++) {
		uint64_t in_first = words_fit(first, word);
		try_rules(m, word, in_first | words_fit(&m->all, word), in_first);
	}
}

static void try_phrases(struct match *m)
{
	for (unsigned word = 0; word * REPLY_WORD_BITS < reply_nrules; word++) {
		uint64_t bits = words_fit(&m->all, word);
		try_rules(m, word, bits, bits);
	}
}

static void try_bare_kind(struct match *m, unsigned kind)
{
	for (unsigned i = reply_bare_start[kind]; i < reply_bare_start[kind + 1]; i++) {
		const struct reply_rule *r = &reply_rules[reply_bare_rules[i]];
		double w = rule_weight(m, r);
		if (w > 0 && !reply_rule_in(&m->all, REPLY_USE_NOT, reply_bare_rules[i]))
			match_add(m, r, w);
	}
}

static void try_bare(struct match *m)
{
	if (m->look.enh[0])
		try_bare_kind(m, reply_bare_status(m->look.enh[1], m->look.enh[2]));
	if (m->look.steps)
		try_bare_kind(m, REPLY_BARE_STEP + m->look.step);
	try_bare_kind(m, reply_bare_code(m->look.code));
}

/* By how much the best class is surer than the next one. */
static double lead_of(const struct match *m)
{
	for (size_t i = 1; i < m->nout; i++)
		if (m->class[i] != m->class[0])
			return m->out[0].confidence - m->out[i].confidence;
	return 1;
}

/* No other rule of its class says so too. */
static bool is_alone(const struct match *m)
{
	double others = m->support[m->class[0]] - (m->out[0].confidence - support_from);
	return others < witness_least;
}

static void lower(struct match *m)
{
	for (size_t i = 0; i < m->nout && m->out[i].confidence > most_doubted; i++)
		m->out[i].confidence = most_doubted;
}

/* Weighed as they were learnt: hosts among them. */
static void ask_words(struct match *m, double lead)
{
	const unsigned *enh = m->look.enh;
	const struct reply_hint_text t = { m->whole, m->look.code, { enh[0], enh[1], enh[2] } };
	if (m->out[0].confidence < words_weigh)
		m->nout = reply_hints_weigh(&t, m->out, m->nout);
	else if (lead < words_choose && m->out[0].confidence < to_the_letter)
		reply_hints_choose(&t, m->out, m->nout, words_choose);
}

/* Where the rules leave a doubt, the words have a say; but who is in the session can try things. */
static void settle_doubt(struct match *m)
{
	if (!m->nout)
		return;
	double lead = lead_of(m);
	bool doubted = lead < disputed_gap || is_alone(m);
	if (!m->look.in_session)
		ask_words(m, lead);
	if (doubted)
		lower(m);
}

/* A text as it was folded, and without names. */
struct texts {
	char folded[REPLY_FOLDED_MAX + REPLY_PAD], masked[REPLY_FOLDED_MAX + REPLY_PAD];
};

static void match_run(struct match *m, const struct reply_context *c, struct texts *t,
		      struct reply_meaning *out)
{
	*m = (struct match){ .c = c, .out = out };
	m->whole = (struct str){ t->folded, reply_fold(c->text ? c->text : "", t->folded) };
	memset(t->folded + m->whole.len, 0, REPLY_PAD);
	m->text = reply_mask(m->whole, t->masked);
	m->first_len = reply_first_end(m->text);
	if (m->first_len < m->text.len) {
		struct reply_hits first = { 0 };
		reply_find(m->text, m->first_len, &first, &m->all, &m->grams);
		reply_look(c, m->text, &m->grams, &m->look);
		try_both(m, &first);
	} else {
		reply_find(m->text, m->first_len, &m->all, &m->all, &m->grams);
		reply_look(c, m->text, &m->grams, &m->look);
		try_phrases(m);
	}
	try_bare(m);
	add_support(m);
	settle_doubt(m);
}

size_t reply_meanings(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	struct texts t;
	struct match m;
	match_run(&m, c, &t, out);
	return m.nout;
}

size_t reply_meanings_seen(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX],
			   struct reply_seen *seen)
{
	struct texts t;
	struct match m;
	match_run(&m, c, &t, out);
	look_for_provider(&m);
	*seen = (struct reply_seen){ .code = m.look.code, .provider = m.look.provider };
	seen->step = m.look.step < STEP_COUNT ? step_name(m.look.step) : "";
	if (m.look.enh[0])
		snprintf(seen->enhanced, sizeof(seen->enhanced), "%u.%u.%u", m.look.enh[0], m.look.enh[1],
			 m.look.enh[2]);
	return m.nout;
}
