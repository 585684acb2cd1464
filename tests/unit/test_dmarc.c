/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/dmarc.h"
#include "tests/unit/dmarc_cases.h"
#include "tests/unit/zone.h"

static struct dmarc_ask ask_of(const struct dmarc_case *c)
{
	struct dmarc_ask q = { .from_domain = c->from, .judge = true, .spf_domain = c->spf };
	q.spf = *c->spf ? DMARC_AUTH_PASSED : DMARC_AUTH_FAILED;
	if (*c->dkim)
		q.signers[q.nsigners++] = (struct dmarc_signer){ c->dkim, DMARC_AUTH_PASSED };
	return q;
}

static void run(const struct dmarc_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	struct dmarc_ask q = ask_of(c);
	struct dmarc_report r;
	for (size_t i = 0; i < ARRAY_LEN(c->zone) && c->zone[i].name; i++)
		zone_add_table(&z, &c->zone[i], 1);
	ZONE_RUN(&z, &w, dmarc_check(a, &q, &view, &w, &r));
	if (r.result != c->result || r.outcome != c->outcome || strcmp(r.applies, c->applies) != 0)
		print_error("%s: %s %s %s: %s\n", c->name, dmarc_result_name(r.result),
			    dmarc_outcome_name(r.outcome), r.applies, r.problem);
	assert_int_equal(r.result, c->result);
	assert_int_equal(r.outcome, c->outcome);
	assert_string_equal(r.at, c->at);
	assert_string_equal(r.applies, c->applies);
	assert_memory_equal(r.problem, c->problem, strlen(c->problem));
	assert_int_equal(*c->problem != 0, *r.problem != 0);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dmarc_cases); i++)
		run(&dmarc_cases[i]);
}

/* RFC 9989, 4.10: eight names at most, in this order. */
static void test_walk(void **state)
{
	static const char *const want[] = {
		"_dmarc.a.b.c.d.e.f.g.h.i.j.k.example.com",
		"_dmarc.g.h.i.j.k.example.com",
		"_dmarc.h.i.j.k.example.com",
		"_dmarc.i.j.k.example.com",
		"_dmarc.j.k.example.com",
		"_dmarc.k.example.com",
		"_dmarc.example.com",
		"_dmarc.com",
	};
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	struct dmarc_ask q = { .from_domain = "a.b.c.d.e.f.g.h.i.j.k.example.com" };
	struct dmarc_report r;
	assert_false(dmarc_check(a, &q, &view, &w, &r));
	assert_int_equal(w.n, ARRAY_LEN(want));
	for (size_t i = 0; i < w.n; i++)
		assert_string_equal(w.v[i].name, want[i]);
}

static void test_unknown(void **state)
{
	static const struct zone_record v[] = { { "_dmarc.example.com", "TXT", "v=DMARC1; p=reject" } };
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone z = { .arena = a };
	struct dns_wants w = { .arena = a };
	struct dns_view view = zone_view(&z);
	struct dmarc_ask q = { .from_domain = "example.com",
			       .judge = true,
			       .spf_domain = "example.com",
			       .spf = DMARC_AUTH_UNKNOWN };
	struct dmarc_report r;
	zone_add_table(&z, v, ARRAY_LEN(v));
	ZONE_RUN(&z, &w, dmarc_check(a, &q, &view, &w, &r));
	assert_int_equal(r.outcome, DMARC_UNKNOWN);
	assert_false(r.spf_aligned);
	q.signers[q.nsigners++] = (struct dmarc_signer){ "other.net", DMARC_AUTH_PASSED };
	q.signers[q.nsigners++] = (struct dmarc_signer){ "example.com", DMARC_AUTH_PASSED };
	ZONE_RUN(&z, &w, dmarc_check(a, &q, &view, &w, &r));
	assert_int_equal(r.outcome, DMARC_PASS);
	assert_string_equal(r.dkim_domain, "example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
