/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "check/policy_view.h"
#include "mail/spf.h"
#include "tests/unit/evidence_build.h"

static enum dns_status ask(const struct evidence *ev, bool final, const char *name, const char *type,
			   bool *known)
{
	struct policy_view v = { ev, final };
	struct dns_view view = policy_view_of(&v);
	struct dns_records got;
	*known = dns_view_ask(&view, NULL, name, type, &got);
	return got.status;
}

static const struct {
	const char *purpose, *via, *status, *answers;
	bool known;
	enum dns_status expected;
} view_cases[] = {
	{ "spf", "udp", "ok", "v=spf1 -all", true, DNS_OK },
	{ "spf", "tcp", "nodata", NULL, true, DNS_NODATA },
	{ "mx", "udp", "nxdomain", NULL, true, DNS_NXDOMAIN },
	{ "mx", "udp", "servfail", NULL, true, DNS_TEMPERROR },
	{ "mx", "udp", "timeout", NULL, true, DNS_TEMPERROR },
	{ "mx", "udp", "refused", NULL, true, DNS_TEMPERROR },
	{ "mx", "udp", "bogus", NULL, true, DNS_TEMPERROR },
	{ "host", "hosts", "ok", "192.0.2.1", false, DNS_TEMPERROR },
	{ "cd", "udp", "ok", "v=spf1 -all", false, DNS_TEMPERROR },
	{ "authority", "udp", "ok", "v=spf1 -all", false, DNS_TEMPERROR },
	{ "reference", "udp", "ok", "v=spf1 -all", false, DNS_TEMPERROR },
};

static void test_only_plain_answers_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(view_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
		bool known;
		struct fact *f = built_dns(ev, view_cases[i].purpose, "example.net", "TXT",
					   view_cases[i].status, view_cases[i].answers);
		f->dns.via = view_cases[i].via;
		assert_int_equal(ask(ev, false, "Example.NET.", "TXT", &known), view_cases[i].expected);
		assert_int_equal(known, view_cases[i].known);
	}
}

static void test_final_view_knows_that_it_failed(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
	bool known;
	assert_int_equal(ask(ev, false, "example.net", "TXT", &known), DNS_TEMPERROR);
	assert_false(known);
	assert_int_equal(ask(ev, true, "example.net", "TXT", &known), DNS_TEMPERROR);
	assert_true(known);
}

/* Saved facts are enough to judge a record again, and what lacks is named. */
static void test_evaluator_reads_facts(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
	struct policy_view v = { .ev = ev };
	struct dns_view view = policy_view_of(&v);
	struct dns_wants w = { .arena = ev->arena };
	struct spf_report r;
	built_dns(ev, "spf", "example.net", "TXT", "ok", "site=1|v=spf1 include:i.example.net -all");
	assert_false(spf_lint(ev->arena, "example.net", &view, &w, &r));
	assert_int_equal(w.n, 1);
	assert_string_equal(w.v[0].name, "i.example.net");
	built_dns(ev, "spf", "i.example.net", "TXT", "ok", "v=spf1 ipv4:192.0.2.1 -all");
	assert_true(spf_lint(ev->arena, "example.net", &view, &w, &r));
	assert_string_equal(r.problem, "syntax");
	assert_string_equal(r.at, "i.example.net");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_plain_answers_count),
		cmocka_unit_test(test_final_view_knows_that_it_failed),
		cmocka_unit_test(test_evaluator_reads_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
