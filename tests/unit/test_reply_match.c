/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "catalog/provider.h"
#include "catalog/reply_find.h"
#include "catalog/reply_match.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"
#include "tests/unit/reply_cases.h"

enum { PHRASE_BYTES = 256 };
static size_t failures;
static const double doubted_below = 0.65;

static void check_meanings(const struct reply_context *c, const char *id)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = reply_meanings(c, m);
	if (n && !strcmp(m[0].entry->id, id))
		return;
	failures++;
	print_error("%s %u %s \"%s\": not %s\n", c->step, c->code, c->enhanced, c->text, id);
	for (size_t i = 0; i < n; i++)
		print_error("\t%.3f %s  %s\n", m[i].confidence, m[i].entry->id, m[i].pattern);
}

static void test_in_session(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < ARRAY_LEN(session_cases); i++) {
		const struct session_case *s = &session_cases[i];
		struct reply_context c = { .provider = s->provider,
					   .step = s->step,
					   .code = s->code,
					   .enhanced = s->enhanced,
					   .text = s->text,
					   .tls = s->session != PLAIN,
					   .logged_in = s->session == TLS_LOGGED_IN };
		assert_string_not_equal(s->id, s->not_first);
		assert_non_null(finding_entry_find(s->id));
		if (*s->not_first)
			assert_non_null(finding_entry_find(s->not_first));
		check_meanings(&c, s->id);
	}
	assert_int_equal(failures, 0);
}

static void test_pasted(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < ARRAY_LEN(pasted_cases); i++) {
		struct reply_context c = {
			.provider = "", .step = "", .enhanced = "", .text = pasted_cases[i].text
		};
		assert_non_null(finding_entry_find(pasted_cases[i].id));
		check_meanings(&c, pasted_cases[i].id);
	}
	assert_int_equal(failures, 0);
}

static void test_doubted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(doubted_cases); i++) {
		struct reply_context c = {
			.provider = "", .step = "", .enhanced = "", .text = doubted_cases[i]
		};
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		assert_true(reply_meanings(&c, m) > 0);
		assert_true(m[0].confidence < doubted_below);
	}
}

/* What is promised of out[] for any input. */
static void check_order(const struct reply_meaning *m, size_t n)
{
	assert_true(n >= 1 && n <= REPLY_MEANINGS_MAX); /* unknown-reply at least */
	for (size_t i = 0; i < n; i++) {
		assert_true(m[i].confidence > 0 && m[i].confidence < 1);
		assert_true(i == 0 || m[i].confidence <= m[i - 1].confidence);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(m[i].entry, m[k].entry);
	}
}

static void test_any_bytes(void **state)
{
	(void)state;
	enum { LONG = 64 * 1024 };
	CLEANUP(mem_free) char *text = mem_alloc(LONG + 1);
	unsigned seed = 7;
	for (size_t round = 0; round < 64; round++) {
		size_t n = round < 32 ? round * 7 : (size_t)LONG >> (round % 8);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = (char)(1 + (seed >> 16) % 255);
		}
		text[n] = '\0';
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		struct reply_context c = { .provider = "", .step = "", .enhanced = text, .text = text };
		check_order(m, reply_meanings(&c, m));
	}
	memset(text, ' ', LONG);
	memcpy(text + LONG - 16, "550 user unknown", 16);
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	struct reply_context c = { .text = text };
	check_order(m, reply_meanings(&c, m));
	assert_string_equal(m[0].entry->id, "rcpt-user-unknown"); /* blanks fold to one */
}

static const struct {
	const char *raw, *folded;
} fold_cases[] = {
	{ "", "" },
	{ "  User\t\tUNKNOWN \r\n", "user unknown" },
	{ "550-5.1.1 a\r\n550-5.1.1 b\r\n550 5.1.1 c", "550 5.1.1 a b c" },
	{ "550-one 550-two 550 three", "550 one two 550 three" },
	{ "5.7.26 a 5.7.26 b", "5.7.26 a b" },
	{ "550 5.1.1 a 503 5.5.1 b", "550 5.1.1 a 503 5.5.1 b" },
	{ "isn\xe2\x80\x99t", "isn't" },
	{ "said: 550 x", "said: 550 x" },
	{ "192.0.2.7 2.0.0.1", "192.0.2.7 2.0.0.1" },
	{ "Bo\xc3\xaete aux lettres SATUR\xc3\x89\x45", "boite aux lettres saturee" },
	{ "Boi\xcc\x82te aux lettres sature\xcc\x81"
	  "e",
	  "boite aux lettres saturee" },
	{ "Bo\xeete aux lettres satur\xe9"
	  "e",
	  "boite aux lettres saturee" },
	{ "Stra\xc3\x9f"
	  "e \xe2\x80\x9eX\xe2\x80\x9c \xc2\xabY\xc2\xbb",
	  "strasse \"x\" \"y\"" },
	{ "\xd0\xaf\xd1\x89\xd0\x98\xd0\x99", "\xd1\x8f\xd1\x89\xd0\xb8\xd0\xb8" },
	{ "n\xc2\xa0\xc2\xa0o \xe2\x80\x94 \xe2\x80\xa6", "n o - ..." },
	{ "\xef\xbb\xbf"
	  "a\xc2\xad"
	  "b\xe2\x80\x8b"
	  "c",
	  "abc" },
	{ "\xef\xbc\x95\xef\xbc\x95\xef\xbc\x90\xe3\x80\x80x", "550 x" },
	{ "\xe6\x8e\xa5\xf0\x9f\x90\x88", "\xe6\x8e\xa5\xf0\x9f\x90\x88" },
	{ "a\xe2\x80", "aa\xe2\x82\xac" }, /* cut in a letter: windows-1252 */
};

static void test_fold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fold_cases); i++) {
		char out[REPLY_FOLDED_MAX];
		size_t n = reply_fold(fold_cases[i].raw, out);
		if (n != strlen(fold_cases[i].folded) || memcmp(out, fold_cases[i].folded, n) != 0)
			fail_msg("\"%s\": \"%.*s\"", fold_cases[i].raw, (int)n, out);
	}
}

static const struct {
	const char *phrase, *text;
	bool in;
} phrase_cases[] = {
	{ "over quota", "the mailbox is over quota", true },
	{ "user * unknown", "user <x> is unknown", true },
	{ "user * unknown", "unknown user", false },
	{ " ban ", "a ban.", true },
	{ " ban ", "banned", false },
	{ " ban ", "urban", false },
	{ " ban ", "urban ban", true },
	{ "a*b*c", "a c b c", true },
	{ "a*b*c", "a c b", false },
	{ "aa*aa", "aaa", false },
	{ "aa*aa", "aaaa", true },
	{ "x", "", false },
};

static void test_phrases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(phrase_cases); i++)
		if (reply_phrase_in(phrase_cases[i].phrase, phrase_cases[i].text,
				    strlen(phrase_cases[i].text)) != phrase_cases[i].in)
			fail_msg("\"%s\" in \"%s\"", phrase_cases[i].phrase, phrase_cases[i].text);
}

/* The phrase as a text that holds it and nothing else. */
static size_t as_text(const char *phrase, char out[PHRASE_BYTES + REPLY_PAD])
{
	struct str s = str_trim(str_of(phrase));
	memset(out, 0, PHRASE_BYTES + REPLY_PAD);
	for (size_t i = 0; i < s.len; i++)
		out[i] = s.p[i] == '*' ? ' ' : s.p[i];
	return s.len;
}

static const char *phrase_text(const struct reply_phrase *p)
{
	return reply_texts + p->text - p->piece;
}

/* By the bytes that tools/reply_anchors.py chose for it. */
static void test_every_phrase_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < reply_nphrases; i++) {
		const struct reply_phrase *p = &reply_phrases[i];
		char text[PHRASE_BYTES + REPLY_PAD];
		size_t n = as_text(phrase_text(p), text);
		struct reply_hits hits = { 0 };
		struct reply_grams grams = { 0 };
		reply_find((struct str){ text, n }, n, &hits, &hits, &grams);
		bool found = hits.words[p->first / REPLY_WORD_BITS] >> p->first % REPLY_WORD_BITS & 1;
		for (const struct reply_uses *u = &reply_uses[p->use]; u <= &reply_uses[p->use] + p->more;
		     u++)
			for (unsigned k = 0; k < REPLY_USES_WORDS; k++)
				found = found && (hits.words[u->words[k]] & u->bits[k]) == u->bits[k];
		if (!found)
			fail_msg("\"%s\" is not found in itself", phrase_text(p));
	}
}

/* Every phrase holds itself, every id and provider is known. */
static void test_every_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < reply_nrules; i++) {
		const struct reply_rule *r = &reply_rules[i];
		if (!finding_entry_at(r->finding))
			fail_msg("%s: no finding", r->where);
		for (const char *const *p = r->providers; p && *p; p++)
			if (!provider_by_name(*p))
				fail_msg("%s: no provider %s", r->where, *p);
	}
	for (size_t i = 0; i < reply_nphrases; i++) {
		const char *text = phrase_text(&reply_phrases[i]);
		if (!reply_phrase_in(text, text, strlen(text)))
			fail_msg("\"%s\" does not hold itself", text);
	}
}

static bool is_listed(unsigned rule, unsigned kind)
{
	for (unsigned i = reply_bare_start[kind]; i < reply_bare_start[kind + 1]; i++)
		if (reply_bare_rules[i] == rule)
			return true;
	return false;
}

/* By code: rules that ask for nothing else, where they ask for one at all; codes that are none have no list.
 */
static void test_bare_by_code(void **state)
{
	(void)state;
	for (unsigned code = REPLY_CODE_FIRST - 1; code <= REPLY_CODE_FIRST + REPLY_CODES; code++)
		for (unsigned i = 0; i < reply_nrules; i++) {
			const struct reply_rule *r = &reply_rules[i];
			bool bare = !r->has_text && !r->statuses && !r->steps;
			bool fits = !r->codes || reply_code_in(r->codes, code);
			if (is_listed(i, reply_bare_code(code)) != (bare && fits))
				fail_msg("%s and code %u", r->where, code);
		}
	assert_false(reply_code_in(0, REPLY_CODE_FIRST));
	assert_int_equal(reply_bare_code(0), REPLY_BARE_NO_CODE);
	assert_int_equal(reply_bare_code(REPLY_CODE_FIRST), REPLY_BARE_CODE);
	assert_int_equal(reply_bare_code(REPLY_CODE_FIRST + REPLY_CODES), REPLY_BARE_NO_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_session),
		cmocka_unit_test(test_pasted),
		cmocka_unit_test(test_doubted),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_every_phrase_found),
		cmocka_unit_test(test_every_rule),
		cmocka_unit_test(test_bare_by_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
