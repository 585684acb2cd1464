/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_hint.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reply_pattern.h"

/* A word by its hash; what it speaks for stands from `first` in hint_weights. */
struct hint_word {
	uint32_t hash;
	uint16_t first, n; /* n 0: an empty slot */
};

/* How much likelier: tenths of a doubling. */
struct hint_weight {
	uint8_t class, tenths;
};

#include "hints.inc"

/* As in tools/learn_hints.py. */
enum { WORD_LEAST = 2, WORD_MOST = 40, ADDRESS_DOTS = 3, HINTS_MAX = 3, NUMBER_MAX = 24, KNOWN_LEAST = 2 };
enum { REFUSED_FROM = 400, REFUSED_STATUS = 4 };
/* What a hint must be worth to be given; and what all the words together weigh beside a rule. */
static const double share_least = 0.1, best_least = 0.25, weight_of_words = 0.7;

struct scores {
	unsigned tenths[HINT_CLASSES];
	uint8_t seen[HINT_SLOTS / 8]; /* a word counts once */
	uint32_t before;              /* hash of the last word and a blank; 0: none */
	unsigned known;               /* words and pairs that stand in the table */
};

enum { HASH_EMPTY = 0x811c9dc5 };

static uint32_t hash_on(uint32_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x01000193;
	return h;
}

static void count(struct scores *s, uint32_t hash)
{
	uint32_t at = hash % HINT_SLOTS;
	while (hint_words[at].n && hint_words[at].hash != hash)
		at = (at + 1) % HINT_SLOTS;
	const struct hint_word *w = &hint_words[at];
	if (s->seen[at / 8] >> at % 8 & 1)
		return;
	s->seen[at / 8] = (uint8_t)(s->seen[at / 8] | 1u << at % 8);
	s->known += w->n != 0;
	for (unsigned i = 0; i < w->n; i++)
		s->tenths[hint_weights[w->first + i].class] += hint_weights[w->first + i].tenths;
}

static void count_number(struct scores *s, const char *text)
{
	count(s, hash_on(HASH_EMPTY, text, strlen(text)));
}

/* A word, and the pair that it makes with the one before. */
static void count_word(struct scores *s, const char *p, size_t n)
{
	uint32_t alone = hash_on(HASH_EMPTY, p, n);
	count(s, alone);
	if (s->before)
		count(s, hash_on(s->before, p, n));
	s->before = hash_on(alone, " ", 1);
}

static bool begins_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool in_word(char c)
{
	return begins_word(c) || (c >= '0' && c <= '9') || c == '\'';
}

/* "[192.0.2.1]:25": digits, three dots, no letter. */
static bool is_ip(struct str chunk)
{
	unsigned dots = 0, digits = 0;
	for (size_t i = 0; i < chunk.len; i++) {
		char c = chunk.p[i];
		if ((c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80)
			return false;
		dots += c == '.';
		digits += c >= '0' && c <= '9';
	}
	return dots >= ADDRESS_DOTS && digits;
}

static void count_words(struct scores *s, struct str chunk)
{
	for (size_t at = 0, end; at < chunk.len; at = end) {
		for (end = at + 1; begins_word(chunk.p[at]) && end < chunk.len && in_word(chunk.p[end]);)
			end++;
		size_t n = end - at;
		while (n && chunk.p[at + n - 1] == '\'')
			n--;
		if (begins_word(chunk.p[at]) && n >= WORD_LEAST && n <= WORD_MOST)
			count_word(s, chunk.p + at, n);
	}
}

/* What stands between two blanks: words; or an address, whichever it is; or a link, which says nothing. */
static void count_chunk(struct scores *s, struct str chunk)
{
	if (reply_words_at(chunk, (struct str){ "://", 3 }, 0))
		return;
	if (memchr(chunk.p, '@', chunk.len))
		count_word(s, "addr_", strlen("addr_"));
	else if (is_ip(chunk))
		count_word(s, "ip_", strlen("ip_"));
	else
		count_words(s, chunk);
}

static void count_numbers(struct scores *s, const struct reply_hint_text *t)
{
	char text[NUMBER_MAX];
	count_number(s, "*");
	if (t->code) {
		snprintf(text, sizeof(text), "%u", t->code % 1000);
		count_number(s, text);
		snprintf(text, sizeof(text), "%uxx", t->code / 100 % 10);
		count_number(s, text);
	}
	if (t->enh[0]) {
		snprintf(text, sizeof(text), "%u.%u.%u", t->enh[0] % 10, t->enh[1] % 1000, t->enh[2] % 1000);
		count_number(s, text);
		snprintf(text, sizeof(text), "x.%u.%u", t->enh[1] % 1000, t->enh[2] % 1000);
		count_number(s, text);
	}
}

/* 2 to the power of so many tenths below 0. */
static double power(unsigned tenths)
{
	static const double parts[] = { 1,      0.9330, 0.8706, 0.8123, 0.7579,
					0.7071, 0.6598, 0.6156, 0.5743, 0.5359 };
	enum { NOTHING = 160 };
	return tenths < NOTHING ? parts[tenths % 10] / (double)(1u << tenths / 10) : 0;
}

static void shares_of(const struct scores *s, double share[HINT_CLASSES])
{
	unsigned most = 0;
	double sum = 0;
	for (size_t i = 0; i < HINT_CLASSES; i++)
		most = s->tenths[i] > most ? s->tenths[i] : most;
	for (size_t i = 0; i < HINT_CLASSES; i++)
		sum += share[i] = power(most - s->tenths[i]);
	for (size_t i = 0; i < HINT_CLASSES; i++)
		share[i] /= sum;
}

/* The class with the largest share, which is then taken away. */
static size_t take_best(double share[HINT_CLASSES], double *best)
{
	size_t at = 0;
	for (size_t i = 1; i < HINT_CLASSES; i++)
		at = share[i] > share[at] ? i : at;
	*best = share[at];
	share[at] = 0;
	return at;
}

static size_t put(struct reply_meaning *out, size_t n, struct reply_meaning m)
{
	size_t at = n < REPLY_MEANINGS_MAX ? n++ : n - 1;
	while (at && out[at - 1].confidence < m.confidence) {
		out[at] = out[at - 1];
		at--;
	}
	out[at] = m;
	return n;
}

bool reply_hint_is_refusal(const struct reply_hint_text *t)
{
	return t->code >= REFUSED_FROM || t->enh[0] >= REFUSED_STATUS;
}

/* A meaning of the class becomes likelier; where there is none, its general one is put in. */
static size_t add_hint(const struct reply_hint_text *t, struct reply_meaning *out, size_t n, size_t class,
		       double share)
{
	struct reply_meaning m = { finding_entry_at(hint_findings[class]), 0, "words.tsv" };
	if (!m.entry || (reply_hint_is_refusal(t) && !strcmp(m.entry->class, "not-a-bounce")))
		return n;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(out[i].entry->class, m.entry->class)) {
			m = out[i];
			n--;
			memmove(out + i, out + i + 1, (n - i) * sizeof(*out));
			break;
		}
	m.confidence += weight_of_words * share;
	return put(out, n, m);
}

/* Keeps the order, and that none is surer than a hint may be. */
static void limit(struct reply_meaning *out, size_t n)
{
	double most = n ? out[0].confidence : 0;
	for (size_t i = 0; most > REPLY_HINT_MOST && i < n; i++)
		out[i].confidence *= REPLY_HINT_MOST / most;
}

size_t reply_hints_add(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
		       size_t n)
{
	struct scores s = { 0 };
	double share[HINT_CLASSES], best;
	for (size_t at = 0, end; at < t->folded.len; at = end + 1) {
		const char *blank = memchr(t->folded.p + at, ' ', t->folded.len - at);
		end = blank ? (size_t)(blank - t->folded.p) : t->folded.len;
		count_chunk(&s, str_cut(t->folded, at, end));
	}
	if (s.known < KNOWN_LEAST)
		return n;
	count_numbers(&s, t);
	shares_of(&s, share);
	size_t class = take_best(share, &best);
	for (unsigned i = 0; i < HINTS_MAX && best >= (i ? share_least : best_least); i++) {
		n = add_hint(t, out, n, class, best);
		class = take_best(share, &best);
	}
	limit(out, n);
	return n;
}
