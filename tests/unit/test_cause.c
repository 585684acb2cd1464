/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "catalog/cause.h"

static const char *as_it_is(const void *source, struct arena *a, const char *text)
{
	(void)source;
	(void)a;
	return text;
}

static const struct cause_fill plain = { as_it_is, as_it_is, NULL };

/* Somebody told so would send what is sent already, or may have arrived. */
static void tells_nobody_to_send(const struct cause *c, enum finding_actor actor)
{
	for (size_t i = 0; i < c->nfixes; i++)
		if (c->fixes[i].actor == actor &&
		    (strstr(c->fixes[i].text, "end it again once") ||
		     strstr(c->fixes[i].text, "and send again") || strstr(c->fixes[i].text, "ry once more") ||
		     strstr(c->fixes[i].text, "Try again")))
			fail_msg("%s tells %s: %s", c->entry->id, actor_name(actor), c->fixes[i].text);
}

static void test_under_way(void **state)
{
	(void)state;
	size_t n = 0;
	for (const struct finding_entry *e; (e = finding_entry_at(n)); n++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = cause_of(a, e, 1, &plain);
		if (finding_class_find(e->class)->retry == RETRY_NEVER)
			continue;
		cause_under_way(a, &c);
		tells_nobody_to_send(&c, ACTOR_NOBODY);
		tells_nobody_to_send(&c, ACTOR_USER);
	}
	assert_true(n > 280);
}

/* Nor that somebody's queue goes on. */
static size_t tells_of_own_tries(const struct cause *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->nfixes; i++)
		n += strstr(c->fixes[i].text, "on their own") != NULL;
	return n;
}

static void test_given_up(void **state)
{
	(void)state;
	size_t told = 0;
	for (size_t n = 0; finding_entry_at(n); n++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = cause_of(a, finding_entry_at(n), 1, &plain);
		told += tells_of_own_tries(&c);
		cause_given_up(a, &c);
		assert_int_equal(tells_of_own_tries(&c), 0);
	}
	assert_true(told > 2);
}

/* Nothing keeps it: nobody may be told to wait. */
static void test_not_taken(void **state)
{
	(void)state;
	size_t waits = 0;
	for (size_t n = 0; finding_entry_at(n); n++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = cause_of(a, finding_entry_at(n), 1, &plain);
		waits += c.actor == ACTOR_NOBODY;
		cause_not_taken(a, &c);
		assert_int_equal(tells_of_own_tries(&c), 0);
		assert_int_not_equal(c.actor, ACTOR_NOBODY);
		for (size_t i = 0; i < c.nfixes; i++)
			assert_int_not_equal(c.fixes[i].actor, ACTOR_NOBODY);
	}
	assert_true(waits > 10);
}

static void test_in_doubt(void **state)
{
	(void)state;
	for (size_t n = 0; finding_entry_at(n); n++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = cause_of(a, finding_entry_at(n), 1, &plain);
		cause_in_doubt(a, &c);
		tells_nobody_to_send(&c, ACTOR_USER);
		tells_nobody_to_send(&c, ACTOR_IT_PROVIDER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_not_taken),
		cmocka_unit_test(test_in_doubt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
