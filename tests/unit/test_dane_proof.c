/* SPDX-License-Identifier: Apache-2.0 */
/* Which TLSA records count, and that a proof which never came makes none unsigned. */
#include "tests/unit/unit.h"

#include <string.h>

#include "check/dane_proof.h"

static const struct dns_answer
	is_signed = { .status = DNS_ANSWER_OK, .secure = true, .error = "" },
	is_unsigned = { .status = DNS_ANSWER_OK, .error = "" },
	is_open = { .status = DNS_ANSWER_OK, .doubt = DNS_PROOF_OPEN, .error = "no proof" },
	by_clock = { .status = DNS_ANSWER_OK, .doubt = DNS_ANCHOR_WRONG, .error = "clock" },
	is_none = { .status = DNS_ANSWER_NODATA, .error = "" },
	none_open = { .status = DNS_ANSWER_NODATA, .doubt = DNS_PROOF_OPEN, .error = "" },
	fails = { .status = DNS_ANSWER_SERVFAIL, .error = "" },
	by_resolver = { .status = DNS_ANSWER_OK, .error = "no signatures come" },
	forged = { .status = DNS_ANSWER_BOGUS, .error = "" };

static const struct proof_case {
	const char *name;
	const struct dns_answer *tlsa, *mx, *a4, *a6;
	const char *word;
} cases[] = {
	{ "all signed", &is_signed, &is_signed, &is_signed, &is_signed, "secure" },
	{ "one kind of address", &is_signed, &is_signed, &is_none, &is_signed, "secure" },
	{ "the other fails", &is_signed, &is_signed, &fails, &is_signed, "secure" },
	{ "records unsigned", &is_unsigned, &is_signed, &is_signed, &is_signed, "insecure" },
	{ "domain unsigned", &is_signed, &is_unsigned, &is_signed, &is_signed, "insecure" },
	{ "host unsigned", &is_signed, &is_signed, &is_unsigned, &is_none, "insecure" },
	{ "host unsigned, half of it open", &is_signed, &is_signed, &is_unsigned, &is_open, "insecure" },
	{ "no address", &is_signed, &is_signed, &is_none, &is_none, "insecure" },
	{ "proof of records open", &is_open, &is_signed, &is_signed, &is_signed, "temperror" },
	{ "proof of domain open", &is_signed, &is_open, &is_signed, &is_signed, "temperror" },
	{ "proof of addresses open", &is_signed, &is_signed, &is_open, &none_open, "temperror" },
	{ "our clock", &by_clock, &by_clock, &by_clock, &by_clock, "temperror" },
	{ "open, and unsigned for sure", &is_open, &is_unsigned, &is_signed, &is_signed, "insecure" },
	{ "no signatures come", &by_resolver, &by_resolver, &by_resolver, &is_none, "untested" },
	{ "no signatures come, of records", &by_resolver, NULL, &is_none, &by_resolver, "untested" },
	{ "the resolver vouches for others", &is_signed, &by_resolver, &is_signed, &is_none, "insecure" },
	{ "... for an address only", &by_resolver, &by_resolver, &is_signed, &is_none, "insecure" },
	{ "domain fails", &is_signed, &fails, &is_signed, &is_signed, "temperror" },
	{ "domain forged", &is_signed, &forged, &is_signed, &is_signed, "temperror" },
	{ "records forged", &forged, &is_signed, &is_signed, &is_signed, "bogus" },
	{ "records not in time", NULL, &is_signed, &is_signed, &is_signed, "temperror" },
	{ "addresses not in time", &is_signed, &is_signed, NULL, NULL, "temperror" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct proof_case *c = &cases[i];
		const struct dane_proof p = { c->tlsa, c->mx, false, c->a4, c->a6, true, true };
		if (strcmp(dane_proof_word(&p), c->word) != 0)
			fail_msg("%s: %s", c->name, dane_proof_word(&p));
	}
}

static void test_what_was_not_asked(void **state)
{
	(void)state;
	const struct dane_proof own = { &is_signed, &is_none, true, &is_signed, NULL, true, false };
	assert_string_equal(dane_proof_word(&own), "secure"); /* its own host, and IPv4 only */
	const struct dane_proof four = { &is_signed, &is_signed, false, &is_none, NULL, true, false };
	assert_string_equal(dane_proof_word(&four), "insecure");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases),
					    cmocka_unit_test(test_what_was_not_asked) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
