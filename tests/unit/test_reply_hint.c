/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_hint.h"

#include <string.h>

#include "tests/unit/unit.h"

/* Beside the one rule that always fits. */
static size_t hints_of(const char *folded, unsigned code, struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	struct reply_hint_text t = { { folded, strlen(folded) }, code, { 0 } };
	out[0] = (struct reply_meaning){ finding_entry_find("unknown-reply"), 0.2, "" };
	return reply_hints_weigh(&t, out, 1);
}

/* Words that no rule holds in this order. */
static const struct hint_case {
	const char *folded;
	unsigned code;
	const char *class; /* unknown: the words say nothing */
} hint_cases[] = {
	{ "quota of the mailbox", 552, "mailbox-full" },
	{ "relay, relaying", 550, "relay-denied" },
	{ "curl: connection was", 421, "network" },
	{ "curl: connection", 0, "unknown" }, /* no sign of a refusal, and too little to go by */
	{ "xyzzy plugh", 0, "unknown" },
	{ "quota", 552, "unknown" }, /* one word is too little */
	{ "", 0, "unknown" },
	{ "https://example.com/quota/mailbox", 0, "unknown" }, /* a link says nothing */
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hint_cases); i++) {
		const struct hint_case *c = &hint_cases[i];
		struct reply_meaning out[REPLY_MEANINGS_MAX];
		size_t n = hints_of(c->folded, c->code, out);
		assert_true(n > 0);
		assert_string_equal(out[0].entry->class, c->class);
		assert_true(out[0].confidence <= REPLY_HINT_MOST);
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

static const struct finding_entry *full, *other;

/* The words of `text` beside two rules of classes as sure as these: what is best then, and how sure. */
static struct reply_meaning beside(const char *text, double sure_other, double sure_full)
{
	struct reply_meaning out[REPLY_MEANINGS_MAX] = { { other, sure_other, "a" },
							 { full, sure_full, "b" } };
	struct reply_hint_text t = { { text, strlen(text) }, 552, { 0 } };
	size_t n = reply_hints_weigh(&t, out, 2);
	assert_true(n >= 2 && n <= REPLY_MEANINGS_MAX);
	for (size_t i = 1; i < n; i++)
		assert_true(out[i].confidence <= out[i - 1].confidence);
	return out[0];
}

/* The finding a rule named stays; the words decide between rules nearly as sure. */
static void test_beside_rules(void **state)
{
	(void)state;
	full = finding_entry_find("rcpt-mailbox-full");
	other = finding_entry_find("rcpt-policy-refused");
	struct reply_meaning near = beside("quota of the mailbox", 0.65, 0.6);
	assert_ptr_equal(near.entry, full);
	assert_string_equal(near.pattern, "b");
	assert_true(near.confidence > 0.3 && near.confidence < 1);
	assert_ptr_equal(beside("quota of the mailbox", 0.99, 0.2).entry, other);
}

/* Of rules nearly as sure; and what no reply says, as a setting, is left alone. */
static void test_choose(void **state)
{
	(void)state;
	const struct finding_entry *setting = finding_entry_find("explain-obsolete-or-wrong-advice");
	struct reply_hint_text t = { { "quota of the mailbox", 20 }, 552, { 0 } };
	struct reply_meaning out[REPLY_MEANINGS_MAX] = { { other, 0.87, "a" },
							 { full, 0.85, "b" },
							 { setting, 0.8, "c" } };
	reply_hints_choose(&t, out, 3, 0.05);
	assert_ptr_equal(out[0].entry, full);
	assert_ptr_equal(out[1].entry, other);
	assert_ptr_equal(out[2].entry, setting);
	assert_true(out[0].confidence == 0.87 && out[1].confidence == 0.87 && out[2].confidence == 0.8);
	struct reply_meaning far[REPLY_MEANINGS_MAX] = { { other, 0.87, "a" }, { full, 0.8, "b" } };
	reply_hints_choose(&t, far, 2, 0.05);
	assert_ptr_equal(far[0].entry, other);
	struct reply_meaning not_said[REPLY_MEANINGS_MAX] = { { setting, 0.87, "a" }, { full, 0.86, "b" } };
	reply_hints_choose(&t, not_said, 2, 0.05);
	assert_ptr_equal(not_said[0].entry, setting);
	assert_int_equal(reply_hints_weigh(&t, not_said, 2), 2);
	assert_true(not_said[0].confidence == 0.87);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_beside_rules),
		cmocka_unit_test(test_choose),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
