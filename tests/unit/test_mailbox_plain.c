/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mailbox_plain: the short way says what the long one says. */
#include "tests/unit/unit.h"

#include "mail/mailbox_plain.h"

/* Behind a comma there may be another address: that takes the long way. */
static void same_by_both_ways(const char *value, const struct mailbox_list *l, struct arena *a)
{
	struct mailbox_list longer;
	bool sound = mailbox_parse(a, str_of(arena_printf(a, "%s,", value)), &longer);
	if (!sound || l->n != 1 || longer.n != 1 || l->bad || l->completed != longer.completed)
		fail_msg("\"%s\": %s, %zu", value, longer.bad ? longer.bad : "sound", longer.n);
	assert_string_equal(l->v->name, longer.v->name);
	assert_string_equal(l->v->local, longer.v->local);
	assert_string_equal(l->v->domain, longer.v->domain);
	assert_string_equal(l->v->address, longer.v->address);
}

static const struct plain_case {
	const char *value;
	bool plain;
} cases[] = {
	{ "ann@example.com", true },
	{ "<ann@example.com>", true },
	{ "Ann <ann@example.com>", true },
	{ "Ann B. Lee <ann.lee+x@example.com>", true },
	{ "J\xc3\xbcrgen <j\xc3\xbcrgen@example.com>", true },
	{ "a-name-of-more-than-sixteen-bytes <an-address-of-more-too@a-domain-of-more.example>", true },
	{ "", false },
	{ "ann", false },
	{ "@example.com", false },
	{ "ann@", false },
	{ "<@relay.example:ann@example.com>", false },
	{ "\"Ann\" <ann@example.com>", false },
	{ "Ann  Lee <ann@example.com>", false },
	{ "Ann<ann@example.com>", false },
	{ "ann@example.com, bob@example.com", false },
	{ "ann@example.com (Ann)", false },
	{ "ann@example.com bob", false },
	{ "ann@[192.0.2.1]", false },
	{ ".ann@example.com", false },
	{ "ann..lee@example.com", false },
	{ "ann.@example.com", false },
	{ "ann@example.com>", false },
	{ "<ann@example.com", false },
	{ "ann @example.com", false },
	{ "a@b@example.com", false },
	{ "team: ann@example.com;", false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mailbox_list l;
		if (mailbox_plain(a, str_of(cases[i].value), &l) != cases[i].plain)
			fail_msg("\"%s\"", cases[i].value);
		if (cases[i].plain)
			same_by_both_ways(cases[i].value, &l, a);
	}
}

/* Texts of what addresses are made of; a generator of our own: the same on every machine. */
static void test_any(void **state)
{
	static const char *const parts[] = {
		"a", "bc", "a", "bc", "d",  "=",        "x",
		".", ".",  "@", "@",  "@",  "<",        "<",
		">", ">",  " ", " ",  "\"", "(",        ")",
		",", ":",  "[", "\t", "\\", "\xc3\xa9", "long-words-of-many-bytes"
	};
	uint64_t seed = 1;
	size_t plain = 0;
	(void)state;
	for (size_t i = 0; i < 400000; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mailbox_list l;
		char value[400] = "";
		for (size_t k = 0, n = 3 + (seed >> 40) % 7; k < n; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			strcat(value, parts[(seed >> 33) % ARRAY_LEN(parts)]);
		}
		if (!mailbox_plain(a, str_of(value), &l))
			continue;
		same_by_both_ways(value, &l, a);
		plain++;
	}
	assert_in_range(plain, 1000, 400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_any) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
