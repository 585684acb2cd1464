/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static void spf(struct evidence *ev, const char *ip, const char *result, const char *problem,
		const char *term)
{
	struct fact *f = evidence_add(ev, FACT_SPF, 0, 0);
	f->spf.domain = f->spf.at = "example.net";
	f->spf.ip = ip;
	f->spf.result = result;
	f->spf.problem = problem;
	f->spf.term = term;
	f->spf.lookups = 11;
	f->spf.void_lookups = 3;
}

static void dkim(struct evidence *ev, const char *expected, const char *result, long bits)
{
	struct fact *f = evidence_add(ev, FACT_DKIM_KEY, 0, 0);
	f->dkim_key.domain = "example.net";
	f->dkim_key.selector = "s1";
	f->dkim_key.expected = expected;
	f->dkim_key.result = result;
	f->dkim_key.bits = bits;
}

static void dmarc(struct evidence *ev, const char *result, const char *applies, const char *problem,
		  const char *outcome)
{
	struct fact *f = evidence_add(ev, FACT_DMARC, 0, 0);
	f->dmarc.domain = "example.net";
	f->dmarc.result = result;
	f->dmarc.applies = applies;
	f->dmarc.problem = problem;
	f->dmarc.outcome = outcome;
}

static void message(struct evidence *ev, const char *result)
{
	struct fact *f = evidence_add(ev, FACT_MESSAGE, 0, 0);
	f->message.source = "file";
	f->message.date_headers = f->message.from_headers = f->message.message_id_headers = 1;
	f->message.subject_headers = f->message.to_headers = 1;
	f->message.header_from = "clerk@example.net";
	f->message.dkim_domain = strcmp(result, "none") != 0 ? "example.net" : "";
	f->message.dkim_result = result;
}

static void healthy(struct evidence *ev)
{
	spf(ev, "", "", "", "");
	spf(ev, "198.51.100.17", "pass", "", "ip4:198.51.100.17");
	dkim(ev, "yes", "ok", 2048);
	dkim(ev, "guess", "missing", 0);
	dkim(ev, "guess", "revoked", 0);
	dkim(ev, "guess", "temperror", 0);
	dkim(ev, "yes", "testing", 2048);
	dmarc(ev, "ok", "reject", "", "pass");
	message(ev, "pass");
}

static void spf_none(struct evidence *ev)
{
	spf(ev, "", "none", "", "");
}

static void spf_none_of_no_domain(struct evidence *ev)
{
	built_dns(ev, "spf", "example.net", "TXT", "nxdomain", NULL);
	spf(ev, "", "none", "", "");
	dkim(ev, "yes", "missing", 0);
	dmarc(ev, "none", "", "", "");
}

static void spf_multiple(struct evidence *ev)
{
	spf(ev, "", "permerror", "multiple", "");
	spf(ev, "198.51.100.17", "permerror", "multiple", "");
}

static void spf_lookups_and_voids(struct evidence *ev)
{
	spf(ev, "", "permerror", "too-many-lookups", "");
	spf(ev, "", "permerror", "void-lookups", "a:gone.example.net");
}

static void spf_voids(struct evidence *ev)
{
	spf(ev, "", "permerror", "void-lookups", "a:gone.example.net");
}

static void spf_missing_include(struct evidence *ev)
{
	spf(ev, "", "permerror", "missing", "include:gone.example.net");
}

static void spf_loop(struct evidence *ev)
{
	spf(ev, "", "permerror", "loop", "include:example.net");
}

static void spf_syntax(struct evidence *ev)
{
	spf(ev, "", "permerror", "syntax", "ipv4:192.0.2.1");
	spf(ev, "", "permerror", "passall", "+all");
}

static void spf_passall(struct evidence *ev)
{
	spf(ev, "", "", "passall", "+all");
	spf(ev, "198.51.100.17", "pass", "passall", "+all");
}

static void spf_temperror(struct evidence *ev)
{
	spf(ev, "", "temperror", "temperror", "");
	spf(ev, "198.51.100.17", "temperror", "temperror", "");
}

static void spf_fail(struct evidence *ev)
{
	spf(ev, "", "", "", "");
	spf(ev, "198.51.100.17", "fail", "", "-all");
}

static void spf_softfail(struct evidence *ev)
{
	spf(ev, "198.51.100.17", "softfail", "", "~all");
}

static void spf_neutral(struct evidence *ev)
{
	spf(ev, "198.51.100.17", "neutral", "", "?all");
}

static void dkim_missing(struct evidence *ev)
{
	dkim(ev, "yes", "missing", 0);
}

static void dkim_servfail(struct evidence *ev)
{
	dkim(ev, "yes", "temperror", 0);
}

static void dkim_bad(struct evidence *ev)
{
	dkim(ev, "yes", "bad", 0);
}

static void dkim_revoked(struct evidence *ev)
{
	dkim(ev, "yes", "revoked", 0);
}

static void dkim_short(struct evidence *ev)
{
	dkim(ev, "yes", "short", 512);
}

static void dkim_guess_weak(struct evidence *ev)
{
	dkim(ev, "guess", "short", 1024);
}

static void dmarc_none(struct evidence *ev)
{
	dmarc(ev, "none", "", "", "");
}

static void dmarc_two(struct evidence *ev)
{
	dmarc(ev, "multiple", "", "more than one DMARC record; none counts", "");
}

static void dmarc_bad_policy(struct evidence *ev)
{
	dmarc(ev, "syntax", "none", "p= has an unknown value: rejekt", "");
}

static void dmarc_odd_tag(struct evidence *ev)
{
	dmarc(ev, "syntax", "reject", "pct= is not 0 to 100: 200", "");
}

static void dmarc_servfail(struct evidence *ev)
{
	dmarc(ev, "temperror", "", "no answer from the DNS about _dmarc.example.net", "");
}

static void dmarc_unaligned(struct evidence *ev)
{
	spf(ev, "198.51.100.17", "pass", "", "");
	dmarc(ev, "ok", "reject", "", "fail");
}

static void dmarc_nothing_passes(struct evidence *ev)
{
	spf(ev, "198.51.100.17", "fail", "", "-all");
	dmarc(ev, "ok", "reject", "", "fail");
}

static void body_changed(struct evidence *ev)
{
	message(ev, "body-hash");
}

static void header_changed(struct evidence *ev)
{
	message(ev, "signature");
}

static void unsigned_mail(struct evidence *ev)
{
	message(ev, "none");
}

static const struct policy_case {
	const char *name;
	void (*build)(struct evidence *ev);
	const char *domain, *submission; /* findings when a domain, a server is checked */
} cases[] = {
	{ "a healthy domain", healthy, "", "" },
	{ "no SPF record", spf_none, "dp-spf-none:w", "dp-spf-none:w" },
	{ "no records of no domain", spf_none_of_no_domain, "", "" },
	{ "two SPF records", spf_multiple, "dp-spf-multiple:f", "dp-spf-multiple:w" },
	{ "lookups before voids", spf_lookups_and_voids, "dp-spf-too-many-lookups:f",
	  "dp-spf-too-many-lookups:w" },
	{ "void lookups", spf_voids, "dp-spf-void-lookups:f", "dp-spf-void-lookups:w" },
	{ "include of nothing", spf_missing_include, "dp-spf-void-lookups:f", "dp-spf-void-lookups:w" },
	{ "loop", spf_loop, "dp-spf-loop:f", "dp-spf-loop:w" },
	{ "slip and +all", spf_syntax, "dp-spf-syntax:f dp-spf-passall:w",
	  "dp-spf-passall:w dp-spf-syntax:w" },
	{ "+all", spf_passall, "dp-spf-passall:w", "dp-spf-passall:w" },
	{ "SPF unknown", spf_temperror, "dns-spf-or-dkim-lookup-failed:w",
	  "dns-spf-or-dkim-lookup-failed:n" },
	{ "sender fails", spf_fail, "dp-spf-relay-not-included:f", "dp-spf-relay-not-included:w" },
	{ "sender fails softly", spf_softfail, "dp-spf-relay-not-included:f", "dp-spf-relay-not-included:w" },
	{ "neutral says nothing", spf_neutral, "", "" },
	{ "key missing", dkim_missing, "dp-dkim-key-missing:f", "dp-dkim-key-missing:w" },
	{ "key unknown", dkim_servfail, "dns-spf-or-dkim-lookup-failed:w",
	  "dns-spf-or-dkim-lookup-failed:n" },
	{ "key damaged", dkim_bad, "dp-dkim-key-bad:f", "dp-dkim-key-bad:w" },
	{ "key withdrawn", dkim_revoked, "dp-dkim-key-bad:f", "dp-dkim-key-bad:w" },
	{ "key short", dkim_short, "dp-dkim-key-short:w", "dp-dkim-key-short:w" },
	{ "usual selector with a weak key", dkim_guess_weak, "dp-dkim-key-short:n", "dp-dkim-key-short:n" },
	{ "no DMARC", dmarc_none, "dp-dmarc-none:w", "dp-dmarc-none:w" },
	{ "two DMARC records", dmarc_two, "dp-dmarc-multiple-or-syntax:f", "dp-dmarc-multiple-or-syntax:w" },
	{ "unknown policy", dmarc_bad_policy, "dp-dmarc-multiple-or-syntax:f",
	  "dp-dmarc-multiple-or-syntax:w" },
	{ "an odd tag", dmarc_odd_tag, "dp-dmarc-multiple-or-syntax:w", "dp-dmarc-multiple-or-syntax:w" },
	{ "DMARC unknown", dmarc_servfail, "dns-spf-or-dkim-lookup-failed:w",
	  "dns-spf-or-dkim-lookup-failed:n" },
	{ "passes for another domain", dmarc_unaligned, "dp-dmarc-align:f", "dp-dmarc-align:w" },
	{ "nothing passes", dmarc_nothing_passes, "dp-spf-relay-not-included:f",
	  "dp-spf-relay-not-included:w" },
	{ "body changed", body_changed, "dp-dkim-body-hash:f", "dp-dkim-body-hash:f" },
	{ "header changed", header_changed, "dp-dkim-header-changed:f", "dp-dkim-header-changed:f" },
	{ "unsigned", unsigned_mail, "dp-dkim-not-signed:w", "" },
};

static void expect(const struct policy_case *c, const char *form, const char *what, const char *findings)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for(form, what);
	if (!strcmp(form, "host"))
		built_target(ev)->domain = "example.net";
	c->build(ev);
	const char *got = built_findings(ev, a);
	if (strcmp(got, findings) != 0)
		fail_msg("%s, %s: got \"%s\", not \"%s\"", c->name, form, got, findings);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect(&cases[i], "domain", "example.net", cases[i].domain);
		expect(&cases[i], "host", "smtp.example.net", cases[i].submission);
	}
}

/* With the sending address given, the domain's records are the question again. */
static void test_sending_address_makes_it_serious(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "smtp.example.net");
	built_target(ev)->sending_ip = "198.51.100.17";
	spf(ev, "198.51.100.17", "softfail", "", "~all");
	assert_string_equal(built_findings(ev, a), "dp-spf-relay-not-included:f");
}

static void test_texts_name_the_term(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
	spf_syntax(ev);
	const char *texts = built_texts(ev, "dp-spf-syntax", a);
	assert_non_null(strstr(texts, "Correct ipv4:192.0.2.1: write ip4: for ipv4:"));
	assert_non_null(strstr(texts, "example.net"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_sending_address_makes_it_serious),
		cmocka_unit_test(test_texts_name_the_term),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
