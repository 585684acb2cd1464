/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "mail/spf.h"
#include "mail/spf_record.h"
#include "tests/unit/zone.h"

static const struct zone_record records[] = {
	{ "good.example", "TXT", "v=spf1 ip4:192.0.2.0/24 include:cloud.example -all" },
	{ "cloud.example", "TXT", "v=spf1 ip4:198.51.100.7 ?all" },
	{ "typo.example", "TXT", "v=spf1 ipv4:192.0.2.1 -all" },
	{ "two.example", "TXT", "v=spf1 -all" },
	{ "two.example", "TXT", "v=spf1 include:cloud.example -all" },
	{ "all.example", "TXT", "v=spf1 mx +all" },
	{ "all.example", "MX", "10 mx.example." },
	{ "mx.example", "A", "192.0.2.25" },
	{ "self.example", "TXT", "v=spf1 include:self.example -all" },
	{ "gone.example", "TXT", "v=spf1 include:nowhere.example ~all" },
	{ "void.example", "TXT", "v=spf1 a:x1.example a:x2.example mx:x3.example -all" },
	{ "slow.example", "TIMEOUT", "" },
	{ "slowinc.example", "TXT", "v=spf1 include:slow.example -all" },
	{ "moved.example", "TXT", "v=spf1 redirect=good.example" },
	{ "many.example", "TXT",
	  "v=spf1 a:mx.example a:mx.example a:mx.example a:mx.example a:mx.example a:mx.example a:mx.example "
	  "a:mx.example a:mx.example a:mx.example a:mx.example -all" },
	{ "behind.example", "TXT", "v=spf1 -all include:nowhere.example" },
	{ "inall.example", "TXT", "v=spf1 include:all.example -all" },
	{ "notall.example", "TXT", "v=spf1 -include:all.example -all" },
	{ "other.example", "TXT", "google-site-verification=x" },
};

static const struct spf_case {
	const char *domain, *ip;
	enum spf_result result;
	const char *term, *at, *problem;
	unsigned lookups, voids;
} check_cases[] = {
	{ "good.example", "192.0.2.9", SPF_PASS, "ip4:192.0.2.0/24", "good.example", "", 0, 0 },
	{ "good.example", "198.51.100.7", SPF_PASS, "ip4:198.51.100.7", "cloud.example", "", 1, 0 },
	{ "good.example", "203.0.113.1", SPF_FAIL, "-all", "good.example", "", 1, 0 },
	{ "good.example", "::ffff:192.0.2.9", SPF_PASS, "ip4:192.0.2.0/24", "good.example", "", 0, 0 },
	{ "moved.example", "203.0.113.1", SPF_FAIL, "-all", "good.example", "", 2, 0 },
	{ "typo.example", "192.0.2.1", SPF_PERMERROR, "ipv4:192.0.2.1", "typo.example", "syntax", 0, 0 },
	{ "two.example", "192.0.2.1", SPF_PERMERROR, "", "two.example", "multiple", 0, 0 },
	{ "all.example", "203.0.113.1", SPF_PASS, "+all", "all.example", "passall", 1, 0 },
	{ "all.example", "192.0.2.25", SPF_PASS, "mx", "all.example", "", 1, 0 },
	{ "self.example", "192.0.2.1", SPF_PERMERROR, "", "self.example", "loop", 1, 0 },
	{ "gone.example", "192.0.2.1", SPF_PERMERROR, "include:nowhere.example", "gone.example", "missing", 1, 0 },
	{ "void.example", "192.0.2.1", SPF_PERMERROR, "mx:x3.example", "void.example", "void-lookups", 3, 3 },
	{ "slow.example", "192.0.2.1", SPF_TEMPERROR, "", "slow.example", "temperror", 0, 0 },
	{ "slowinc.example", "192.0.2.1", SPF_TEMPERROR, "", "slow.example", "temperror", 1, 0 },
	{ "many.example", "192.0.2.1", SPF_PERMERROR, "a:mx.example", "many.example", "too-many-lookups", 11, 0 },
	{ "other.example", "192.0.2.1", SPF_NONE, "", "", "", 0, 0 },
	{ "nowhere.example", "192.0.2.1", SPF_NONE, "", "", "", 0, 0 },
	{ "notall.example", "203.0.113.1", SPF_FAIL, "-include:all.example", "notall.example", "", 2, 0 },
	{ "inall.example", "203.0.113.1", SPF_PASS, "+all", "all.example", "passall", 2, 0 },
}, lint_cases[] = {
	{ "notall.example", "", SPF_LINTED, "", "", "", 2, 0 },
	{ "good.example", "", SPF_LINTED, "", "", "", 1, 0 },
	{ "moved.example", "", SPF_LINTED, "", "", "", 2, 0 },
	{ "typo.example", "", SPF_PERMERROR, "ipv4:192.0.2.1", "typo.example", "syntax", 0, 0 },
	{ "two.example", "", SPF_PERMERROR, "", "two.example", "multiple", 0, 0 },
	{ "all.example", "", SPF_LINTED, "+all", "all.example", "passall", 1, 0 },
	{ "inall.example", "", SPF_LINTED, "+all", "all.example", "passall", 2, 0 },
	{ "self.example", "", SPF_PERMERROR, "include:self.example", "self.example", "loop", 1, 0 },
	{ "gone.example", "", SPF_PERMERROR, "include:nowhere.example", "gone.example", "missing", 1, 0 },
	{ "void.example", "", SPF_PERMERROR, "mx:x3.example", "void.example", "void-lookups", 3, 3 },
	{ "slowinc.example", "", SPF_TEMPERROR, "include:slow.example", "slowinc.example", "temperror", 1, 0 },
	{ "many.example", "", SPF_PERMERROR, "", "many.example", "too-many-lookups", 11, 0 },
	{ "behind.example", "", SPF_LINTED, "", "", "", 0, 0 },
	{ "other.example", "", SPF_NONE, "", "", "", 0, 0 },
};

static void compare(const struct spf_case *c, const struct spf_report *got)
{
	if (got->result != c->result)
		print_error("%s %s: %s\n", c->domain, c->ip, spf_result_name(got->result));
	assert_int_equal(got->result, c->result);
	assert_string_equal(got->problem, c->problem);
	assert_string_equal(got->term, c->term);
	assert_string_equal(got->at, c->at);
	assert_int_equal(got->lookups, c->lookups);
	assert_int_equal(got->void_lookups, c->voids);
	assert_string_equal(got->domain, c->domain);
}

static void run(const struct spf_case *c, bool lint)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	struct spf_report got;
	struct spf_ask ask = { .helo = "mail.test", .mail_from = arena_printf(a, "who@%s", c->domain) };
	zone_add_table(&z, records, ARRAY_LEN(records));
	if (lint) {
		ZONE_RUN(&z, &w, spf_lint(a, c->domain, &view, &w, &got));
	} else {
		assert_true(ipaddr_read(str_of(c->ip), &ask.ip));
		ZONE_RUN(&z, &w, spf_check(a, &ask, &view, &w, &got));
	}
	compare(c, &got);
}

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(check_cases); i++)
		run(&check_cases[i], false);
}

static void test_lint(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++)
		run(&lint_cases[i], true);
}

static const struct {
	const char *record, *bad, *why;
} words_cases[] = {
	{ "v=spf1 ipv4:192.0.2.1 -all", "ipv4:192.0.2.1", "no such mechanism; probably ip4" },
	{ "v=spf1 ip:192.0.2.1 -all", "ip:192.0.2.1", "no such mechanism; probably ip4" },
	{ "v=spf1 inlcude:a.example -all", "inlcude:a.example", "no such mechanism; probably include" },
	{ "v=spf1 a:192.0.2.1 -all", "a:192.0.2.1",
	  "an address stands where a domain belongs; write ip4: before it" },
	{ "v=spf1 ip4:2001:db8::1 -all", "ip4:2001:db8::1", "an IPv6 address; write ip6:" },
	{ "v=spf1 ip4:192.0.2.0/33 -all", "ip4:192.0.2.0/33", "the prefix is not 0 to 32" },
	{ "v=spf1 redirect:a.example", "redirect:a.example", "a modifier is written redirect=" },
	{ "v=spf1 include: a.example -all", "include:", "no domain given" },
	{ "v=spf1 -all; ip4:192.0.2.1", "-all;", "no such mechanism; probably all" },
};

static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(words_cases); i++) {
		struct spf_record r;
		assert_false(spf_record_parse(a, words_cases[i].record, &r));
		assert_string_equal(r.bad, words_cases[i].bad);
		assert_string_equal(r.why, words_cases[i].why);
	}
}

/* One round must ask for all that is independent. */
static void test_asks_in_parallel(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	struct spf_ask ask = { .helo = "mail.test", .mail_from = "x@void.example" };
	struct spf_report got;
	assert_true(ipaddr_read(STR_LIT("192.0.2.1"), &ask.ip));
	zone_add_table(&z, records, ARRAY_LEN(records));
	assert_false(spf_check(a, &ask, &view, &w, &got));
	assert_int_equal(w.n, 1);
	assert_true(zone_show(&z, &w));
	assert_false(spf_check(a, &ask, &view, &w, &got));
	assert_int_equal(w.n, 3);
	assert_true(zone_show(&z, &w));
	assert_true(spf_check(a, &ask, &view, &w, &got));
	assert_int_equal(w.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_lint),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_asks_in_parallel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
