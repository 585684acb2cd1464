/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_match.h"

#include <string.h>

#include "catalog/reply_look.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"

enum { RULES_MAX = 4096, PHRASES_MAX = 8192, GRAM_BYTES = 4 };

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

struct match {
	const struct reply_context *c;
	struct reply_look look;
	struct str text;
	size_t first_len; /* of text: up to a second reply with another code */
	struct reply_meaning *out;
	size_t nout;
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
static double rule_weight(const struct match *m, const struct reply_rule *r)
{
	const struct reply_look *l = &m->look;
	double w = r->confidence;
	if (r->codes) {
		if (l->code ? !code_fits(r->codes, l->code) : !r->texts)
			return 0;
		w = l->code ? w + asked_bonus : w * unknown_code;
	}
	if (r->statuses) {
		if (l->enh[0] ? !status_fits(r->statuses, l->enh) : !r->texts)
			return 0;
		w = l->enh[0] ? w + asked_bonus : w * unknown_status;
	}
	if (r->steps) {
		if (l->steps ? !(r->steps & l->steps) : !r->texts)
			return 0;
		bool many = __builtin_popcount(r->steps) >= STEPS_MANY;
		w = l->steps ? w + asked_bonus : w * (many ? unknown_of_many_steps : unknown_step);
	}
	if (r->providers) {
		if (*l->provider ? !provider_fits(r->providers, l->provider) : !r->texts)
			return 0;
		w = *l->provider ? w + asked_bonus : w * unknown_provider;
	}
	if (r->needs && (m->look.in_session ? !needs_fit(r->needs, m->c) : !r->texts))
		return 0;
	return w;
}

static bool has_none(const char *const *phrases, struct str text)
{
	for (; phrases && *phrases; phrases++)
		if (reply_phrase_in(*phrases, text.p, text.len))
			return false;
	return true;
}

static size_t place_of(const struct match *m, double confidence)
{
	size_t at = m->nout;
	while (at && m->out[at - 1].confidence < confidence)
		at--;
	return at;
}

/* Keeps out[] sorted, and of one entry the best rule only. */
static void match_add(struct match *m, const struct reply_rule *r, double confidence)
{
	const struct finding_entry *e = finding_entry_find(r->id);
	if (!e)
		return;
	if (confidence > most)
		confidence = most;
	for (size_t i = 0; i < m->nout; i++) {
		if (m->out[i].entry != e)
			continue;
		if (m->out[i].confidence >= confidence)
			return;
		memmove(m->out + i, m->out + i + 1, (m->nout - i - 1) * sizeof(*m->out));
		m->nout--;
		break;
	}
	size_t at = place_of(m, confidence);
	if (at == REPLY_MEANINGS_MAX)
		return;
	if (m->nout < REPLY_MEANINGS_MAX)
		m->nout++;
	memmove(m->out + at + 1, m->out + at, (m->nout - at - 1) * sizeof(*m->out));
	m->out[at] = (struct reply_meaning){ e, confidence, r->where };
}

static void try_phrase(struct match *m, const struct reply_phrase *p)
{
	const struct reply_rule *r = &reply_rules[p->rule];
	struct str first = { m->text.p, m->first_len };
	double w = rule_weight(m, r);
	if (w <= 0 || (m->nout == REPLY_MEANINGS_MAX && w <= m->out[m->nout - 1].confidence))
		return;
	if (reply_phrase_in(p->text, first.p, first.len) && has_none(r->nots, first))
		match_add(m, r, w);
	else if (first.len < m->text.len && reply_phrase_in(p->text, m->text.p, m->text.len) &&
		 has_none(r->nots, m->text))
		match_add(m, r, w * later_reply);
}

/* Every phrase holds four bytes that lead to it; each is tried once. */
static void try_phrases(struct match *m)
{
	unsigned char seen[PHRASES_MAX / 8] = { 0 };
	for (size_t at = 0; at + GRAM_BYTES <= m->text.len; at++) {
		uint32_t h = reply_gram_hash(m->text.p + at);
		for (unsigned i = reply_gram_start[h]; i < reply_gram_start[h + 1]; i++) {
			if (seen[i / 8] & 1u << i % 8)
				continue;
			seen[i / 8] = (unsigned char)(seen[i / 8] | 1u << i % 8);
			try_phrase(m, &reply_phrases[i]);
		}
	}
}

static void try_bare(struct match *m)
{
	for (unsigned i = 0; i < reply_nbare; i++) {
		const struct reply_rule *r = &reply_rules[reply_bare_rules[i]];
		double w = rule_weight(m, r);
		if (w > 0 && has_none(r->nots, m->text))
			match_add(m, r, w);
	}
}

size_t reply_meanings(const struct reply_context *c, struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	char folded[REPLY_FOLDED_MAX];
	struct match m = { .c = c, .out = out };
	m.text = (struct str){ folded, reply_fold(c->text ? c->text : "", folded) };
	m.first_len = reply_first_end(m.text);
	reply_look(c, m.text, &m.look);
	try_phrases(&m);
	try_bare(&m);
	return m.nout;
}
