/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "lab/rule.h"

static const struct check_case {
	const char *text;
	const char *why; /* NULL: a rule; else what the reason must hold */
} check_cases[] = {
	{ "550 5.1.1 no", NULL },
	{ "to=*@x -> 550 no | close", NULL },
	{ "!login !tls -> 530 no", NULL },
	{ "header.Subject='free money' -> 554 spam", NULL },
	{ "sleep 2s | default", NULL },
	{ "drip 1s 220 slow", NULL },
	{ "expect", NULL },
	{ "seen<2 age<5s -> 451 later", NULL },
	{ "explode", "unknown action" },
	{ "550 no | ", "empty action" },
	{ "sleep", "no time" },
	{ "sleep soon", "no time" },
	{ "close now", "too much" },
	{ "send", "nothing after" },
	{ "colour=red -> close", "unknown condition" },
	{ "count>many -> close", "no number" },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(check_cases); i++) {
		char why[120] = "";
		bool ok = lab_rule_check(check_cases[i].text, why, sizeof(why));
		if (ok != !check_cases[i].why || (!ok && !strstr(why, check_cases[i].why)))
			fail_msg("\"%s\": %s", check_cases[i].text, ok ? "taken" : why);
	}
}

static const struct fit_case {
	const char *text, *pattern;
	bool fits;
} fit_cases[] = {
	{ "abc", "ABC", true },  { "abc", "a*", true },    { "abc", "*c", true },
	{ "abc", "a?c", true },  { "abc", "a?", false },   { "abc", "", false },
	{ "", "*", true },       { "", "", true },         { "aXbXc", "*x*x*", true },
	{ "abab", "*ab", true }, { "abac", "*ab", false }, { "a\nb", "a*b", true },
};

static void test_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fit_cases); i++)
		if (lab_fits(str_of(fit_cases[i].text), fit_cases[i].pattern) != fit_cases[i].fits)
			fail_msg("%s, %s", fit_cases[i].text, fit_cases[i].pattern);
}

static const char mail[] = "From: a@b\r\nSubject: get\r\n free money\r\nContent-Type: x; name=\"a b.EXE\"\r\n"
			   "\r\nSubject: not a header\r\nhello\r\n";
static const char bare[] = "From: a\r\n\r\none\ntwo\r\n";
static const char eight[] = "From: a\r\nFrom: b\r\n\r\n\303\251\r\n";

static const struct match_case {
	const char *rule, *message;
	bool fits;
} match_cases[] = {
	{ "to=*@b.example -> 250", NULL, true },
	{ "to=*@c.example -> 250", NULL, false },
	{ "!to=*@c.example -> 250", NULL, true },
	{ "from=a@b.example login -> 250", NULL, true },
	{ "tls -> 250", NULL, false },
	{ "count>2 -> 250", NULL, true },
	{ "count>3 -> 250", NULL, false },
	{ "count=3 -> 250", NULL, true },
	{ "seen<2 -> 250", NULL, true },
	{ "age<5s -> 250", NULL, true },
	{ "age>5s -> 250", NULL, false },
	{ "size>999 -> 250", NULL, true },
	{ "client=192.0.2.0/24 -> 250", NULL, true },
	{ "client=192.0.3.0/24 -> 250", NULL, false },
	{ "client=192.0.2.7 -> 250", NULL, true },
	{ "param=SIZE=* -> 250", NULL, true },
	{ "param=BODY=* -> 250", NULL, false },
	{ "token.aud=https://x* -> 250", NULL, true },
	{ "token.aud=https://y* -> 250", NULL, false },
	{ "wrong -> 250", NULL, true },
	{ "right -> 250", NULL, false },
	{ "header.Subject='*free money*' -> 250", mail, true },
	{ "header.Subject=*header* -> 250", mail, false },
	{ "attachment=*.exe -> 250", mail, true },
	{ "attachment=*.pdf -> 250", mail, false },
	{ "body=*hello* -> 250", mail, true },
	{ "headers.From=1 -> 250", mail, true },
	{ "headers.From>1 -> 250", eight, true },
	{ "headers.Date<1 -> 250", mail, true },
	{ "has=bare-lf -> 250", bare, true },
	{ "has=bare-lf -> 250", mail, false },
	{ "has=8bit -> 250", eight, true },
	{ "has=long-line -> 250", mail, false },
};

static void test_match(void **state)
{
	(void)state;
	const char *claims[] = { "aud=https://x/y" };
	const struct strlist claim_list = { claims, 1, 1 };
	for (size_t i = 0; i < ARRAY_LEN(match_cases); i++) {
		const struct match_case *c = &match_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct lab_moment m = { .client = "192.0.2.7",
					.from = "a@b.example",
					.to = "n@B.example",
					.params = "SIZE=1000 RET=HDRS",
					.login = true,
					.count = 3,
					.seen = 1,
					.size = 1000,
					.age_ms = 100,
					.claims = &claim_list };
		m.has_message = c->message != NULL;
		m.message = str_of(c->message);
		const char *v[] = { c->rule };
		const struct strlist l = { v, 1, 1 };
		struct lab_rules r = lab_rules_read(&l, a);
		assert_int_equal(r.n, 1);
		if ((lab_rules_pick(&r, &m, false) != NULL) != c->fits)
			fail_msg("%s", c->rule);
	}
}

static void test_first_fit_wins(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *v[] = { "start initial -> 501 no", "to=x -> 550 x", "451 other | close" };
	const struct strlist l = { v, 3, 3 };
	struct lab_rules r = lab_rules_read(&l, a);
	struct lab_moment m = { .to = "y", .initial = true };
	const struct lab_rule *hit = lab_rules_pick(&r, &m, false);
	assert_ptr_equal(hit, &r.v[2]);
	assert_int_equal(hit->nactions, 2);
	assert_string_equal(hit->actions[0].text, "451 other");
	assert_int_equal(hit->actions[1].act, ACT_CLOSE);
	assert_ptr_equal(lab_rules_pick(&r, &m, true), &r.v[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_first_fit_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
