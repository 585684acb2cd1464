/* SPDX-License-Identifier: Apache-2.0 */
/* mail/fcrdns and mail/dnsbl: what the DNS says about a sending address. */
#include "tests/unit/unit.h"

#include "mail/dnsbl.h"
#include "mail/fcrdns.h"
#include "tests/unit/zone.h"

static const struct zone_record records[] = {
	{ "25.2.0.192.in-addr.arpa", "PTR", "mail.example.com." },
	{ "mail.example.com", "A", "192.0.2.25" },
	{ "26.2.0.192.in-addr.arpa", "PTR", "other.example.com" },
	{ "other.example.com", "A", "192.0.2.99" },
	{ "27.2.0.192.in-addr.arpa", "PTR", "192-0-2-27.pool.isp.example" },
	{ "192-0-2-27.pool.isp.example", "A", "192.0.2.27" },
	{ "28.2.0.192.in-addr.arpa", "PTR", "192-0-2-28.isp.example" },
	{ "28.2.0.192.in-addr.arpa", "PTR", "smtp.example.org" },
	{ "192-0-2-28.isp.example", "A", "192.0.2.28" },
	{ "smtp.example.org", "A", "192.0.2.28" },
	{ "29.2.0.192.in-addr.arpa", "TIMEOUT", "" },
	{ "30.2.0.192.in-addr.arpa", "PTR", "slow.example.org" },
	{ "slow.example.org", "TIMEOUT", "" },
	{ "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR",
	  "six.example.com" },
	{ "six.example.com", "AAAA", "2001:db8:0::25" },

	{ "2.0.0.127.good.bl.example", "A", "127.0.0.2" },
	{ "25.2.0.192.good.bl.example", "A", "127.0.0.2" },
	{ "25.2.0.192.good.bl.example", "A", "127.0.0.10" },
	{ "25.2.0.192.good.bl.example", "TXT", "see https://bl.example/192.0.2.25" },
	{ "26.2.0.192.good.bl.example", "TIMEOUT", "" },
	{ "test.names.bl.example", "A", "127.0.1.2" },
	{ "bad.example.names.bl.example", "A", "127.0.1.4" },
	{ "25.2.0.192.refusing.bl.example", "A", "127.255.255.254" },
	{ "2.0.0.127.refusing.bl.example", "A", "127.255.255.254" },
	{ "1.0.0.127.refusing.bl.example", "A", "127.255.255.254" },
	{ "25.2.0.192.limit.bl.example", "A", "127.0.0.1" },
	{ "25.2.0.192.parked.bl.example", "A", "203.0.113.80" },
	{ "2.0.0.127.parked.bl.example", "A", "203.0.113.80" },
	{ "1.0.0.127.parked.bl.example", "A", "203.0.113.80" },
	{ "25.2.0.192.wild.bl.example", "A", "127.0.0.2" },
	{ "2.0.0.127.wild.bl.example", "A", "127.0.0.2" },
	{ "1.0.0.127.wild.bl.example", "A", "127.0.0.2" },
};

static const struct {
	const char *ip, *helo;
	enum fcrdns_result result;
	const char *confirmed;
	bool helo_matches;
} ptr_cases[] = {
	{ "192.0.2.25", "mail.example.com", FCRDNS_OK, "mail.example.com", true },
	{ "192.0.2.25", "elsewhere.example", FCRDNS_OK, "mail.example.com", false },
	{ "::ffff:192.0.2.25", NULL, FCRDNS_OK, "mail.example.com", false },
	{ "2001:db8::25", NULL, FCRDNS_OK, "six.example.com", false },
	{ "192.0.2.26", NULL, FCRDNS_MISMATCH, "", false },
	{ "192.0.2.27", NULL, FCRDNS_GENERIC, "192-0-2-27.pool.isp.example", false },
	{ "192.0.2.28", NULL, FCRDNS_OK, "smtp.example.org", false },
	{ "192.0.2.28", "192-0-2-28.isp.example", FCRDNS_GENERIC, "192-0-2-28.isp.example", true },
	{ "192.0.2.29", NULL, FCRDNS_TEMPERROR, "", false },
	{ "192.0.2.30", NULL, FCRDNS_TEMPERROR, "", false },
	{ "192.0.2.31", NULL, FCRDNS_NONE, "", false },
};

static void test_ptr(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ptr_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zone z = { .arena = a };
		struct dns_wants w = { .arena = a };
		struct dns_view view = zone_view(&z);
		struct ipaddr ip;
		struct fcrdns_report r;
		zone_add_table(&z, records, ARRAY_LEN(records));
		assert_true(ipaddr_read(str_of(ptr_cases[i].ip), &ip));
		ZONE_RUN(&z, &w, fcrdns_check(a, &ip, ptr_cases[i].helo, &view, &w, &r));
		assert_string_equal(fcrdns_result_name(r.result), fcrdns_result_name(ptr_cases[i].result));
		assert_string_equal(r.confirmed, ptr_cases[i].confirmed);
		assert_int_equal(r.helo_matches, ptr_cases[i].helo_matches);
	}
}

static const struct {
	const char *name, *ip;
	bool generic;
} generic_cases[] = {
	{ "mail.example.com", "198.51.100.7", false },
	{ "mx7.example.com", "198.51.100.7", false },
	{ "mta-100-7.example.com", "198.51.100.7", false },
	{ "o1.ptr2345.sendgrid.net", "149.72.1.2", false },
	{ "mail-sor-f41.google.com", "209.85.220.41", false },
	{ "198-51-100-7.static.isp.example", "198.51.100.7", true },
	{ "7.100.51.198.dynamic.isp.example", "198.51.100.7", true },
	{ "static.198.51.100.7.clients.your-server.de", "198.51.100.7", true },
	{ "ec2-198-51-100-7.compute-1.amazonaws.com", "198.51.100.7", true },
	{ "p4fa63364.dip0.t-ipconnect.de", "198.51.100.7", false },
	{ "pC6336407.dip0.t-ipconnect.de", "198.51.100.7", true },
	{ "host198051100007.isp.example", "198.51.100.7", true },
	{ "dsl-pool-12.isp.example", "198.51.100.7", true },
	{ "poolside.example", "198.51.100.7", false },
	{ "carpool.example.com", "198.51.100.7", false },
	{ "2001-db8-0-0-0-0-0-25.isp.example", "2001:db8::25", false },
	{ "20010db8000000000000000000000025.isp.example", "2001:db8::25", true },
	{ "vps-1a2b3c4d.vps.example.net", "2001:db8::1a2b:3c4d", true },
};

static void test_generic(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(generic_cases); i++) {
		struct ipaddr ip;
		assert_true(ipaddr_read(str_of(generic_cases[i].ip), &ip));
		if (fcrdns_looks_generic(generic_cases[i].name, &ip) != generic_cases[i].generic)
			fail_msg("%s", generic_cases[i].name);
	}
}

static const struct {
	const char *subject, *zone;
	enum dnsbl_result result;
	bool proven;
	size_t answers;
	const char *reason;
} list_cases[] = {
	{ "192.0.2.25", "good.bl.example", DNSBL_LISTED, true, 2, "see https://bl.example/192.0.2.25" },
	{ "192.0.2.1", "good.bl.example", DNSBL_CLEAR, true, 0, "" },
	{ "192.0.2.26", "good.bl.example", DNSBL_TEMPERROR, true, 0, "" },
	{ "2001:db8::25", "good.bl.example.", DNSBL_CLEAR, true, 0, "" },
	{ "192.0.2.25", "dead.bl.example", DNSBL_CLEAR, false, 0, "" },
	{ "bad.example", "names.bl.example", DNSBL_LISTED, true, 1, "" },
	{ "fine.example", "names.bl.example", DNSBL_CLEAR, true, 0, "" },
	{ "192.0.2.25", "refusing.bl.example", DNSBL_REFUSED, false, 1,
	  "the list does not answer public resolvers" },
	{ "192.0.2.25", "limit.bl.example", DNSBL_REFUSED, false, 1,
	  "the list answers 127.0.0.1, which means blocked or over its limit" },
	{ "192.0.2.25", "parked.bl.example", DNSBL_WILDCARD, false, 1,
	  "the answer is no blocklist's: the resolver rewrites missing names, or the list is gone" },
	{ "192.0.2.25", "wild.bl.example", DNSBL_WILDCARD, false, 1,
	  "the list, or the resolver, answers for every name" },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zone z = { .arena = a };
		struct dns_wants w = { .arena = a };
		struct dns_view view = zone_view(&z);
		struct dnsbl_report r;
		zone_add_table(&z, records, ARRAY_LEN(records));
		ZONE_RUN(&z, &w, dnsbl_check(a, list_cases[i].subject, list_cases[i].zone, &view, &w, &r));
		assert_string_equal(dnsbl_result_name(r.result), dnsbl_result_name(list_cases[i].result));
		assert_int_equal(r.proven, list_cases[i].proven);
		assert_int_equal(r.answers.n, list_cases[i].answers);
		assert_string_equal(r.reason, list_cases[i].reason);
	}
}

static void test_names(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(dnsbl_name(a, "192.0.2.99", "zen.example"), "99.2.0.192.zen.example");
	assert_string_equal(dnsbl_name(a, "::ffff:192.0.2.99", "zen.example"), "99.2.0.192.zen.example");
	assert_string_equal(dnsbl_name(a, "2001:db8:1:2:3:4:567:89ab", "zen.example"),
			    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.zen.example");
	assert_string_equal(dnsbl_name(a, "bad.example.", "dbl.example"), "bad.example.dbl.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ptr),
		cmocka_unit_test(test_generic),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
