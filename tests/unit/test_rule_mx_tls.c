/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain asks of TLS at its MX: a policy (MTA-STS), records (DANE). */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static struct fact_mta_sts *sts(struct evidence *ev, const char *result, const char *mode)
{
	struct fact *f = evidence_add(ev, FACT_MTA_STS, 0, 0);
	f->mta_sts.domain = "example.net";
	f->mta_sts.result = result;
	f->mta_sts.mode = mode;
	return &f->mta_sts;
}

static void sts_well(struct evidence *ev)
{
	built_two_mx(ev);
	sts(ev, "ok", "enforce");
}

static void sts_unlisted(struct evidence *ev)
{
	built_two_mx(ev);
	strlist_add(&sts(ev, "ok", "enforce")->unlisted, ev->arena, "b.example.net");
}

static void sts_unlisted_in_test(struct evidence *ev)
{
	built_two_mx(ev);
	strlist_add(&sts(ev, "ok", "testing")->unlisted, ev->arena, "b.example.net");
}

static void sts_switched_off(struct evidence *ev)
{
	built_two_mx(ev);
	strlist_add(&sts(ev, "ok", "none")->unlisted, ev->arena, "b.example.net");
}

static void sts_unknown(struct evidence *ev)
{
	built_two_mx(ev);
	sts(ev, "temperror", "")->problem = "no answer";
}

static void sts_no_file(struct evidence *ev)
{
	built_two_mx(ev);
	sts(ev, "unfetchable", "")->problem = "its web host answers 404";
}

static void sts_bad_file(struct evidence *ev)
{
	built_two_mx(ev);
	sts(ev, "unusable", "")->problem = "max_age is missing";
}

static void bad_certificate(struct evidence *ev)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_VERIFY && ev->facts[i]->session == 1) {
			ev->facts[i]->verify.trusted = false;
			built_list(ev, &ev->facts[i]->verify.errors, "10@0 certificate has expired");
			built_list(ev, &ev->facts[i]->verify.codes, "10");
		}
}

static void sts_certificate(struct evidence *ev)
{
	built_two_mx(ev);
	sts(ev, "ok", "enforce");
	bad_certificate(ev);
}

static struct fact_tlsa *tlsa(struct evidence *ev, const char *result)
{
	struct fact *f = evidence_add(ev, FACT_TLSA, 0, 0);
	f->tlsa.host = "a.example.net";
	f->tlsa.port = 25;
	f->tlsa.result = result;
	return &f->tlsa;
}

static void set_dane(struct evidence *ev, const char *outcome)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_VERIFY && ev->facts[i]->session == 1)
			ev->facts[i]->verify.dane = outcome;
}

static void dane_well(struct evidence *ev)
{
	built_two_mx(ev);
	tlsa(ev, "secure");
	set_dane(ev, "match");
}

static void dane_mismatch(struct evidence *ev)
{
	built_two_mx(ev);
	tlsa(ev, "secure");
	set_dane(ev, "mismatch");
}

static void dane_unsigned(struct evidence *ev)
{
	built_two_mx(ev);
	tlsa(ev, "insecure");
}

static void dane_untested(struct evidence *ev)
{
	built_two_mx(ev);
	built_dns(ev, "validated", "_25._tcp.mx.example.net", "TLSA", "ok", "")->dns.error =
		"no signatures come";
	tlsa(ev, "untested");
}

static void look_up_tlsa(struct evidence *ev, bool is_signed, const char *status)
{
	built_two_mx(ev);
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_DNS && !strcmp(ev->facts[i]->dns.purpose, "mx-host"))
			ev->facts[i]->dns.secure = is_signed;
	built_dns(ev, "tlsa", "_25._tcp.a.example.net", "TLSA", status, NULL);
	tlsa(ev, "temperror");
}

static void dane_fails(struct evidence *ev)
{
	look_up_tlsa(ev, true, "servfail");
}

static void dane_fails_unsigned(struct evidence *ev)
{
	look_up_tlsa(ev, false, "servfail");
}

static void dane_silent(struct evidence *ev)
{
	look_up_tlsa(ev, true, "timeout");
}

static struct fact *offers_no_tls(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	unsigned no = built_session(ev, "main", "a.example.net", "198.51.100.25", 25, "ok");
	built_reply(ev, no, "banner", 220, "mx.example.net ESMTP");
	return built_ehlo(ev, no, false);
}

static void dane_without_starttls(struct evidence *ev)
{
	offers_no_tls(ev);
	tlsa(ev, "secure");
}

static void dane_masked(struct evidence *ev)
{
	built_list(ev, &offers_no_tls(ev)->ehlo.masked, "XXXXXXXA");
	tlsa(ev, "secure");
}

static void dane_one_of_two(struct evidence *ev)
{
	dane_without_starttls(ev);
	built_mx_dialogue(ev, "mx", "b.example.net", "198.51.100.26");
}

static void without_starttls(struct evidence *ev, const char *mode)
{
	offers_no_tls(ev);
	sts(ev, "ok", mode);
}

static void sts_masked(struct evidence *ev)
{
	built_list(ev, &offers_no_tls(ev)->ehlo.masked, "XXXXXXXA");
	sts(ev, "ok", "enforce");
}

static void sts_helo_only(struct evidence *ev)
{
	offers_no_tls(ev)->ehlo.helo = true;
	sts(ev, "ok", "enforce");
}

static void sts_one_of_two(struct evidence *ev)
{
	without_starttls(ev, "enforce");
	built_mx_dialogue(ev, "mx", "b.example.net", "198.51.100.26");
}

static void sts_the_other_unlisted(struct evidence *ev)
{
	offers_no_tls(ev);
	built_list(ev, &sts(ev, "ok", "enforce")->unlisted, "b.example.net");
	built_mx_dialogue(ev, "mx", "b.example.net", "198.51.100.26");
}

static void sts_without_starttls(struct evidence *ev)
{
	without_starttls(ev, "enforce");
}

static void sts_in_test_without_starttls(struct evidence *ev)
{
	without_starttls(ev, "testing");
}

static void sts_off_without_starttls(struct evidence *ev)
{
	without_starttls(ev, "none");
}

static const struct {
	const char *name;
	void (*build)(struct evidence *ev);
	const char *findings;
} cases[] = {
	{ "MTA-STS", sts_well, "" },
	{ "MX not in the policy", sts_unlisted, "dp-mta-sts-mx-mismatch:f" },
	{ "MX not in a policy under test", sts_unlisted_in_test, "dp-mta-sts-mx-mismatch:w" },
	{ "MX not in a policy switched off", sts_switched_off, "" },
	{ "whether there is a policy", sts_unknown, "dns-spf-or-dkim-lookup-failed:w" },
	{ "no policy file", sts_no_file, "dp-mta-sts-policy-unfetchable:w" },
	{ "a file that is no policy", sts_bad_file, "dp-mta-sts-policy-unfetchable:w" },
	{ "certificate against the policy", sts_certificate, "dp-mta-sts-cert:f" },
	{ "policy without STARTTLS", sts_without_starttls, "dp-mta-sts-starttls-missing:f" },
	{ "the same under test", sts_in_test_without_starttls, "dp-mta-sts-starttls-missing:w" },
	{ "the same switched off", sts_off_without_starttls, "starttls-not-offered:w" },
	{ "policy, the offer masked on the way", sts_masked, "ehlo-keywords-masked:f" },
	{ "policy, EHLO refused", sts_helo_only, "ehlo-rejected-helo-only:f" },
	{ "policy, another MX offers STARTTLS", sts_one_of_two, "dp-mta-sts-starttls-missing:w" },
	{ "policy, the other is not in it", sts_the_other_unlisted,
	  "dp-mta-sts-mx-mismatch:f dp-mta-sts-starttls-missing:f" },
	{ "DANE", dane_well, "" },
	{ "DANE, the record's look-up fails", dane_fails, "dns-tlsa-lookup-failed:w" },
	{ "the same in an unsigned zone", dane_fails_unsigned, "" },
	{ "DANE, no answer within our patience", dane_silent, "" },
	{ "DANE mismatch", dane_mismatch, "dp-dane-mismatch:f" },
	{ "TLSA without DNSSEC", dane_unsigned, "dp-dane-unsigned:w" },
	{ "TLSA, and no proof to be had here", dane_untested, "dns-dnssec-untested:n" },
	{ "TLSA without STARTTLS", dane_without_starttls, "dp-dane-starttls-missing:f" },
	{ "TLSA, the offer masked on the way", dane_masked, "ehlo-keywords-masked:f" },
	{ "TLSA, another MX offers STARTTLS", dane_one_of_two, "dp-dane-starttls-missing:w" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
		built_target(ev)->port = 25;
		cases[i].build(ev);
		built_expect(ev, cases[i].name, cases[i].findings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
