/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/dns_conf.h"
#include "net/dns_name.h"

static const struct {
	const char *text, *shown; /* shown NULL: refused */
	bool loopback;
} server_cases[] = {
	{ "192.0.2.53", "192.0.2.53:53", false },
	{ "127.0.0.1:5353", "127.0.0.1:5353", true },
	{ "::1", "[::1]:53", true },
	{ "[2001:db8::53]:853", "[2001:db8::53]:853", false },
	{ "[2001:db8::53]", "[2001:db8::53]:53", false },
	{ "", NULL, false },
	{ "resolver.example", NULL, false },
	{ "127.1", NULL, false },
	{ "192.0.2.53:", NULL, false },
	{ "192.0.2.53:0", NULL, false },
	{ "192.0.2.53:70000", NULL, false },
	{ "[::1", NULL, false },
	{ "[::1]x", NULL, false },
};

static void test_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(server_cases); i++) {
		struct dns_server s;
		print_message("  \"%s\"\n", server_cases[i].text);
		assert_int_equal(dns_server_read(server_cases[i].text, &s), server_cases[i].shown != NULL);
		if (!server_cases[i].shown)
			continue;
		assert_string_equal(s.text, server_cases[i].shown);
		assert_int_equal(s.loopback, server_cases[i].loopback);
	}
}

static const struct {
	const char *text;
	const char *servers[DNS_SERVERS_MAX];
} resolv_cases[] = {
	{ "", { "127.0.0.1:53" } },
	{ "# none\nsearch example\n", { "127.0.0.1:53" } },
	{ "nameserver 192.0.2.1\nnameserver 2001:db8::1 # second\r\noptions edns0\n",
	  { "192.0.2.1:53", "[2001:db8::1]:53" } },
	{ "nameserver not-an-address\n nameserver\t192.0.2.9", { "192.0.2.9:53" } },
	{ "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
	  { "192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53" } },
};

static void test_resolv_conf(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(resolv_cases); i++) {
		struct dns_server s[DNS_SERVERS_MAX];
		size_t n = dns_resolv_conf_read(str_of(resolv_cases[i].text), s), want = 0;
		for (; want < DNS_SERVERS_MAX && resolv_cases[i].servers[want]; want++)
			assert_true(want < n && !strcmp(s[want].text, resolv_cases[i].servers[want]));
		assert_int_equal(n, want);
	}
}

static const char hosts[] =
	"127.0.0.1 localhost\n# 192.0.2.66 mx.example\n"
	"192.0.2.7\tMX.example mx # old\n2001:db8::7 mx.example\nfe80::1%eth0 odd.example\n";

static void test_hosts(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist four = { 0 }, six = { 0 }, none = { 0 };
	assert_true(dns_hosts_find(str_of(hosts), "mx.example", "A", a, &four));
	assert_true(dns_hosts_find(str_of(hosts), "mx.example", "AAAA", a, &six));
	assert_int_equal(four.n, 1);
	assert_string_equal(four.v[0], "192.0.2.7");
	assert_int_equal(six.n, 1);
	assert_string_equal(six.v[0], "2001:db8::7");
	assert_true(dns_hosts_find(str_of(hosts), "mx", "AAAA", a, &none));
	assert_int_equal(none.n, 0);
	assert_false(dns_hosts_find(str_of(hosts), "old", "A", a, &none));
	assert_false(dns_hosts_find(str_of(hosts), "192.0.2.7", "A", a, &none));
}

static const struct {
	const char *name, *clean; /* clean NULL: refused */
} name_cases[] = {
	{ "MX.Example.", "mx.example" },
	{ "_dmarc.example.com", "_dmarc.example.com" },
	{ "b\xc3\xbc"
	  "cher.example",
	  "xn--bcher-kva.example" },
	{ "fa\xc3\x9f.example", "xn--fa-hia.example" },
	{ ".", "." },
	{ "", NULL },
	{ "a..b", NULL },
	{ ".a", NULL },
	{ "a b.example", NULL },
	{ "a\\.b", NULL },
	{ "a\nb", NULL },
	{ "\xff.example", NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", NULL },
};

static void test_names(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(name_cases); i++) {
		const char *why = NULL, *clean = dns_name_clean(name_cases[i].name, a, &why);
		print_message("  \"%s\": %s\n", name_cases[i].name, clean ? clean : why);
		assert_int_equal(clean != NULL, name_cases[i].clean != NULL);
		if (clean)
			assert_string_equal(clean, name_cases[i].clean);
		else
			assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_resolv_conf),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
