/* SPDX-License-Identifier: Apache-2.0 */
/* What a person's words may mean, and in which order that is looked for. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "show/trace_query.h"

static const struct {
	const char *words[4];
	const char *as; /* the tries, parted by "; " */
} plans[] = {
	{ { NULL }, "" },
	{ { "anna@kunde.example" },
	  "recipient anna@kunde.example; Message-ID anna@kunde.example; sender anna@kunde.example; recipient "
	  "beginning with anna@kunde.example" },
	{ { "@kunde.example" }, "recipient @kunde.example" },
	{ { "to:info@müller.example" }, "recipient info@müller.example" },
	{ { "@müller.example" }, "recipient @müller.example" },
	{ { "müller.example" },
	  "recipient müller.example; subject müller.example; recipient beginning with müller.example" },
	{ { "müller" }, "subject müller; recipient beginning with müller" },
	{ { "xn--mller-kva.xn--p1ai" },
	  "recipient xn--mller-kva.xn--p1ai; queue id there xn--mller-kva.xn--p1ai; subject "
	  "xn--mller-kva.xn--p1ai; recipient beginning with xn--mller-kva.xn--p1ai" },
	{ { "to:ü@kunde.example" }, "recipient ü@kunde.example" },
	{ { "anna*" }, "recipient anna*" },
	{ { "anna" }, "subject anna; recipient beginning with anna" },
	{ { "anna", "b" }, "subject anna, subject b" },
	{ { "a" }, "subject a" },
	{ { "anna", "-" }, "subject anna, subject -" },
	{ { "100%" }, "subject 100%; recipient beginning with 100%" },
	{ { "subject:anna" }, "subject anna" },
	{ { "kunde.example" },
	  "recipient kunde.example; subject kunde.example; recipient beginning with kunde.example" },
	{ { "<1@example.com>" }, "Message-ID <1@example.com>" },
	{ { "4XYZ12ab" }, "queue id there 4XYZ12ab; subject 4XYZ12ab; recipient beginning with 4XYZ12ab" },
	{ { "invoice", "4711" }, "subject invoice, subject 4711" },
	{ { "invoice", "RE-4711" },
	  "subject invoice, queue id there RE-4711; subject invoice, subject RE-4711" },
	{ { "1af3ze9s000bks48d1" },
	  "id 1af3ze9s000bks48d1; queue id there 1af3ze9s000bks48d1; subject 1af3ze9s000bks48d1; recipient "
	  "beginning with 1af3ze9s000bks48d1" },
	{ { "sender:app@example.com", "refused" },
	  "sender app@example.com, state refused; sender app@example.com, subject refused" },
	{ { "To:a@b.example", "from:c@d.example" }, "recipient a@b.example, sender c@d.example" },
	{ { "a@b.example", "c@d.example" },
	  "recipient a@b.example, Message-ID c@d.example; recipient a@b.example, sender c@d.example; "
	  "Message-ID "
	  "a@b.example, recipient c@d.example; Message-ID a@b.example, sender c@d.example; sender "
	  "a@b.example, "
	  "recipient c@d.example; sender a@b.example, Message-ID c@d.example" },
	{ { "http://x" }, "subject http://x" },
};

static void test_plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct trace_plan p;
		struct err e = { 0 };
		struct strlist as = { 0 };
		size_t n = 0;
		while (n < ARRAY_LEN(plans[i].words) && plans[i].words[n])
			n++;
		assert_true(trace_plan_of((char **)plans[i].words, n, a, &p, &e));
		for (size_t k = 0; k < p.n; k++)
			strlist_add(&as, a, p.v[k].as);
		const char *all = strlist_join(&as, a, "; ");
		if (strcmp(all, plans[i].as) != 0)
			fail_msg("%s: %s", plans[i].words[0], all);
	}
}

static void test_wrong_plans(void **state)
{
	(void)state;
	static const struct {
		const char *words[3];
		const char *mend;
	} cases[] = {
		{ { "state:gone" }, "handed-over" },
		{ { "to:" }, "has to stand there" },
		{ { "to:a@b.example", "to:c@d.example" }, "one recipient" },
		{ { "  " }, "has to stand there" },
		{ { "%" }, "letters or digits" },
		{ { "..." }, "letters or digits" },
		{ { "subject:???" }, "letters or digits" },
		{ { "%", "-" }, "letters or digits" },
		{ { "id:zzz" }, "18 letters and digits" },
		{ { "1af3ze9s000bks48d1", "1af3ze9s000bks48d2" }, "one id" },
		{ { "id:1af3ze9s000bks48d1", "to:a@b.example" }, "stands alone" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct trace_plan p;
		struct err e = { 0 };
		size_t n = cases[i].words[1] ? 2 : 1;
		assert_false(trace_plan_of((char **)cases[i].words, n, a, &p, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		if (!strstr(e.detail, cases[i].mend))
			fail_msg("%s: %s", cases[i].words[0], e.detail);
	}
}

/* Sixteen words that each may be three things are not looked at in all 43 million meanings. */
static void test_many_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct trace_plan p;
	struct err e = { 0 };
	char *words[TRACE_WORDS_MAX + 1];
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		words[i] = arena_printf(a, "a%zu@b.example", i);
	assert_false(trace_plan_of(words, TRACE_WORDS_MAX, a, &p, &e));
	assert_true(arena_used(a) < 4 * 1024 * 1024);
	err_clear(&e);
	assert_false(trace_plan_of(words, TRACE_WORDS_MAX + 1, a, &p, &e));
	err_clear(&e);
	for (size_t i = 0; i < TRACE_WORDS_MAX; i++)
		words[i] = arena_printf(a, "word%zu", i);
	assert_true(trace_plan_of(words, TRACE_WORDS_MAX, a, &p, &e));
	assert_true(p.n <= TRACE_TRIES_MAX);
}

/* Each form of a domain finds what was taken in the others. */
static void test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *given, *forms[STORE_FORMS_MAX];
	} cases[] = {
		{ "info@müller.example", { "info@xn--mller-kva.example", NULL } },
		{ "info@xn--mller-kva.example", { "info@müller.example", NULL } },
		{ "@XN--MLLER-KVA.example", { "@müller.example", NULL } },
		{ "@MÜLLER.example", { "@xn--mller-kva.example", "@müller.example" } },
		{ "ü@müller.example", { "ü@xn--mller-kva.example", NULL } },
		{ "\"a@b\"@müller.example", { "\"a@b\"@xn--mller-kva.example", NULL } },
		{ "ü@kunde.example", { NULL } },
		{ "anna@kunde.example", { NULL } },
		{ "anna@xn--99999999999.example", { NULL } },
		{ "@xn--.example", { NULL } },
		{ "anna@a b\xc3\xbc", { NULL } },
		{ "müller*", { NULL } },
		{ "", { NULL } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_query q = { .recipient = str_of(cases[i].given) };
		q.sender = q.recipient;
		trace_query_forms(&q, a);
		assert_true(str_eq(q.lane_own(STR_LIT("(filter=held=0===)m365")), "m365"));
		for (size_t k = 0; k < STORE_FORMS_MAX; k++) {
			const char *want = cases[i].forms[k] ? cases[i].forms[k] : "";
			if (!str_eq(q.recipient_forms[k], want) || !str_eq(q.sender_forms[k], want))
				fail_msg("%s: " STR_FMT, cases[i].given, STR_ARG(q.recipient_forms[k]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_wrong_plans),
		cmocka_unit_test(test_many_words),
		cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
