/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "catalog/reply_find.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"

enum { TEXT_BYTES = 1024, TEXTS = 120, FIRST_HALF = 2 };

struct found {
	struct reply_hits first, all;
};

static const char *phrase_text(const struct reply_phrase *p)
{
	return reply_texts + p->text - p->piece;
}

static void expect_uses(struct reply_hits *h, const struct reply_phrase *p)
{
	h->words[p->first / REPLY_WORD_BITS] |= (uint64_t)1 << p->first % REPLY_WORD_BITS;
	for (unsigned i = 0; i <= p->more; i++)
		for (unsigned k = 0; k < REPLY_USES_WORDS; k++)
			h->words[reply_uses[p->use + i].words[k]] |= reply_uses[p->use + i].bits[k];
}

/* Every phrase by itself, the slow way. */
static void expect(struct str text, size_t first_len, struct found *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned i = 0; i < reply_nphrases; i++) {
		const struct reply_phrase *p = &reply_phrases[i];
		if (!reply_phrase_in(phrase_text(p), text.p, text.len))
			continue;
		expect_uses(&f->all, p);
		if (reply_phrase_in(phrase_text(p), text.p, first_len))
			expect_uses(&f->first, p);
	}
}

/* Only chains of words add to what the phrases say: that the texts of a rule are there. */
static void check_hits(const struct reply_hits *got, const struct reply_hits *want, const char *text)
{
	for (unsigned i = 0; i < REPLY_USE_WORDS; i++) {
		uint64_t more = i < REPLY_RULE_WORDS ? got->words[i] & ~want->words[i] : 0;
		if ((got->words[i] & ~more) != want->words[i])
			fail_msg("word %u is not as it must be in \"%s\"", i, text);
	}
}

/* text: TEXT_BYTES, NULs behind it. */
static void check_text(const char *text, size_t first_len)
{
	static struct found want, got;
	struct reply_grams grams = { 0 };
	struct str s = str_of(text);
	expect(s, first_len, &want);
	memset(&got, 0, sizeof(got));
	reply_find(s, first_len, &got.first, &got.all, &grams);
	check_hits(&got.all, &want.all, text);
	check_hits(&got.first, &want.first, text);
	memset(&got, 0, sizeof(got));
	memset(&grams, 0, sizeof(grams));
	reply_find(s, s.len, &got.all, &got.all, &grams);
	check_hits(&got.all, &want.all, text);
}

static void add(char text[TEXT_BYTES], struct str s)
{
	size_t n = strlen(text);
	if (n + s.len + REPLY_PAD < TEXT_BYTES)
		memcpy(text + n, s.p, s.len);
	for (size_t i = n; text[i]; i++)
		text[i] = text[i] == '*' ? ' ' : text[i];
}

/* Phrases next to each other, as words of their own, and as parts of words: any beginning and any end. */
static void test_made_texts(void **state)
{
	static const char *const glue[] = { " ", "", "x", ". ", " 7" };
	uint32_t seed = 7;
	(void)state;
	for (unsigned t = 0; t < TEXTS; t++) {
		char text[TEXT_BYTES] = "";
		size_t first_len = 0;
		for (unsigned i = 0; i < 2 * FIRST_HALF; i++) {
			seed = seed * 1664525 + 1013904223;
			const struct reply_phrase *p = &reply_phrases[(seed >> 8) % reply_nphrases];
			add(text, str_of(glue[(seed >> 4) % ARRAY_LEN(glue)]));
			add(text, i % 2 ? str_of(phrase_text(p)) : str_trim(str_of(phrase_text(p))));
			if (i + 1 == FIRST_HALF) {
				add(text, str_of(" "));
				first_len = strlen(text);
			}
		}
		check_text(text, first_len);
	}
}

static const struct place_case {
	const char *name, *text;
} place_cases[] = {
	{ "nothing", "" },
	{ "less than a head", "no" },
	{ "nothing before it", "mailbox full" },
	{ "the end of what is read at once", "0123456789abcdef mailbox is full" },
	{ "twice, once inside a word", "remailboxes mailbox full mailbox" },
	{ "parts too far apart for one look, near enough",
	  "user ........................................ unknown" },
	{ "longer than sixteen bytes", "recipient address rejected: user unknown in virtual mailbox table" },
	{ "all but its last byte", "recipient address rejected: user unknown in virtual mailbox tabl" },
	{ "letters outside ASCII",
	  "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xbe\xd0\xb2\xd1\x8b\xd0\xb9 user unknown\xc3\xa9" },
};

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(place_cases); i++) {
		char text[TEXT_BYTES] = "";
		add(text, str_of(place_cases[i].text));
		check_text(text, strlen(text));
	}
}

/* More places than are looked at together. */
static void test_many(void **state)
{
	char text[TEXT_BYTES] = "";
	(void)state;
	for (unsigned i = 0; i < 60; i++)
		add(text, str_of(i % 2 ? "user unknown " : "mailbox "));
	check_text(text, strlen(text) / 2);
}

/* More words of sets than are kept: the rest is not looked at, and nothing is written where it must not be
 * (the sanitizers see that). */
static void test_more_words_than_are_kept(void **state)
{
	enum { TIMES = 625 };
	static const char words[] = "emails from 9", end[] = " user unknown";
	static char text[sizeof(words) * TIMES + sizeof(end) + REPLY_PAD];
	static struct found got;
	struct reply_grams grams = { 0 };
	(void)state;
	for (unsigned i = 0; i < TIMES; i++)
		memcpy(text + i * (sizeof(words) - 1), words, sizeof(words) - 1);
	memcpy(text + TIMES * (sizeof(words) - 1), end, sizeof(end));
	reply_find(str_of(text), strlen(text), &got.all, &got.all, &grams);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_made_texts), cmocka_unit_test(test_places),
					    cmocka_unit_test(test_many),
					    cmocka_unit_test(test_more_words_than_are_kept) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
