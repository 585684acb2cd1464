/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_hint.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "catalog/reply_chunk.h"

/* A word by its hash; what it speaks for stands in row - 1 of hint_weights. */
struct hint_word {
	uint32_t hash;
	uint32_t row; /* 0: an empty slot */
};

#include "hints.inc"

/* Less than so many words that the table knows say nothing; more than so many say no more. */
enum { KNOWN_LEAST = 2, KNOWN_MOST = 250 };
enum { REFUSED_FROM = 400, REFUSED_STATUS = 4 };
/* No class is left further behind by words; and beside rules that are not weak, words weigh less. */
enum { PARTS_BEHIND = 130, WEIGH_LESS = 4 };
/* What a hint must be worth to be given; and to be the answer where the text shows no refusal. */
static const float share_least = 0.1F, answer_least = 0.2F;
static const double most = 0.99;

/* What a rule as sure as that makes its class likelier, in parts (25 are a doubling; a tenth of the table is
 * one beside a rule); in between by a straight line.  Measured with replies at first sight. */
_Static_assert(HINT_PARTS == 25, "worths[] are so many of a doubling");
static const struct {
	double confidence;
	int parts;
} worths[] = { { 0, -14 },   { 0.2, -14 }, { 0.4, 32 },   { 0.65, 40 },
	       { 0.75, 56 }, { 0.85, 94 }, { 0.93, 159 }, { 1, 188 } };
enum { WORTHS = sizeof(worths) / sizeof(worths[0]) };

_Static_assert(KNOWN_MOST *INT8_MAX <= INT16_MAX, "what words add up to");
struct scores {
	int16_t parts[HINT_WIDTH];
	uint8_t seen[HINT_ROWS / 8 + 1]; /* a word counts once */
	uint32_t before;                 /* hash of the last word; 0: none */
	unsigned known;                  /* words, pairs and stems that stand in the table */
};

static void count(struct scores *s, uint32_t hash)
{
	uint32_t at = hash % HINT_SLOTS;
	while (hint_words[at].row && hint_words[at].hash != hash)
		at = (at + 1) % HINT_SLOTS;
	uint32_t row = hint_words[at].row;
	if (!row || s->seen[row / 8] >> row % 8 & 1 || s->known == KNOWN_MOST)
		return;
	s->seen[row / 8] = (uint8_t)(s->seen[row / 8] | 1u << row % 8);
	s->known++;
	for (size_t i = 0; i < HINT_WIDTH; i++)
		s->parts[i] = (int16_t)(s->parts[i] + hint_weights[row - 1][i]);
}

static void count_word(struct scores *s, struct reply_chunk_word w)
{
	count(s, w.hash);
	count(s, w.stem);
	count(s, reply_chunk_pair(s->before, w.hash));
	s->before = w.hash;
}

static void count_chunk(struct scores *s, const struct reply_chunk *c)
{
	switch (reply_chunk_kind(c)) {
	case REPLY_CHUNK_LINK:
		return;
	case REPLY_CHUNK_ADDRESS:
		count_word(s, (struct reply_chunk_word){ .hash = HINT_ADDRESS });
		return;
	case REPLY_CHUNK_IP:
		count_word(s, (struct reply_chunk_word){ .hash = HINT_IP });
		return;
	case REPLY_CHUNK_WORDS:
		for (unsigned i = 0; i < c->n; i++)
			count_word(s, c->words[i]);
	}
}

static void read_text(struct scores *s, struct str text)
{
	struct reply_chunk c;
	while (reply_chunk_next(&text, &c))
		count_chunk(s, &c);
}

static uint32_t hash_number(uint32_t h, unsigned n)
{
	if (n >= 10)
		h = hash_number(h, n / 10);
	return reply_chunk_hash(h, (char)('0' + n % 10));
}

static uint32_t hash_rest(uint32_t h, const unsigned enh[3])
{
	return hash_number(reply_chunk_hash(hash_number(reply_chunk_hash(h, '.'), enh[1]), '.'), enh[2]);
}

static void count_numbers(struct scores *s, const struct reply_hint_text *t)
{
	count(s, reply_chunk_hash(REPLY_CHUNK_EMPTY, '*'));
	if (t->code) {
		count(s, hash_number(REPLY_CHUNK_EMPTY, t->code));
		count(s, reply_chunk_hash(reply_chunk_hash(hash_number(REPLY_CHUNK_EMPTY, t->code / 100), 'x'),
					  'x'));
	}
	if (t->enh[0]) {
		count(s, hash_rest(hash_number(REPLY_CHUNK_EMPTY, t->enh[0]), t->enh));
		count(s, hash_rest(reply_chunk_hash(REPLY_CHUNK_EMPTY, 'x'), t->enh));
	}
}

static int worth_of(double confidence)
{
	size_t i = 1;
	while (i + 1 < WORTHS && confidence > worths[i].confidence)
		i++;
	double from = worths[i - 1].confidence, to = worths[i].confidence;
	return worths[i - 1].parts +
	       (int)((confidence - from) / (to - from) * (worths[i].parts - worths[i - 1].parts));
}

static int best_of(const int16_t parts[HINT_CLASSES])
{
	int best = parts[0];
	for (size_t i = 1; i < HINT_CLASSES; i++)
		best = parts[i] > best ? parts[i] : best;
	return best;
}

/* Returns the class with the largest share. */
static size_t shares_of(const int16_t parts[HINT_CLASSES], float share[HINT_CLASSES])
{
	int best = best_of(parts);
	size_t at = 0;
	float sum = 0;
	for (size_t i = 0; i < HINT_CLASSES; i++) {
		int behind = best - parts[i];
		sum += share[i] = behind < HINT_POWERS ? hint_powers[behind] : 0;
		at = behind ? at : i;
	}
	for (size_t i = 0; i < HINT_CLASSES; i++)
		share[i] /= sum;
	return at;
}

static void limit(int16_t parts[HINT_CLASSES])
{
	int least = best_of(parts) - PARTS_BEHIND;
	for (size_t i = 0; i < HINT_CLASSES; i++)
		parts[i] = parts[i] > least ? parts[i] : (int16_t)least;
}

static unsigned class_of(const struct finding_entry *e)
{
	return hint_class_of[e - finding_entry_at(0)];
}

/* The surest rule of each class; 0 none. */
static void add_rules(int16_t parts[HINT_CLASSES], double ruled[HINT_CLASSES + 1],
		      const struct reply_meaning *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned c = class_of(out[i].entry);
		if (ruled[c] > 0)
			continue;
		ruled[c] = out[i].confidence;
		if (c < HINT_CLASSES)
			parts[c] = (int16_t)(parts[c] + worth_of(out[i].confidence));
	}
}

static size_t put(struct reply_meaning *out, size_t n, struct reply_meaning m)
{
	if (n == REPLY_MEANINGS_MAX && out[n - 1].confidence >= m.confidence)
		return n;
	size_t at = n < REPLY_MEANINGS_MAX ? n++ : n - 1;
	while (at && out[at - 1].confidence < m.confidence) {
		out[at] = out[at - 1];
		at--;
	}
	out[at] = m;
	return n;
}

/* How sure a share makes us, as measured: of 100 replies whose best class had a share of 0.15, 0.25, 0.35,
 * 0.45 that class was right in 48, 56, 71, 80: about the root. */
static double sure_by(float share)
{
	static const float by_tenths[] = { 0.1F,  0.32F, 0.45F, 0.55F, 0.63F, 0.71F,
					   0.77F, 0.84F, 0.89F, 0.93F, 0.96F, 0.96F };
	unsigned at = (unsigned)(share * 10);
	float part = share * 10 - (float)at;
	return (double)(by_tenths[at] + part * (by_tenths[at + 1] - by_tenths[at]));
}

/* The meanings of rules, each as likely now as its class is; the next ones of a class less, as they were. */
static size_t weigh(struct reply_meaning *out, size_t n, const float share[HINT_CLASSES],
		    const double ruled[HINT_CLASSES + 1])
{
	struct reply_meaning was[REPLY_MEANINGS_MAX];
	size_t now = 0;
	memcpy(was, out, n * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		unsigned c = class_of(was[i].entry);
		double part = c < HINT_CLASSES ? sure_by(share[c]) * was[i].confidence / ruled[c] : 0;
		was[i].confidence = part < most ? part : most;
		now = put(out, now, was[i]);
	}
	return now;
}

/* Classes that no rule named: their general findings. */
static size_t add_hints(struct reply_meaning *out, size_t n, const float share[HINT_CLASSES],
			const double ruled[HINT_CLASSES + 1], bool refusal)
{
	for (size_t i = 0; i < HINT_CLASSES; i++) {
		if (share[i] < share_least || ruled[i] > 0 || (refusal && i == HINT_NOT_A_BOUNCE))
			continue;
		double c = sure_by(share[i]) < REPLY_HINT_MOST ? sure_by(share[i]) : REPLY_HINT_MOST;
		n = put(out, n, (struct reply_meaning){ finding_entry_at(hint_findings[i]), c, "words.tsv" });
	}
	return n;
}

static bool read_all(struct scores *s, const struct reply_hint_text *t)
{
	read_text(s, t->folded);
	bool enough = s->known >= KNOWN_LEAST;
	count_numbers(s, t);
	limit(s->parts);
	return enough;
}

size_t reply_hints_weigh(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
			 size_t n)
{
	struct scores s = { 0 };
	float share[HINT_CLASSES];
	double ruled[HINT_CLASSES + 1] = { 0 };
	bool refusal = t->code >= REFUSED_FROM || t->enh[0] >= REFUSED_STATUS;
	if (!n || class_of(out[0].entry) == HINT_CLASSES || !read_all(&s, t))
		return n;
	add_rules(s.parts, ruled, out, n);
	size_t best = shares_of(s.parts, share);
	if (!refusal && n < 2 && ruled[best] <= 0 && share[best] < answer_least)
		return n;
	n = weigh(out, n, share, ruled);
	return add_hints(out, n, share, ruled, refusal);
}

void reply_hints_choose(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
			size_t n, double near)
{
	struct scores s = { 0 };
	size_t best = 0;
	int most_parts = INT16_MIN;
	if (!n || class_of(out[0].entry) == HINT_CLASSES || !read_all(&s, t))
		return;
	for (size_t i = 0; i < n && out[0].confidence - out[i].confidence < near; i++) {
		unsigned c = class_of(out[i].entry);
		if (c == HINT_CLASSES)
			continue;
		int parts = worth_of(out[i].confidence) + s.parts[c] / WEIGH_LESS;
		best = parts > most_parts ? i : best;
		most_parts = parts > most_parts ? parts : most_parts;
	}
	struct reply_meaning chosen = { out[best].entry, out[0].confidence, out[best].pattern };
	memmove(out + 1, out, best * sizeof(*out));
	out[0] = chosen;
}
