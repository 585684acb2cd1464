/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "lab/run.h"
#include "lab/spec.h"

static const char text[] =
	"setup \"base\" {\n"
	"  zone = { \"a.example. A 192.0.2.1\", \"a.example. MX 10 a.example.\" }\n"
	"  server \"s\" { listen = \"192.0.2.1:25\" mail = \"550 no\" rcpt = { \"451 x\" } }\n"
	"}\n"
	"scenario \"one\" {\n"
	"  about = 'it is'\n"
	"  use = \"base\"\n"
	"  check = { \"a.example\" }\n"
	"  must = { \"x-root\", \"x-more\" }\n"
	"  never = \"x-other\"\n"
	"  verdict = \"failing\"\n"
	"  zone = { \"A.example A !servfail\" }\n"
	"  server \"s\" { mail = \"\"  dot = \"554 spam\" }\n"
	"  server \"t\" { listen = \"192.0.2.2:25\" }\n"
	"}\n";

static void clear_library(struct spec_library *l)
{
	spec_library_clear(l);
}

static void test_merge(void **state)
{
	(void)state;
	CLEANUP(clear_library) struct spec_library l = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	assert_true(spec_read(&l, "x.lab", str_of(text), &e));
	const struct spec *one = spec_find(&l, "one", false);
	assert_non_null(one);
	assert_int_equal(one->top.line, 5);
	struct spec *m = spec_merge(&l, one, a, &e);
	assert_non_null(m);
	const struct strlist *zone = spec_list(&m->top, "zone");
	assert_int_equal(zone->n, 2);
	assert_string_equal(zone->v[0], "a.example. MX 10 a.example.");
	assert_string_equal(zone->v[1], "A.example A !servfail");
	assert_int_equal(m->n, 2);
	const struct spec_section *s = &m->sections[0];
	assert_string_equal(spec_text(s, "listen", ""), "192.0.2.1:25");
	assert_int_equal(spec_list(s, "mail")->n, 0);
	assert_string_equal(spec_text(s, "rcpt", ""), "451 x");
	assert_string_equal(spec_text(s, "dot", ""), "554 spam");
}

static const struct bad_case {
	const char *text, *where, *why;
} bad_cases[] = {
	{ "scenario \"a\" {\n  verdict = fine\n}\n", "x.lab:2", "must be one of" },
	{ "scenario \"a\" {\n\n  colour = red\n}\n", "x.lab:3", "colour" },
	{ "scenario \"a\" {\n  server \"s\" {\n  rcpt = \"boom\" }\n}\n", "x.lab:3", "unknown action" },
	{ "scenario \"a\" {\n  zone = \"x A y\"\n}\n", "x.lab:2", "no record" },
	{ "scenario \"a\" {\n  timeout = long\n}\n", "x.lab:2", "no time" },
	{ "scenario \"a\" { }\nscenario \"a\" { }\n", "x.lab:2", "" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		CLEANUP(clear_library) struct spec_library l = { 0 };
		struct err e = { 0 };
		char words[512];
		assert_false(spec_read(&l, "x.lab", str_of(bad_cases[i].text), &e));
		err_text(&e, words, sizeof(words));
		if (!strstr(words, bad_cases[i].where) || !strstr(words, bad_cases[i].why))
			fail_msg("%zu: %s", i, words);
	}
}

static void test_unknown_setup(void **state)
{
	(void)state;
	CLEANUP(clear_library) struct spec_library l = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	assert_true(spec_read(&l, "x.lab", STR_LIT("scenario \"a\" { use = \"nobody\" }"), &e));
	assert_null(spec_merge(&l, &l.all[0], a, &e));
	assert_non_null(strstr(e.what, "nobody"));
}

static const struct judge_case {
	const char *json;
	const char *reason; /* NULL: as demanded by scenario "one" */
} judge_cases[] = {
	{ "{\"verdict\":\"failing\",\"findings\":[{\"id\":\"x-root\",\"severity\":\"failure\"},"
	  "{\"id\":\"x-more\",\"severity\":\"warning\"}]}",
	  NULL },
	{ "{\"verdict\":\"failing\",\"findings\":[{\"id\":\"x-more\",\"severity\":\"failure\"},"
	  "{\"id\":\"x-root\",\"severity\":\"failure\"}]}",
	  "the root is x-more" },
	{ "{\"verdict\":\"failing\",\"findings\":[{\"id\":\"x-root\",\"severity\":\"failure\"}]}",
	  "x-more is missing" },
	{ "{\"verdict\":\"failing\",\"findings\":[{\"id\":\"x-root\",\"severity\":\"failure\"},"
	  "{\"id\":\"x-more\",\"severity\":\"failure\"},{\"id\":\"x-other\",\"severity\":\"failure\"}]}",
	  "x-other must not" },
	{ "{\"verdict\":\"ok\",\"findings\":[{\"id\":\"x-root\",\"severity\":\"failure\"},"
	  "{\"id\":\"x-more\",\"severity\":\"warning\"},{\"id\":\"x-other\",\"severity\":\"note\"}]}",
	  "the verdict is ok" },
	{ "{}", "no findings" },
	{ "nonsense", "no JSON" },
};

static void test_judge(void **state)
{
	(void)state;
	CLEANUP(clear_library) struct spec_library l = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_true(spec_read(&l, "x.lab", str_of(text), NULL));
	const struct spec *one = spec_find(&l, "one", false);
	for (size_t i = 0; i < ARRAY_LEN(judge_cases); i++) {
		const char *r = lab_judge(&one->top, str_of(judge_cases[i].json), a);
		if (!r != !judge_cases[i].reason || (r && !strstr(r, judge_cases[i].reason)))
			fail_msg("%zu: %s", i, r ? r : "passed");
	}
}

/* A scenario without `must` is a healthy one. */
static void test_judge_healthy(void **state)
{
	(void)state;
	CLEANUP(clear_library) struct spec_library l = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_true(spec_read(&l, "x.lab", STR_LIT("scenario \"h\" { check = \"x\" }"), NULL));
	const char *r = lab_judge(&l.all[0].top,
				  str_of("{\"findings\":[{\"id\":\"y\",\"severity\":\"failure\"}]}"), a);
	assert_non_null(r);
	assert_null(lab_judge(&l.all[0].top,
			      str_of("{\"findings\":[{\"id\":\"y\",\"severity\":\"warning\"}]}"), a));
}

static void test_built_in(void **state)
{
	(void)state;
	CLEANUP(clear_library) struct spec_library l = { 0 };
	struct err e = { 0 };
	char words[512];
	if (!spec_library_load(NULL, &l, &e))
		fail_msg("%s", err_text(&e, words, sizeof(words)));
	for (size_t i = 0; i < l.n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		if (!spec_merge(&l, &l.all[i], a, &e))
			fail_msg("%s", err_text(&e, words, sizeof(words)));
	}
	assert_non_null(spec_find(&l, "submission", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),         cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_unknown_setup), cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_healthy), cmocka_unit_test(test_built_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
