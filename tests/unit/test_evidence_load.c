/* SPDX-License-Identifier: Apache-2.0 */
/* What a saved check may hold and what it may not, whoever wrote it. */
#include <string.h>

#include "base/buf.h"
#include "tests/unit/evidence_saved.h"

#define HEAD  "{\"schema\":1,\"started\":\"2026-11-21T08:49:38Z\",\"elapsed_ms\":1,"
#define CLOCK "{\"n\":1,\"t_ms\":1,\"kind\":\"clock\",\"session\":0"

static const struct {
	const char *name, *text;
	enum err_kind kind; /* ERR_NONE: loads */
	const char *what, *detail;
	size_t facts;
} load_cases[] = {
	{ "nothing inside", HEAD "\"facts\":[]}", ERR_NONE, "", "", 0 },
	{ "a check's document",
	  HEAD "\"tool\":\"x\",\"verdict\":\"ok\",\"facts\":[" CLOCK "}],\"findings\":[1]}", ERR_NONE, "", "",
	  1 },
	{ "unknown field", HEAD "\"facts\":[" CLOCK ",\"colour\":7}]}", ERR_NONE, "", "", 1 },
	{ "unknown kind", HEAD "\"facts\":[{\"kind\":\"aura\",\"n\":\"x\"}," CLOCK "}]}", ERR_NONE, "", "",
	  1 },
	{ "no numbers", HEAD "\"facts\":[{\"kind\":\"clock\"},{\"kind\":\"clock\"}]}", ERR_NONE, "", "", 2 },
	{ "empty file", "", ERR_SYNTAX, "case.json:1", "", 0 },
	{ "cut short", HEAD "\"facts\":[" CLOCK, ERR_SYNTAX, "case.json:1", "", 0 },
	{ "second line", "{\n\"a\" 1}", ERR_SYNTAX, "case.json:2", "':' expected near '1'", 0 },
	{ "not UTF-8", "{\"a\":\"\xff\"}", ERR_SYNTAX, "case.json:1", "", 0 },
	{ "a NUL in a text", HEAD "\"facts\":[" CLOCK ",\"ours\":\"\\u0000\"}]}", ERR_SYNTAX, "case.json:1",
	  "", 0 },
	{ "twice the same", HEAD "\"facts\":[],\"facts\":[]}", ERR_SYNTAX, "case.json:1",
	  "duplicate object key", 0 },
	{ "no object", "[]", ERR_SYNTAX, "case.json: ", "not an evidence file", 0 },
	{ "other JSON", "{\"a\":1}", ERR_SYNTAX, "case.json: schema", "not an evidence file", 0 },
	{ "later schema", "{\"schema\":2,\"started\":\"x\",\"facts\":[]}", ERR_SYNTAX, "case.json: schema",
	  "schema 1", 0 },
	{ "bad time", "{\"schema\":1,\"started\":\"now\",\"facts\":[]}", ERR_SYNTAX, "case.json: started",
	  "a time", 0 },
	{ "no facts", HEAD "\"fact\":[]}", ERR_SYNTAX, "case.json: facts", "a list", 0 },
	{ "facts no list", HEAD "\"facts\":{}}", ERR_SYNTAX, "case.json: facts", "a list", 0 },
	{ "fact no object", HEAD "\"facts\":[" CLOCK "},7]}", ERR_SYNTAX, "case.json: facts[1]", "an object",
	  0 },
	{ "no kind", HEAD "\"facts\":[{}]}", ERR_SYNTAX, "facts[0].kind", "a text", 0 },
	{ "text is a number", HEAD "\"facts\":[" CLOCK ",\"ours\":7}]}", ERR_SYNTAX, "facts[0] (clock).ours",
	  "a text", 0 },
	{ "number is a text", HEAD "\"facts\":[" CLOCK ",\"skew_s\":\"7\"}]}", ERR_SYNTAX,
	  "facts[0] (clock).skew_s", "a whole number", 0 },
	{ "number has a fraction", HEAD "\"facts\":[" CLOCK ",\"skew_s\":7.5}]}", ERR_SYNTAX,
	  "(clock).skew_s", "a whole number", 0 },
	{ "number too great", HEAD "\"facts\":[" CLOCK ",\"skew_s\":99999999999999999999}]}", ERR_SYNTAX,
	  "case.json:1", "", 0 },
	{ "null", HEAD "\"facts\":[" CLOCK ",\"ours\":null}]}", ERR_SYNTAX, "(clock).ours", "a text", 0 },
	{ "truth is a number", HEAD "\"facts\":[{\"kind\":\"dns\",\"secure\":1}]}", ERR_SYNTAX,
	  "(dns).secure", "true or false", 0 },
	{ "list is a text", HEAD "\"facts\":[{\"kind\":\"dns\",\"answers\":\"x\"}]}", ERR_SYNTAX,
	  "(dns).answers", "a list", 0 },
	{ "list of numbers", HEAD "\"facts\":[{\"kind\":\"dns\",\"answers\":[\"x\",1]}]}", ERR_SYNTAX,
	  "(dns).answers", "a list", 0 },
	{ "numbers fall", HEAD "\"facts\":[" CLOCK "}," CLOCK "}]}", ERR_SYNTAX, "facts[1] (clock).n",
	  "out of range", 0 },
	{ "number nought", HEAD "\"facts\":[{\"kind\":\"clock\",\"n\":0}]}", ERR_SYNTAX, "(clock).n",
	  "out of range", 0 },
	{ "session below nought", HEAD "\"facts\":[{\"kind\":\"clock\",\"session\":-1}]}", ERR_SYNTAX,
	  "(clock).session", "out of range", 0 },
	{ "direction", HEAD "\"facts\":[],\"transcript\":[{\"dir\":\"=\",\"text\":\"\"}]}", ERR_SYNTAX,
	  "transcript[0].dir", "< > *", 0 },
	{ "line no object", HEAD "\"facts\":[],\"transcript\":[\"x\"]}", ERR_SYNTAX, "transcript[0]",
	  "an object", 0 },
	{ "line without text", HEAD "\"facts\":[],\"transcript\":[{\"dir\":\"<\"}]}", ERR_SYNTAX,
	  "transcript[0].text", "a text", 0 },
};

static void test_load_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(load_cases); i++) {
		struct err e = { 0 };
		CLEANUP(evidence_free) struct evidence *ev = load(str_of(load_cases[i].text), &e);
		if (e.kind != load_cases[i].kind || !strstr(e.what, load_cases[i].what) ||
		    !strstr(e.detail, load_cases[i].detail))
			fail_msg("%s: %d \"%s\" \"%s\"", load_cases[i].name, (int)e.kind, e.what, e.detail);
		assert_int_equal(ev != NULL, e.kind == ERR_NONE);
		assert_int_equal(ev ? ev->n : 0, load_cases[i].facts);
	}
}

static void test_numbers_are_kept(void **state)
{
	(void)state;
	struct err e = { 0 };
	CLEANUP(evidence_free)
	struct evidence *ev =
		load(STR_LIT(HEAD "\"facts\":[{\"n\":1,\"kind\":\"aura\"},{\"n\":5,\"kind\":\"clock\"},"
				  "{\"n\":9,\"kind\":\"ptr\"}]}"),
		     &e);
	assert_int_equal(ev->n, 2);
	assert_int_equal(ev->facts[0]->n, 5);
	assert_int_equal(evidence_add(ev, FACT_CLOCK, 0, 0)->n, 10);
	assert_ptr_equal(evidence_next(ev, FACT_CLOCK, ev->facts[0]), ev->facts[2]);
}

static void test_hidden_text_is_escaped_on_loading(void **state)
{
	(void)state;
	struct err e = { 0 };
	CLEANUP(evidence_free)
	struct evidence *ev =
		load(STR_LIT(HEAD "\"facts\":[{\"kind\":\"clock\",\"ours\":\"a\\u001b[31m\\\\\","
				  "\"theirs\":\"\\\\x1b\"}]}"),
		     &e);
	assert_string_equal(ev->facts[0]->clock.ours, "a\\x1b[31m\\\\");
	assert_string_equal(ev->facts[0]->clock.theirs, "\\x1b");
}

static void test_too_many_values(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct err e = { 0 };
	buf_adds(&b, HEAD "\"facts\":[],\"x\":[0");
	for (size_t i = 0; i < EVIDENCE_VALUES_MAX; i++)
		buf_adds(&b, ",0");
	buf_adds(&b, "]}");
	assert_null(load(buf_str(&b), &e));
	assert_int_equal(e.kind, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_cases),
		cmocka_unit_test(test_numbers_are_kept),
		cmocka_unit_test(test_hidden_text_is_escaped_on_loading),
		cmocka_unit_test(test_too_many_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
