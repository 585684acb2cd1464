/* SPDX-License-Identifier: Apache-2.0 */
/* Which host may have a message that wants encryption all the way, and which refusal is for good. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/delivery/requiretls.h"

#define UNTOLD "nobody knows; ask Jo"

static const struct requiretls_case_of {
	const char *name;
	struct requiretls_case seen;
	bool fits, for_good;
	const char *finding, *says;
} cases[] = {
	{ "all of it", { "", true, true, true, true, MX_VOUCHED, "" }, true, false, "", "" },
	{ "no encryption",
	  { "", false, false, false, false, MX_VOUCHED, "" },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "5.7.10 the sender wants encryption all the way (REQUIRETLS), and mx.test does not encrypt" },
	{ "encryption failed",
	  { "", false, true, false, false, MX_VOUCHED, "" },
	  false,
	  false,
	  "",
	  "which failed just now: its administrator" },
	{ "not offered",
	  { "", true, true, false, true, MX_VOUCHED, "" },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "5.7.30 " },
	{ "not offered, and more is open",
	  { "", true, true, false, true, MX_VOUCHER_UNTOLD, UNTOLD },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "does not offer REQUIRETLS" },
	{ "another's certificate",
	  { "", true, true, true, false, MX_VOUCHED, "" },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "cannot prove who it is" },
	{ "another's certificate, and more is open",
	  { "", true, true, true, false, MX_VOUCHER_UNTOLD, UNTOLD },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "cannot prove who it is" },
	{ "nobody vouches for its name",
	  { "", true, true, true, true, MX_VOUCHED_BY_NOBODY, "" },
	  false,
	  true,
	  "rcpt-requiretls-unmet",
	  "was named without a proof" },
	{ "whether anybody does is open",
	  { "", true, true, true, true, MX_VOUCHER_UNTOLD, UNTOLD },
	  false,
	  false,
	  "",
	  "nobody vouches for mx.test yet: " UNTOLD },
	{ "TLS at once, where nothing is offered",
	  { "", true, false, true, true, MX_VOUCHED, "" },
	  true,
	  false,
	  "",
	  "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct requiretls_case c = cases[i].seen;
		c.host = "mx.test";
		struct requiretls x = requiretls_judge(&c, a);
		if (x.fits != cases[i].fits || x.for_good != cases[i].for_good ||
		    strcmp(x.finding, cases[i].finding) != 0 || !strstr(x.why, cases[i].says) ||
		    (x.fits && *x.why))
			fail_msg("%s: %d %d %s: %s", cases[i].name, x.fits, x.for_good, x.finding, x.why);
		assert_true(x.fits || strncmp(x.why, "5.7.", 4) != 0 || x.for_good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
