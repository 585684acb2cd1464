/* SPDX-License-Identifier: Apache-2.0 */
/* Text on its way into evidence: secrets are hidden, what is long is cut. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/buf.h"
#include "check/evidence.h"

/* base64 "aHVudGVyLTIz" is "hunter-23"; the others hold it one and two bytes into a group. */
static void test_secrets_are_hidden(void **state)
{
	(void)state;
	static const struct {
		const char *secret, *text, *wanted;
	} cases[] = {
		{ "hunter-23", "535 no: hunter-23!", "535 no: [hidden]!" },
		{ "hunter-23", "UNKNOWN HUNTER-23", "UNKNOWN [hidden]" },
		{ "hunter22", "got aHVudGVyMjI= there", "got [hidden] there" },
		{ "hunter22", "got AGEAaHVudGVyMjI= there", "got [hidden] there" },
		{ "hunter22", "got AGFiAGh1bnRlcjIy there", "got [hidden] there" },
		{ "hunter22", "got AGFiYwBodW50ZXIyMg== there", "got [hidden] there" },
		{ "a/b c+d", "client_secret=a%2Fb%20c%2Bd&x", "client_secret=[hidden]&x" },
		{ "a/b c+d", "client_secret=a%2fb%20c%2bd&x", "client_secret=[hidden]&x" },
		{ "mail", "mail.example.com", "mail.example.com" },
		{ "wrong", "535 wrong password", "535 wrong password" },
		{ "clerk", "clerk@example.com", "clerk@example.com" },
		{ "abc", "abc", "abc" },
		{ NULL, "text", "text" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
		evidence_show(ev, "Clerk@example.com");
		evidence_hide(ev, cases[i].secret);
		assert_string_equal(ev_text(ev, cases[i].text), cases[i].wanted);
		assert_string_equal(ev_keep(ev, str_of(cases[i].text)), cases[i].wanted);
	}
}

static void test_a_cut_text_keeps_no_half_secret(void **state)
{
	(void)state;
	char text[EVIDENCE_TEXT_MAX + 40];
	static const char secret[] = "hunter-23-and-more";
	for (size_t at = EVIDENCE_TEXT_MAX - 24; at < EVIDENCE_TEXT_MAX + 4; at++) {
		CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
		evidence_hide(ev, secret);
		memset(text, 'x', sizeof(text));
		memcpy(text + at, secret, strlen(secret));
		assert_null(strstr(ev_bytes(ev, (struct str){ text, sizeof(text) }), "hun"));
	}
}

static const struct {
	const char *repeat;
	size_t times;
	const char *end; /* of what is kept */
} cut_cases[] = {
	{ "a", EVIDENCE_TEXT_MAX, "aaa" },
	{ "a", EVIDENCE_TEXT_MAX + 1, "a..." },
	{ "\xc3\xbc", EVIDENCE_TEXT_MAX, "\xc3\xbc..." },
	{ "\xe2\x82\xac", EVIDENCE_TEXT_MAX, "\xe2\x82\xac..." },
	{ "\xff", EVIDENCE_TEXT_MAX, "\\xff..." },
	{ "\\", EVIDENCE_TEXT_MAX, "\\\\..." },
	{ "a", 100000, "aa..." },
};

static void test_long_texts_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cut_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
		CLEANUP(buf_clear) struct buf b = { 0 };
		for (size_t k = 0; k < cut_cases[i].times; k++)
			buf_adds(&b, cut_cases[i].repeat);
		const char *text = ev_bytes(ev, buf_str(&b));
		assert_true(strlen(text) <= EVIDENCE_TEXT_MAX && strlen(text) > EVIDENCE_TEXT_MAX - 8);
		assert_true(z_iends(text, cut_cases[i].end));
		assert_string_equal(ev_keep(ev, str_of(text)), text);
	}
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	assert_string_equal(ev_text(ev, NULL), "");
	assert_string_equal(ev_text(ev, "a\nb\\"), "a\\x0ab\\\\");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets_are_hidden),
		cmocka_unit_test(test_a_cut_text_keeps_no_half_secret),
		cmocka_unit_test(test_long_texts_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
