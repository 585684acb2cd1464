/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check/evidence_json.h"
#include "tests/unit/evidence_saved.h"

/* A different value in every field, awkward ones among them. */
static void fill(struct evidence *ev, struct fact *f, unsigned *turn)
{
	static const char *const texts[] = { "",          "a",         "gr\xc3\xbc\xc3\x9f", "\"q\" {x} \\n",
					     "tab\there", "</script>&" };
	static const long numbers[] = { 0, 1, -1, LONG_MAX, LONG_MIN, 587 };
	size_t n;
	const struct fact_field *field = fact_fields(f->kind, &n);
	for (size_t i = 0; i < n; i++, ++*turn) {
		void *at = (char *)f + field[i].offset;
		if (field[i].type == FACT_STR)
			*(const char **)at =
				arena_printf(ev->arena, "%s%u", texts[*turn % ARRAY_LEN(texts)], *turn);
		else if (field[i].type == FACT_NUM)
			*(long *)at = numbers[*turn % ARRAY_LEN(numbers)];
		else if (field[i].type == FACT_YES)
			*(bool *)at = *turn % 2;
		else
			for (unsigned k = 0; k < *turn % 4; k++)
				strlist_add(at, ev->arena, texts[(*turn + k) % ARRAY_LEN(texts)]);
	}
}

static bool same_field(const struct fact *a, const struct fact *b, const struct fact_field *field)
{
	const char *pa = (const char *)a + field->offset, *pb = (const char *)b + field->offset;
	if (field->type == FACT_STR)
		return !strcmp(*(const char *const *)(const void *)pa,
			       *(const char *const *)(const void *)pb);
	if (field->type == FACT_NUM)
		return *(const long *)(const void *)pa == *(const long *)(const void *)pb;
	if (field->type == FACT_YES)
		return *(const bool *)pa == *(const bool *)pb;
	const struct strlist *la = (const void *)pa, *lb = (const void *)pb;
	for (size_t i = 0; i < la->n && la->n == lb->n; i++)
		if (strcmp(la->v[i], lb->v[i]) != 0)
			return false;
	return la->n == lb->n;
}

static struct evidence *every_kind(void)
{
	unsigned turn = 0;
	struct evidence *ev = evidence_new(1795250978);
	ev->elapsed_ms = 412;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned k = 0; k < FACT_KINDS; k++)
			fill(ev, evidence_add(ev, (enum fact_kind)k, k % 3, (long)k * 7), &turn);
	evidence_transcript(ev, 1, 3, '<', "220 mx.example.net ESMTP");
	evidence_transcript(ev, 1, 4, '>', "AUTH PLAIN [hidden]");
	evidence_transcript(ev, 0, 5, '*', "bytes \\x00\\xff and \\\\");
	return ev;
}

static void test_every_kind_survives(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = every_kind();
	CLEANUP(saved_clear) struct saved one = { 0 }, two = { 0 };
	struct err e = { 0 };
	save(ev, &one);
	CLEANUP(evidence_free) struct evidence *again = load((struct str){ one.text, one.len }, &e);
	assert_non_null(again);
	assert_int_equal(again->n, ev->n);
	assert_int_equal(again->started_s, 1795250978);
	assert_int_equal(again->elapsed_ms, 412);
	assert_int_equal(again->nlines, 3);
	for (size_t i = 0; i < ev->n; i++) {
		const struct fact *a = ev->facts[i], *b = again->facts[i];
		size_t n;
		const struct fact_field *field = fact_fields(a->kind, &n);
		assert_true(a->kind == b->kind && a->n == b->n && a->session == b->session &&
			    a->t_ms == b->t_ms);
		for (size_t k = 0; k < n; k++)
			if (!same_field(a, b, &field[k]))
				fail_msg("%s.%s changed", fact_kind_name(a->kind), field[k].name);
	}
	save(again, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.text, two.text, one.len);
}

static void test_field_names_are_free(void **state)
{
	(void)state;
	static const char *const taken[] = { "n", "t_ms", "kind", "session" };
	for (unsigned k = 0; k < FACT_KINDS; k++) {
		size_t n;
		const struct fact_field *field = fact_fields((enum fact_kind)k, &n);
		for (size_t i = 0; i < n; i++) {
			for (size_t t = 0; t < ARRAY_LEN(taken); t++)
				assert_string_not_equal(field[i].name, taken[t]);
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(field[i].name, field[j].name);
		}
	}
}

static void test_fact_form(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	struct fact *f = evidence_add(ev, FACT_CLOCK, 2, 301);
	f->clock.source = "banner";
	f->clock.skew_s = -90;
	json_t *j = fact_json(f);
	char *text = json_dumps(j, JSON_COMPACT);
	assert_string_equal(text,
			    "{\"n\":1,\"t_ms\":301,\"kind\":\"clock\",\"session\":2,\"source\":\"banner\","
			    "\"theirs\":\"\",\"ours\":\"\",\"skew_s\":-90}");
	free(text);
	json_decref(j);
}

/* A probe's slip (bytes that are no UTF-8) must not lose the file. */
static void test_unprintable_field_is_escaped(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	evidence_add(ev, FACT_CLOCK, 0, 0)->clock.source = "a\xff";
	CLEANUP(saved_clear) struct saved s = { 0 };
	save(ev, &s);
	assert_non_null(strstr(s.text, "\"a\\\\xff\""));
}

/* Every cut of a good file is an error with a place, and never a crash. */
static void test_every_cut_is_an_error(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	unsigned turn = 1;
	fill(ev, evidence_add(ev, FACT_DNS, 1, 2), &turn);
	CLEANUP(saved_clear) struct saved s = { 0 };
	save(ev, &s);
	for (size_t cut = 0; cut + 2 < s.len; cut++) {
		struct err e = { 0 };
		CLEANUP(evidence_free) struct evidence *part = load((struct str){ s.text, cut }, &e);
		assert_null(part);
		assert_int_equal(e.kind, ERR_SYNTAX);
	}
}

static void test_too_many_facts(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	struct err e = { 0 };
	for (unsigned i = 0; i < EVIDENCE_FACTS_MAX + 3; i++) {
		struct fact *f = evidence_add(ev, FACT_CLOCK, 0, 0);
		assert_string_equal(f->clock.ours, "");
		f->clock.ours = "x";
	}
	for (unsigned i = 0; i < EVIDENCE_TRANSCRIPT_MAX + 3; i++)
		evidence_transcript(ev, 0, 0, '<', "y");
	assert_int_equal(ev->n, EVIDENCE_FACTS_MAX);
	assert_int_equal(ev->dropped, 3);
	assert_int_equal(ev->nlines, EVIDENCE_TRANSCRIPT_MAX);
	assert_int_equal(ev->lines[ev->nlines - 1].dir, '*');
	CLEANUP(saved_clear) struct saved one = { 0 }, two = { 0 };
	save(ev, &one);
	CLEANUP(evidence_free) struct evidence *again = load((struct str){ one.text, one.len }, &e);
	assert_non_null(again);
	assert_int_equal(again->dropped, 3);
	save(again, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.text, two.text, one.len);
}

static void test_walks(void **state)
{
	(void)state;
	static const struct {
		enum fact_kind kind;
		unsigned session;
	} rows[] = { { FACT_TARGET, 0 }, { FACT_SESSION, 1 }, { FACT_REPLY, 1 }, { FACT_SESSION, 2 },
		     { FACT_REPLY, 2 },  { FACT_REPLY, 1 },   { FACT_REPLY, 2 } };
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		evidence_add(ev, rows[i].kind, rows[i].session, 0);
	ev->facts[1]->dialogue.purpose = ev->facts[3]->dialogue.purpose = "main";
	unsigned seen = 0;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_REPLY, f));)
		seen = seen * 10 + f->n;
	assert_int_equal(seen, 3567);
	seen = 0;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, 2, f));)
		seen = seen * 10 + f->n;
	assert_int_equal(seen, 57);
	assert_int_equal(evidence_last(ev, FACT_REPLY, 1)->n, 6);
	assert_null(evidence_last(ev, FACT_REPLY, 3));
	assert_null(evidence_next(ev, FACT_DNS, NULL));
	assert_int_equal(evidence_session(ev, "main")->n, 4);
	assert_null(evidence_session(ev, "retry"));
}

static void test_unwritable_file(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = every_kind();
	CLEANUP(close_file) FILE *f = fopen("/dev/full", "w");
	struct err e = { 0 };
	assert_false(evidence_save(ev, f, &e));
	assert_int_equal(e.kind, ERR_SYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_survives),
		cmocka_unit_test(test_field_names_are_free),
		cmocka_unit_test(test_fact_form),
		cmocka_unit_test(test_unprintable_field_is_escaped),
		cmocka_unit_test(test_every_cut_is_an_error),
		cmocka_unit_test(test_too_many_facts),
		cmocka_unit_test(test_walks),
		cmocka_unit_test(test_unwritable_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
