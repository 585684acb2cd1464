/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "check/rule_view.h"
#include "tests/unit/evidence_build.h"

static const char name[] = "mail.example.net", address[] = "198.51.100.25";

static unsigned main_on(struct evidence *ev, long port, const char *result)
{
	built_target(ev)->port = port;
	return built_session(ev, "main", name, address, port, result);
}

static void tried(struct evidence *ev, const char *experiment, const char *outcome)
{
	struct fact *f = evidence_add(ev, FACT_EXPERIMENT, 0, 0);
	f->experiment.name = experiment;
	f->experiment.outcome = outcome;
}

static void said(struct evidence *ev, const char *question, const char *answer)
{
	struct fact *f = evidence_add(ev, FACT_ANSWER, 0, 0);
	f->answer.question = question;
	f->answer.answer = answer;
}

static struct fact *broke(struct evidence *ev, unsigned session, const char *how)
{
	struct fact *f = evidence_add(ev, FACT_BREAK, session, 0);
	f->brk.step = "banner";
	f->brk.how = how;
	return f;
}

static void greeted(struct evidence *ev, unsigned no)
{
	built_reply(ev, no, "banner", 220, "mail.example.net ESMTP");
	built_ehlo(ev, no, true);
	built_reply(ev, no, "starttls", 220, "go ahead");
	built_tls(ev, no, true);
	built_ehlo(ev, no, false)->ehlo.after_tls = true;
}

static void healthy(struct evidence *ev)
{
	greeted(ev, main_on(ev, 587, "ok"));
}

static void dropped(struct evidence *ev)
{
	main_on(ev, 587, "timeout");
}

static void dropped_on_25_only(struct evidence *ev)
{
	main_on(ev, 25, "timeout");
	built_session(ev, "port", name, address, 587, "ok");
}

static void dropped_on_25_here_alone(struct evidence *ev)
{
	dropped_on_25_only(ev);
	built_session(ev, "control-host", "mx.example.org", "198.51.100.99", 25, "ok");
}

static void all_dropped_others_fine(struct evidence *ev)
{
	main_on(ev, 587, "timeout");
	built_session(ev, "port", name, address, 465, "timeout");
	built_session(ev, "control-host", "smtp.example.org", "198.51.100.99", 587, "ok");
}

/* No port was given: the last one tried is not the one to name. */
static void bare_host_dropped(struct evidence *ev)
{
	main_on(ev, 587, "timeout");
	built_session(ev, "main", name, address, 465, "timeout");
	built_session(ev, "main", name, address, 25, "timeout");
}

static void this_computer_only(struct evidence *ev)
{
	dropped(ev);
	said(ev, "where", "this computer only");
}

static void vpn_only(struct evidence *ev)
{
	dropped(ev);
	said(ev, "where", "only with vpn");
}

static void everybody_here(struct evidence *ev)
{
	dropped(ev);
	said(ev, "who", "everybody here");
	said(ev, "where", "only here, works from other place");
}

static void one_user_all_well(struct evidence *ev)
{
	healthy(ev);
	said(ev, "who", "only me");
}

static void one_user_but_it_works(struct evidence *ev)
{
	one_user_all_well(ev);
	said(ev, "since-when", "works");
}

static void limit_passes(struct evidence *ev)
{
	built_reply(ev, main_on(ev, 587, "ok"), "banner", 421,
		    "4.7.0 Error: too many connections from 192.0.2.1");
	tried(ev, "polite-retry", "works");
}

static void limit_stays(struct evidence *ev)
{
	built_reply(ev, main_on(ev, 587, "ok"), "banner", 421,
		    "4.7.0 Error: too many connections from 192.0.2.1");
	tried(ev, "polite-retry", "fails");
}

static void closed(struct evidence *ev)
{
	broke(ev, main_on(ev, 587, "ok"), "eof");
}

/* Session tickets are bytes, and no word of the server. */
static void closed_after_tls(struct evidence *ev)
{
	unsigned no = main_on(ev, 465, "ok");
	built_tls(ev, no, true);
	broke(ev, no, "eof")->brk.received = 534;
}

static struct fact *out_of_time(struct evidence *ev)
{
	unsigned no = main_on(ev, 587, "ok");
	built_reply(ev, no, "banner", 220, "mail.example.net ESMTP");
	built_ehlo(ev, no, true);
	built_reply(ev, no, "starttls", 220, "go ahead");
	built_tls(ev, no, false);
	struct fact *verify = ev->facts[ev->n - 1];
	verify->verify.name_matches = true;
	built_list(ev, &verify->verify.codes, "10");
	struct fact *leaf = evidence_add(ev, FACT_CERT, no, 0);
	leaf->cert.not_before = "2026-01-01T00:00:00Z";
	leaf->cert.not_after = "2026-12-31T00:00:00Z";
	built_ehlo(ev, no, false)->ehlo.after_tls = true;
	return leaf;
}

static void clock_of(struct evidence *ev, const char *theirs, const char *ours, long skew_s)
{
	struct fact *f = evidence_add(ev, FACT_CLOCK, 0, 0);
	f->clock.source = "banner";
	f->clock.theirs = theirs;
	f->clock.ours = ours;
	f->clock.skew_s = skew_s;
}

static void expired(struct evidence *ev)
{
	out_of_time(ev);
	tried(ev, "other-certificate", "differs");
}

static void expired_by_our_clock(struct evidence *ev)
{
	out_of_time(ev);
	clock_of(ev, "2026-11-21T10:00:00Z", "2027-11-21T10:00:00Z", 31536000);
}

static void expired_by_every_clock(struct evidence *ev)
{
	out_of_time(ev);
	clock_of(ev, "2027-11-21T10:00:00Z", "2027-11-21T10:00:30Z", 30);
}

static void others_expired_too(struct evidence *ev)
{
	out_of_time(ev);
	tried(ev, "other-certificate", "same");
}

/* A server with a wrong clock does no harm to us. */
static void skewed_and_well(struct evidence *ev)
{
	healthy(ev);
	clock_of(ev, "2020-01-01T00:00:00Z", "2026-11-21T10:00:00Z", 217332000);
}

static void no_way_out(struct evidence *ev)
{
	built_dns(ev, "host", name, "A", "timeout", NULL);
	tried(ev, "route", "fails");
}

/* By IPv6 there is no way from here; what other address it has, the resolver does not tell. */
static void half_a_name(struct evidence *ev)
{
	built_dns(ev, "host", name, "AAAA", "ok", "2001:db8::25");
	built_dns(ev, "host", name, "A", "servfail", NULL);
	built_session(ev, "main", name, "2001:db8::25", 587, "unreachable");
}

static void only_ipv6(struct evidence *ev)
{
	built_dns(ev, "host", name, "AAAA", "ok", "2001:db8::25");
	built_dns(ev, "host", name, "A", "nodata", NULL);
	built_session(ev, "main", name, "2001:db8::25", 587, "unreachable");
}

static void half_a_name_and_refused(struct evidence *ev)
{
	built_dns(ev, "host", name, "AAAA", "ok", "2001:db8::25");
	built_dns(ev, "host", name, "A", "servfail", NULL);
	built_session(ev, "main", name, "2001:db8::25", 587, "refused");
}

static void good_until(struct evidence *ev, const char *from, const char *until, long left_s)
{
	healthy(ev);
	struct fact *cert = evidence_add(ev, FACT_CERT, 1, 0);
	cert->cert.not_before = from;
	cert->cert.not_after = until;
	cert->cert.left_s = left_s;
}

enum { DAY_S = 86400 };

static void ninety_days_ten_left(struct evidence *ev)
{
	good_until(ev, "2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z", 10 * DAY_S);
}

static void ninety_days_twenty_left(struct evidence *ev)
{
	good_until(ev, "2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z", 20 * DAY_S);
}

static void six_days_two_left(struct evidence *ev)
{
	good_until(ev, "2026-11-24T00:00:00Z", "2026-11-30T00:00:00Z", 2 * DAY_S);
}

static void a_year_fifteen_left(struct evidence *ev)
{
	good_until(ev, "2025-11-30T00:00:00Z", "2026-11-30T00:00:00Z", 15 * DAY_S);
}

static void time_not_known(struct evidence *ev)
{
	good_until(ev, "2025-11-30T00:00:00Z", "2026-11-30T00:00:00Z", 0);
}

static void deaf_resolver(struct evidence *ev)
{
	built_dns(ev, "host", name, "A", "timeout", NULL)->dns.elapsed_ms = 10500;
	tried(ev, "route", "fails");
}

static void two_views(struct evidence *ev)
{
	built_dns(ev, "host", name, "A", "ok", "198.51.100.25");
	built_dns(ev, "other-resolver", name, "A", "ok", "198.51.100.26");
	main_on(ev, 587, "refused");
}

static void two_views_and_well(struct evidence *ev)
{
	built_dns(ev, "host", name, "A", "ok", "198.51.100.25");
	built_dns(ev, "other-resolver", name, "A", "ok", "198.51.100.26");
	healthy(ev);
}

static const struct network_case {
	const char *what;
	void (*build)(struct evidence *ev);
	const char *findings;
} cases[] = {
	{ "all is well", healthy, "" },
	{ "silence", dropped, "tcp-timeout-drop:f" },
	{ "25 alone", dropped_on_25_only, "tcp-port25-blocked-isp:f" },
	{ "25 of that server alone", dropped_on_25_here_alone, "tcp-timeout-drop:f" },
	{ "that server alone", all_dropped_others_fine, "server-down:f" },
	{ "a bare host", bare_host_dropped, "tcp-timeout-drop:f" },
	{ "this computer only", this_computer_only, "tcp-port-blocked-this-machine:f" },
	{ "with the VPN only", vpn_only, "cn-vpn-or-location:f" },
	{ "everybody here", everybody_here, "cn-many-users-one-site:f" },
	{ "one user, all well", one_user_all_well, "cn-one-user-only:w" },
	{ "one user, and it works", one_user_but_it_works, "" },
	{ "a limit that passes", limit_passes, "tcp-concurrent-limit:f" },
	{ "a limit that stays", limit_stays, "banner-421-rate-per-ip:f" },
	{ "closed without a word", closed, "banner-eof:f" },
	{ "closed after TLS without a word", closed_after_tls, "banner-eof:f" },
	{ "expired", expired, "tls-cert-expired:f" },
	{ "expired by our clock", expired_by_our_clock, "client-clock-wrong:f" },
	{ "expired by every clock", expired_by_every_clock, "tls-cert-expired:f" },
	{ "others are expired too", others_expired_too, "client-clock-wrong:f" },
	{ "their clock is wrong", skewed_and_well, "" },
	{ "no way out", no_way_out, "socket-error-offline:f" },
	{ "a deaf resolver", deaf_resolver, "dns-timeout:f" },
	{ "half of a name's addresses", half_a_name, "dns-servfail:f" },
	{ "a name with IPv6 only", only_ipv6, "tcp-unreachable-icmp:f" },
	{ "half of a name's addresses, and refused", half_a_name_and_refused, "tcp-refused:f" },
	{ "90 days, 10 left", ninety_days_ten_left, "tls-cert-ends-soon:w" },
	{ "90 days, 20 left", ninety_days_twenty_left, "" },
	{ "6 days, 2 left", six_days_two_left, "" },
	{ "a year, 15 days left", a_year_fifteen_left, "" },
	{ "a certificate of older evidence", time_not_known, "" },
	{ "two resolvers, two addresses", two_views, "dns-resolver-differs:f" },
	{ "two resolvers, and all is well", two_views_and_well, "dns-resolver-differs:n" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", name);
		cases[i].build(ev);
		const char *found = built_findings(ev, a);
		if (strcmp(found, cases[i].findings) != 0)
			fail_msg("%s: found \"%s\", wanted \"%s\"", cases[i].what, found, cases[i].findings);
	}
}

static void test_port_roles(void **state)
{
	static const struct {
		long port, role;
	} ports[] = { { 25, 25 },    { 587, 587 },   { 12587, 587 },  { 2465, 465 },
		      { 10025, 25 }, { 2525, 2525 }, { 12525, 2525 }, { 143, 0 },
		      { 225, 0 },    { 40587, 0 },   { 1025, 25 },    { 34567, 0 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		assert_int_equal(rule_port_role(ports[i].port), ports[i].role);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_port_roles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
