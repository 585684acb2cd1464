/* SPDX-License-Identifier: Apache-2.0 */
/* What of a check is kept. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/evidence_build.h"
#include "watch/harvest.h"

static const char *record_of(const struct harvest *h, const char *name, const char *type)
{
	for (size_t i = 0; i < h->nrecords; i++)
		if (z_eq(h->records[i].name, name) && z_eq(h->records[i].type, type))
			return h->records[i].values;
	return NULL;
}

static struct harvest *harvested(const struct evidence *ev)
{
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	return harvest_of(v, "office", 5000);
}

static struct evidence *healthy(void)
{
	struct evidence *ev = built_for("host", "mail.example.com");
	built_dns(ev, "host", "mail.example.com", "A", "ok", "192.0.2.9|192.0.2.7");
	unsigned s = built_session(ev, "main", "mail.example.com", "192.0.2.7", 587, "ok");
	built_reply(ev, s, "banner", 220, "mail.example.com ESMTP");
	built_ehlo(ev, s, true);
	built_tls(ev, s, true);
	struct fact *c = evidence_add(ev, FACT_CERT, s, 1);
	c->cert.cn = "mail.example.com";
	c->cert.subject = "CN=mail.example.com";
	c->cert.issuer_org = "Example CA";
	c->cert.not_after = "2027-01-31T00:00:00Z";
	struct fact *up = evidence_add(ev, FACT_CERT, s, 1);
	up->cert.depth = 1;
	up->cert.not_after = "2026-12-01T00:00:00Z";
	return ev;
}

static void test_well(void **state)
{
	CLEANUP(evidence_free) struct evidence *ev = healthy();
	CLEANUP(harvest_free) struct harvest *h = harvested(ev);
	(void)state;
	assert_true(h->look.level == CONDITION_WELL || h->look.level == CONDITION_WARNING);
	assert_int_equal(h->look.at_ms, 5000);
	assert_false(h->look.away);
	assert_string_equal(h->run.monitor, "office");
	assert_string_equal(h->run.step, "");
	assert_non_null(strstr(h->run.steps, "connect="));
	assert_int_equal(h->nexpiries, 1);
	assert_string_equal(h->expiries[0].kind, "certificate");
	assert_string_equal(h->expiries[0].name, "mail.example.com:587");
	assert_string_equal(h->expiries[0].detail, "mail.example.com, issued by Example CA");
	assert_int_equal(h->expiries[0].expires_ms, INT64_C(1801353600000));
	assert_string_equal(record_of(h, "mail.example.com", "A"), "192.0.2.7\n192.0.2.9");
}

static const struct {
	const char *name, *result, *dns, *via;
	bool away;
} ways[] = {
	{ "refused is an answer", "refused", "ok", "udp", false },
	{ "a time-out is none", "timeout", "ok", "udp", true },
	{ "no route", "unreachable", "ok", "udp", true },
	{ "no name server", NULL, "timeout", "udp", true },
	{ "a broken resolver", NULL, "servfail", "udp", true },
	{ "the name is not there", NULL, "nxdomain", "udp", false },
	{ "hosts file only", NULL, "ok", "hosts", true },
};

static void test_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.com");
		built_dns(ev, "host", "mail.example.com", "A", ways[i].dns, "192.0.2.7")->dns.via =
			ways[i].via;
		if (ways[i].result)
			built_session(ev, "main", "mail.example.com", "192.0.2.7", 587, ways[i].result);
		CLEANUP(harvest_free) struct harvest *h = harvested(ev);
		bool bad = h->look.level == CONDITION_BAD;
		if (h->look.away != (ways[i].away && bad))
			fail_msg("%s: %d (%s)", ways[i].name, h->look.away, h->run.verdict);
	}
}

static void test_bad(void **state)
{
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "mail.example.com");
	(void)state;
	built_dns(ev, "host", "mail.example.com", "A", "ok", "192.0.2.7");
	built_session(ev, "main", "mail.example.com", "192.0.2.7", 587, "refused");
	CLEANUP(harvest_free) struct harvest *h = harvested(ev);
	assert_int_equal(h->look.level, CONDITION_BAD);
	assert_int_equal(h->look.step, STEP_CONNECT);
	assert_string_equal(h->run.verdict, "failing");
	assert_string_equal(h->run.step, "connect");
	assert_true(*h->run.finding && *h->run.title);
	assert_string_equal(h->look.finding, h->run.finding);
}

static void test_policies(void **state)
{
	CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.com");
	(void)state;
	built_dns(ev, "mx", "example.com", "MX", "ok", "10 mx1.example.com");
	built_dns(ev, "control", "elsewhere.example", "A", "ok", "192.0.2.99");
	built_dns(ev, "mx-host", "mx1.example.com", "A", "timeout", NULL);
	struct fact *spf = evidence_add(ev, FACT_SPF, 0, 1);
	spf->spf.domain = "example.com";
	spf->spf.record = "v=spf1 mx -all";
	struct fact *dmarc = evidence_add(ev, FACT_DMARC, 0, 1);
	dmarc->dmarc.domain = "example.com";
	dmarc->dmarc.result = "temperror";
	struct fact *guess = evidence_add(ev, FACT_DKIM_KEY, 0, 1);
	guess->dkim_key.domain = "example.com";
	guess->dkim_key.selector = "s1";
	guess->dkim_key.expected = "guess";
	struct fact *sts = evidence_add(ev, FACT_MTA_STS, 0, 1);
	sts->mta_sts.domain = "example.com";
	sts->mta_sts.result = "ok";
	sts->mta_sts.id = "20261121";
	sts->mta_sts.mode = "enforce";
	CLEANUP(harvest_free) struct harvest *h = harvested(ev);
	assert_string_equal(record_of(h, "example.com", "MX"), "10 mx1.example.com");
	assert_string_equal(record_of(h, "example.com", "SPF"), "v=spf1 mx -all");
	assert_string_equal(record_of(h, "example.com", "MTA-STS"), "id=20261121 mode=enforce");
	assert_null(record_of(h, "elsewhere.example", "A")); /* only compared with */
	assert_null(record_of(h, "mx1.example.com", "A"));   /* a time-out says nothing */
	assert_null(record_of(h, "example.com", "DMARC"));
	assert_null(record_of(h, "s1._domainkey.example.com", "DKIM"));
}

static void test_error(void **state)
{
	struct err e = { 0 };
	(void)state;
	ERR_FILL(&e, ERR_SYS, 13, "open", "/etc/pw");
	CLEANUP(harvest_free) struct harvest *h = harvest_of_error(&e, "office", 7);
	assert_int_equal(h->look.level, CONDITION_BAD);
	assert_string_equal(h->run.verdict, "error");
	assert_non_null(strstr(h->run.summary, "/etc/pw"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_well), cmocka_unit_test(test_away),
					    cmocka_unit_test(test_bad), cmocka_unit_test(test_policies),
					    cmocka_unit_test(test_error) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
