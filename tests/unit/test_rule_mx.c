/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static void no_such_domain(struct evidence *ev)
{
	built_mx(ev, "nxdomain", NULL);
}

static void null_mx(struct evidence *ev)
{
	built_mx(ev, "ok", "0 .");
}

static void null_and_others(struct evidence *ev)
{
	built_mx(ev, "ok", "0 .|10 a.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
}

static void implicit_and_well(struct evidence *ev)
{
	built_mx(ev, "nodata", NULL);
	built_mx_host(ev, "example.net", "198.51.100.80");
	built_mx_dialogue(ev, "main", "example.net", "198.51.100.80");
}

static void implicit_and_closed(struct evidence *ev)
{
	built_mx(ev, "nodata", NULL);
	built_mx_host(ev, "example.net", "198.51.100.80");
	built_session(ev, "main", "example.net", "198.51.100.80", 25, "refused");
}

static void implicit_without_address(struct evidence *ev)
{
	built_mx(ev, "nodata", NULL);
	built_mx_host(ev, "example.net", NULL);
}

static void alias(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_dns(ev, "mx-host", "a.example.net", "A", "ok", "198.51.100.25")->dns.cname = "real.example.org";
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
}

static void digits(struct evidence *ev)
{
	built_mx(ev, "ok", "10 198.51.100.25");
}

static void target_missing(struct evidence *ev)
{
	built_mx(ev, "ok", "10 gone.example.net");
	built_mx_host(ev, "gone.example.net", NULL);
}

static void one_target_missing(struct evidence *ev)
{
	built_mx(ev, "ok", "10 gone.example.net|20 b.example.net");
	built_mx_host(ev, "gone.example.net", NULL);
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	built_mx_dialogue(ev, "main", "b.example.net", "198.51.100.26");
}

static void target_servfail(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_dns(ev, "mx-host", "a.example.net", "A", "servfail", NULL);
	built_dns(ev, "mx-host", "a.example.net", "AAAA", "nodata", NULL);
}

static void private_and_silent(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_mx_host(ev, "a.example.net", "10.1.2.3");
	built_session(ev, "main", "a.example.net", "10.1.2.3", 25, "timeout");
}

static void loopback_and_refused(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_mx_host(ev, "a.example.net", "127.0.0.1");
	built_session(ev, "main", "a.example.net", "127.0.0.1", 25, "refused");
}

static void loopback_from_outside(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_mx_host(ev, "a.example.net", "127.0.0.1");
	built_mx_dialogue(ev, "main", "a.example.net", "127.0.0.1");
}

static void world_on_loopback(struct evidence *ev)
{
	loopback_from_outside(ev);
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_DNS)
			ev->facts[i]->dns.resolver = "127.0.0.1:5353";
}

static void first_dead(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	built_session(ev, "mx", "a.example.net", "198.51.100.25", 25, "refused");
	built_mx_dialogue(ev, "main", "b.example.net", "198.51.100.26");
}

static void equals_one_dead(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net|10 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	built_session(ev, "mx", "a.example.net", "198.51.100.25", 25, "refused");
	built_mx_dialogue(ev, "main", "b.example.net", "198.51.100.26");
}

/* b takes nothing at that address, or within that time. */
static void second_dead(struct evidence *ev, const char *address, const char *result, long ms)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", address);
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
	built_session(ev, "mx", "b.example.net", address, 25, result);
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_CONNECT && !strcmp(ev->facts[i]->connect.address, address))
			ev->facts[i]->connect.elapsed_ms = ms;
}

static void second_refuses(struct evidence *ev)
{
	second_dead(ev, "198.51.100.26", "refused", 1);
}

static void second_silent(struct evidence *ev)
{
	second_dead(ev, "198.51.100.26", "timeout", 3000);
}

static void second_not_waited_for(struct evidence *ev)
{
	second_dead(ev, "198.51.100.26", "timeout", 40);
}

static void second_by_a_way_we_lack(struct evidence *ev)
{
	second_dead(ev, "2001:db8::26", "timeout", 3000);
}

/* Of its two kinds of address, with those answers. */
static void second_looked_up(struct evidence *ev, const char *a4, const char *a6)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
	built_dns(ev, "mx-host", "b.example.net", "AAAA", a6, NULL);
	built_dns(ev, "mx-host", "b.example.net", "A", a4, NULL);
}

static void second_unknown(struct evidence *ev)
{
	second_looked_up(ev, "servfail", "nodata");
}

static void second_unknown_by_ipv6(struct evidence *ev)
{
	second_looked_up(ev, "nodata", "servfail");
}

static void second_says(struct evidence *ev, long code, const char *text)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
	unsigned no = built_session(ev, "mx", "b.example.net", "198.51.100.26", 25, "ok");
	built_reply(ev, no, "banner", code, text);
}

static void second_turns_away(struct evidence *ev)
{
	second_says(ev, 554, "no");
}

static void second_names_a_list(struct evidence *ev)
{
	second_says(ev, 554, "Your IP address 192.0.2.1 is listed at zen.spamhaus.org");
}

/* The first is up and says nothing, or says that it is busy: no mail arrives there either. */
static void none_greets(struct evidence *ev, long code)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	unsigned no = built_session(ev, "main", "a.example.net", "198.51.100.25", 25, "ok");
	if (code)
		built_reply(ev, no, "banner", code, "4.3.2 busy, try again later");
	built_session(ev, "mx", "b.example.net", "198.51.100.26", 25, "refused");
}

static void first_mute(struct evidence *ev)
{
	none_greets(ev, 0);
}

static void first_busy(struct evidence *ev)
{
	none_greets(ev, 421);
}

static void all_unknown(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_dns(ev, "mx-host", "a.example.net", "A", "servfail", NULL);
	built_dns(ev, "mx-host", "b.example.net", "A", "timeout", NULL);
}

static void name_servers_differ(struct evidence *ev)
{
	built_two_mx(ev);
	built_dns(ev, "authority", "example.net", "MX", "ok", "20 b.example.net|10 A.example.net");
	built_dns(ev, "authority", "example.net", "MX", "ok", "10 old.example.org");
}

static void name_servers_agree(struct evidence *ev)
{
	built_two_mx(ev);
	built_dns(ev, "authority", "example.net", "MX", "ok", "20 b.example.net|10 A.example.net");
	built_dns(ev, "authority", "example.net", "MX", "ok", "10 a.example.net|20 b.example.net");
	built_dns(ev, "authority", "example.net", "MX", "timeout", NULL);
	built_dns(ev, "authority", "example.net", "MX", "refused", NULL);
}

static void moved(struct evidence *ev, const char *outcome)
{
	built_mx(ev, "ok", "10 a.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_session(ev, "main", "a.example.net", "198.51.100.25", 25, "refused");
	built_dns(ev, "authority", "a.example.net", "A", "ok", "198.51.100.99");
	built_session(ev, "new-address", "a.example.net", "198.51.100.99", 25, "ok");
	struct fact *f = evidence_add(ev, FACT_EXPERIMENT, 0, 0);
	f->experiment.name = "new-address";
	f->experiment.outcome = outcome;
}

static void stale_answer(struct evidence *ev)
{
	moved(ev, "works");
}

static void other_answer_no_better(struct evidence *ev)
{
	moved(ev, "fails");
}

static const struct mx_case {
	const char *name;
	void (*build)(struct evidence *ev);
	const char *findings;
} cases[] = {
	{ "healthy", built_two_mx, "" },
	{ "no such domain", no_such_domain, "dns-nxdomain-recipient-domain:f" },
	{ "null MX", null_mx, "mx-null:f" },
	{ "null MX and another", null_and_others, "mx-null-plus-others:f" },
	{ "no MX, the address takes mail", implicit_and_well, "mx-none-implicit-a:w" },
	{ "no MX, the address is closed", implicit_and_closed, "mx-none-implicit-a:f" },
	{ "no MX, no address", implicit_without_address, "mx-none-implicit-a:f" },
	{ "an alias", alias, "mx-to-cname:w" },
	{ "digits", digits, "mx-to-ip-literal:f" },
	{ "target missing", target_missing, "mx-target-missing:f" },
	{ "one of two missing", one_target_missing, "mx-target-missing:w" },
	{ "target not known", target_servfail, "dns-servfail:f" },
	{ "private, silent", private_and_silent, "mx-to-loopback-or-private:f" },
	{ "loopback, closed", loopback_and_refused, "mx-to-loopback-or-private:f" },
	{ "loopback seen outside", loopback_from_outside, "mx-to-loopback-or-private:w" },
	{ "a world on loopback", world_on_loopback, "mx-to-loopback-or-private:n" },
	{ "first dead", first_dead, "mx-nolisting:n" },
	{ "one of equals dead", equals_one_dead, "mx-host-down:w" },
	{ "the second refuses", second_refuses, "mx-host-down:w" },
	{ "the second is silent", second_silent, "mx-host-down:w" },
	{ "the second, our time ended", second_not_waited_for, "" },
	{ "the second, by a way we lack", second_by_a_way_we_lack, "" },
	{ "the second turns callers away", second_turns_away, "mx-host-down:w" },
	{ "the second names a list we are on", second_names_a_list, "" },
	{ "the first mute, the second refuses", first_mute, "" },
	{ "the first busy, the second refuses", first_busy, "rs-temporary-failure:f" },
	{ "the addresses of all fail", all_unknown, "dns-servfail:f" },
	{ "the second's address fails", second_unknown, "mx-host-down:w" },
	{ "the same where it can have IPv6 only", second_unknown_by_ipv6, "mx-host-down:w" },
	{ "name servers differ", name_servers_differ, "dns-name-server-inconsistent:w" },
	{ "name servers agree", name_servers_agree, "" },
	{ "an old answer in the cache", stale_answer, "dns-stale-after-move:f" },
	{ "another answer, dead too", other_answer_no_better, "tcp-refused:f" },
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

/* Beside a server for sending, the MX of the address's domain is not the question. */
static void test_not_for_submission(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("host", "smtp.example.net");
	built_target(ev)->domain = "example.net";
	null_mx(ev);
	assert_string_equal(built_findings(ev, a), "");
}

static const struct {
	const char *domain, *status, *mx;
	long code;
	const char *findings;
} recipient_cases[] = {
	{ "shop.biz", "ok", "10 mx.shop.biz", 250, "" },
	{ "shop.biz", "nodata", NULL, 250, "" },
	{ "shop.biz", "servfail", NULL, 250, "" },
	{ "shop.biz", "nxdomain", NULL, 250, "dns-nxdomain-recipient-domain:f" },
	{ "shop.biz", "ok", "0 .", 250, "mx-null:f" },
	{ "shop.biz", "nxdomain", NULL, 0, "" }, /* never asked: another step failed */
	{ "shop.example", "nxdomain", NULL, 250, "dns-nxdomain-recipient-domain:w" },
	{ "shop.example", "nxdomain", NULL, 550, "rcpt-user-unknown:f" },
};

static void test_recipient_domains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(recipient_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(evidence_free) struct evidence *ev = built_for("host", "smtp.example.net");
		const char *to = arena_printf(a, "orders@%s", recipient_cases[i].domain);
		strlist_add(&built_target(ev)->to, ev->arena, to);
		unsigned no = built_session(ev, "main", "smtp.example.net", "198.51.100.25", 587, "ok");
		built_reply(ev, no, "banner", 220, "smtp.example.net ESMTP");
		built_target(ev)->from = "me@example.net";
		if (recipient_cases[i].code)
			built_reply(ev, no, "rcpt", recipient_cases[i].code,
				    recipient_cases[i].code == 250 ? "ok" : "5.1.1 User unknown")
				->reply.recipient = to;
		built_dns(ev, "to-domain", recipient_cases[i].domain, "MX", recipient_cases[i].status,
			  recipient_cases[i].mx);
		const char *got = built_findings(ev, a);
		if (strcmp(got, recipient_cases[i].findings) != 0)
			fail_msg("case %zu: got \"%s\", not \"%s\"", i, got, recipient_cases[i].findings);
	}
}

static void test_texts(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("domain", "example.net");
	target_missing(ev);
	assert_non_null(strstr(built_texts(ev, "mx-target-missing", a), "gone.example.net"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_not_for_submission),
		cmocka_unit_test(test_recipient_domains),
		cmocka_unit_test(test_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
