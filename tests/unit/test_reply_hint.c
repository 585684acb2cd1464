/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_hint.h"

#include <string.h>

#include "tests/unit/unit.h"

static size_t hints_of(const char *folded, unsigned code, struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	struct reply_hint_text t = { { folded, strlen(folded) }, code, { 0 } };
	return reply_hints_add(&t, out, 0);
}

/* Words that no rule holds in this order. */
static const struct hint_case {
	const char *folded;
	unsigned code;
	const char *class; /* "" none */
} hint_cases[] = {
	{ "quota of the mailbox", 552, "mailbox-full" },
	{ "relay, relaying", 550, "relay-denied" },
	{ "curl: connection was", 0, "network" },
	{ "xyzzy plugh", 0, "" },
	{ "quota", 552, "" }, /* one word is too little */
	{ "", 0, "" },
	{ "https://example.com/quota/mailbox", 0, "" }, /* a link says nothing */
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hint_cases); i++) {
		const struct hint_case *c = &hint_cases[i];
		struct reply_meaning out[REPLY_MEANINGS_MAX];
		size_t n = hints_of(c->folded, c->code, out);
		assert_string_equal(n ? out[0].entry->class : "", c->class);
		assert_true(!n || out[0].confidence <= REPLY_HINT_MOST);
	}
}

/* An address is an address, and a word said again says no more. */
static const struct {
	const char *one, *other;
} alike[] = {
	{ "relay denied for a@example.org", "relay denied for <b@example.net>" },
	{ "relay denied for [192.0.2.1]:25", "relay denied for 198.51.100.7" },
	{ "mailbox 5 quota", "mailbox 'quota" },
	{ "quota mailbox quota mailbox", "quota mailbox quota" },
};

static void test_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(alike); i++) {
		struct reply_meaning a[REPLY_MEANINGS_MAX], b[REPLY_MEANINGS_MAX];
		size_t n = hints_of(alike[i].one, 550, a);
		assert_true(n > 0);
		assert_int_equal(n, hints_of(alike[i].other, 550, b));
		for (size_t k = 0; k < n; k++) {
			assert_ptr_equal(a[k].entry, b[k].entry);
			assert_true(a[k].confidence == b[k].confidence);
		}
	}
}

/* The finding a rule named stays; its class becomes likelier, but not sure; the rest keeps its order. */
static void test_beside_rules(void **state)
{
	(void)state;
	const struct finding_entry *full = finding_entry_find("rcpt-mailbox-full"),
				   *other = finding_entry_find("rcpt-policy-refused");
	struct reply_meaning out[REPLY_MEANINGS_MAX] = { { other, 0.42, "a" }, { full, 0.4, "b" } };
	struct reply_hint_text t = { { "quota of the mailbox", 20 }, 552, { 0 } };
	size_t n = reply_hints_add(&t, out, 2);
	assert_true(n >= 2 && n <= REPLY_MEANINGS_MAX);
	assert_ptr_equal(out[0].entry, full);
	assert_string_equal(out[0].pattern, "b");
	assert_true(out[0].confidence > 0.4 && out[0].confidence <= REPLY_HINT_MOST);
	for (size_t i = 1; i < n; i++)
		assert_true(out[i].confidence <= out[i - 1].confidence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_beside_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
