/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_keys: when nothing can be proven here at all, and for how long that is believed. */
#include "tests/unit/unit.h"

#include "net/dns_keys.h"

static const struct keys_case {
	const char *name;
	struct dns_keys_seen seen;
	enum dns_keys_word word;
	bool withheld;
} cases[] = {
	{ "signed", { DNS_ANSWER_OK, true, DNS_ANSWER_TIMEOUT }, DNS_KEYS_GIVEN, false },
	{ "without its signature", { DNS_ANSWER_OK, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_STRIPPED, true },
	{ "no such key", { DNS_ANSWER_NODATA, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_STRIPPED, true },
	{ "no such name", { DNS_ANSWER_NXDOMAIN, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_STRIPPED, true },
	{ "refused", { DNS_ANSWER_REFUSED, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_FAILED, true },
	{ "not known", { DNS_ANSWER_OTHER_RCODE, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_STRIPPED, true },
	{ "mangled", { DNS_ANSWER_MALFORMED, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_STRIPPED, true },
	{ "failing", { DNS_ANSWER_SERVFAIL, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_FAILED, true },
	{ "silent to this", { DNS_ANSWER_TIMEOUT, false, DNS_ANSWER_NXDOMAIN }, DNS_KEYS_SILENT, true },
	{ "silent to this, again", { DNS_ANSWER_TIMEOUT, false, DNS_ANSWER_OK }, DNS_KEYS_SILENT, true },
	{ "silent to all", { DNS_ANSWER_TIMEOUT, false, DNS_ANSWER_TIMEOUT }, DNS_KEYS_UNTOLD, false },
	{ "silent, line down", { DNS_ANSWER_TIMEOUT, false, DNS_ANSWER_SERVFAIL }, DNS_KEYS_UNTOLD, false },
	{ "silent, refusing", { DNS_ANSWER_TIMEOUT, false, DNS_ANSWER_REFUSED }, DNS_KEYS_UNTOLD, false },
	{ "no socket", { DNS_ANSWER_LOCAL_ERROR, false, DNS_ANSWER_OK }, DNS_KEYS_UNTOLD, false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum dns_keys_word word = dns_keys_judge(&cases[i].seen);
		if (word != cases[i].word || dns_keys_withheld(word) != cases[i].withheld ||
		    !*dns_keys_why(word) == cases[i].withheld)
			fail_msg("%s: %d", cases[i].name, (int)word);
	}
}

static const struct age_case {
	enum dns_keys_word word;
	uint64_t age_ms;
	bool stands, again;
} ages[] = {
	{ DNS_KEYS_UNTOLD, 0, false, true },
	{ DNS_KEYS_GIVEN, DNS_KEYS_GIVEN_MS - 1, true, false },
	{ DNS_KEYS_GIVEN, DNS_KEYS_GIVEN_MS, false, true },
	{ DNS_KEYS_FAILED, DNS_KEYS_FAILED_MS - 1, true, false },
	{ DNS_KEYS_FAILED, DNS_KEYS_FAILED_MS, false, true },
	{ DNS_KEYS_SILENT, DNS_KEYS_WITHHELD_MS - 1, true, false },
	{ DNS_KEYS_SILENT, DNS_KEYS_WITHHELD_MS, true, true }, /* nobody waits for it */
	{ DNS_KEYS_SILENT, 2 * DNS_KEYS_WITHHELD_MS, false, true },
	{ DNS_KEYS_STRIPPED, 2 * DNS_KEYS_WITHHELD_MS - 1, true, true },
};

static void test_ages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		bool again, stands = dns_keys_stands(ages[i].word, ages[i].age_ms, &again);
		if (stands != ages[i].stands || again != ages[i].again)
			fail_msg("row %zu: stands %d, again %d", i, stands, again);
	}
}

/* A key that was given just now does not go for a few lost packets. */
static void test_once_is_no_word(void **state)
{
	(void)state;
	static const struct {
		enum dns_keys_word before, now, word;
	} rows[] = {
		{ DNS_KEYS_GIVEN, DNS_KEYS_SILENT, DNS_KEYS_UNTOLD },
		{ DNS_KEYS_UNTOLD, DNS_KEYS_SILENT, DNS_KEYS_SILENT },
		{ DNS_KEYS_SILENT, DNS_KEYS_SILENT, DNS_KEYS_SILENT },
		{ DNS_KEYS_GIVEN, DNS_KEYS_STRIPPED, DNS_KEYS_UNTOLD },
		{ DNS_KEYS_GIVEN, DNS_KEYS_FAILED, DNS_KEYS_UNTOLD },
		{ DNS_KEYS_SILENT, DNS_KEYS_GIVEN, DNS_KEYS_GIVEN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(dns_keys_follow(rows[i].before, rows[i].now), rows[i].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_ages),
					    cmocka_unit_test(test_once_is_no_word) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
