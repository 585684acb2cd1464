/* SPDX-License-Identifier: Apache-2.0 */
/* mail/taglist, mail/suffix and mail/ipaddr: what the policies are read with. */
#include "tests/unit/unit.h"

#include "mail/ipaddr.h"
#include "mail/suffix.h"
#include "mail/taglist.h"

static const struct {
	const char *text;
	bool sound;
	size_t tags;
	const char *b; /* value of b= */
} list_cases[] = {
	{ "a=1; b=2", true, 2, "2" },
	{ "a=1;b=2;", true, 2, "2" },
	{ " a = 1 ;\r\n\tb = 2 3 ; ", true, 2, "2 3" },
	{ "b=", true, 1, "" },
	{ "b=x=y", true, 1, "x=y" },
	{ "", true, 0, "" },
	{ "a=1;;b=2", false, 2, "2" },
	{ "a=1; rubbish; b=2", false, 2, "2" },
	{ "b=1; b=2", false, 2, "1" },
	{ "=x; b=2", false, 2, "2" },
	{ "1a=x", false, 1, "" },
};

static void test_taglist(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list_cases); i++) {
		struct taglist l;
		struct str b;
		assert_int_equal(taglist_parse(str_of(list_cases[i].text), &l), list_cases[i].sound);
		assert_int_equal(l.n, list_cases[i].tags);
		taglist_get(&l, "b", false, &b);
		assert_true(str_eq(b, list_cases[i].b));
		assert_int_equal(taglist_get(&l, "B", false, &b), false);
	}
}

static const struct {
	const char *name, *registered; /* NULL: a public suffix itself */
} suffix_cases[] = {
	{ "a.b.example.com", "example.com" },
	{ "Example.COM.", "example.com" },
	{ "mail.example.co.uk", "example.co.uk" },
	{ "co.uk", NULL },
	{ "com", NULL },
	{ "me.github.io", "me.github.io" },
};

static void test_suffix(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(suffix_cases); i++) {
		const char *got = suffix_registered(a, suffix_cases[i].name);
		assert_int_equal(suffix_is_public(suffix_cases[i].name), !suffix_cases[i].registered);
		if (suffix_cases[i].registered)
			assert_string_equal(got, suffix_cases[i].registered);
		else
			assert_null(got);
	}
}

static const struct {
	const char *ip, *net;
	unsigned bits;
	bool in;
} net_cases[] = {
	{ "192.0.2.9", "192.0.2.0", 24, true },         { "192.0.3.9", "192.0.2.0", 24, false },
	{ "192.0.2.129", "192.0.2.128", 25, true },     { "192.0.2.127", "192.0.2.128", 25, false },
	{ "203.0.113.1", "192.0.2.0", 0, true },        { "192.0.2.1", "192.0.2.1", 32, true },
	{ "192.0.2.1", "192.0.2.1", 33, false },        { "2001:db8::1", "2001:db8::", 64, true },
	{ "2001:db8:0:1::1", "2001:db8::", 64, false }, { "2001:db8::1", "192.0.2.0", 0, false },
	{ "2001:db8::1", "2001:db8::1", 128, true },
};

static void test_nets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(net_cases); i++) {
		struct ipaddr ip, net;
		assert_true(ipaddr_read(str_of(net_cases[i].ip), &ip));
		assert_true(ipaddr_read(str_of(net_cases[i].net), &net));
		assert_int_equal(ipaddr_in(&ip, &net, net_cases[i].bits), net_cases[i].in);
	}
	static const char *const bad[] = {
		"", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", ":::", "::1%eth0"
	};
	struct ipaddr ip;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(ipaddr_read(str_of(bad[i]), &ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taglist),
		cmocka_unit_test(test_suffix),
		cmocka_unit_test(test_nets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
