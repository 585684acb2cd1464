/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets no mail any more. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/store_place.h"

static enum store_verdict suppress(struct place *p, const char *address, const char *why, int64_t until_ms)
{
	struct err e = { 0 };
	struct store_suppressed v = { .address = str_of(address),
				      .why = str_of(why),
				      .proof = STR_LIT("550 5.1.1 no such user"),
				      .since_ms = p->now,
				      .until_ms = until_ms };
	assert_true(store_suppress(p->s, &v, NULL, &e));
	return take_one(p).verdict;
}

static bool is_suppressed(struct place *p, const char *address, int64_t now_ms, const char *why)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_suppressed v;
	bool is = store_is_suppressed(p->s, str_of(address), now_ms, a, &v);
	if (is)
		assert_true(str_eq(v.why, why) && str_eq(v.proof, "550 5.1.1 no such user"));
	return is;
}

static bool count_suppressed(void *user, const struct store_suppressed *v)
{
	size_t *n = user;
	*n += v->address.len > 0;
	return true;
}

static void test_suppressed(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	assert_false(is_suppressed(p, "a@example.net", NOW, ""));
	assert_false(
		store_suppress(p->s, &(struct store_suppressed){ .address = STR_LIT("none") }, NULL, &e));
	assert_int_equal(suppress(p, "A@Example.net", "first", STORE_NEVER), STORE_DONE);
	assert_int_equal(suppress(p, "a@example.net", "second", STORE_NEVER), STORE_DONE);
	assert_int_equal(suppress(p, "@gone.example", "domain", NOW + 1000), STORE_DONE);
	assert_int_equal(suppress(p, "b@example.net", "lifted", STORE_NEVER), STORE_DONE);
	assert_int_equal(suppress(p, "b@example.net", "", p->now), STORE_DONE);
	for (int round = 0; round < 2; round++) {
		size_t n = 0;
		assert_true(is_suppressed(p, "a@EXAMPLE.net", NOW, "second"));
		assert_true(is_suppressed(p, "anybody@gone.example", NOW + 999, "domain"));
		assert_false(is_suppressed(p, "anybody@gone.example", NOW + 1000, ""));
		assert_false(is_suppressed(p, "anybody@sub.gone.example", NOW, ""));
		assert_false(is_suppressed(p, "b@example.net", NOW, ""));
		store_each_suppressed(p->s, count_suppressed, &n);
		assert_int_equal(n, 2);
		reopen(p);
	}
}

/* The list is written anew when most of it is past, and what a crash cut off at its end is no entry. */
static void test_suppressed_file(void **state)
{
	struct place *p = *state;
	char why[2001], path[128], address[32];
	memset(why, 'w', 2000);
	why[2000] = '\0';
	for (int i = 0; i < 1200; i++) {
		snprintf(address, sizeof(address), "a%d@example.net", i % 3);
		assert_int_equal(suppress(p, address, why, STORE_NEVER), STORE_DONE);
	}
	snprintf(path, sizeof(path), "%s/suppressed", p->path);
	for (int round = 0; round < 3; round++) {
		FILE *f = fopen(path, "r+");
		assert_non_null(f);
		fseek(f, 0, SEEK_END);
		assert_true(ftell(f) < 1200 * 1000);
		fputs(round == 1 ? "PRSU\1\1\1\1" : "torn", f);
		fclose(f);
		reopen(p);
		assert_true(is_suppressed(p, "a2@example.net", NOW, why));
		assert_int_equal(suppress(p, "b@example.net", "after", STORE_NEVER), STORE_DONE);
		reopen(p);
		assert_true(is_suppressed(p, "a0@example.net", NOW, why));
		assert_true(is_suppressed(p, "b@example.net", NOW, "after"));
	}
}

/* What bounces bring ends by itself; its place on the list does, too, when its trail does. */
static void test_forgotten(void **state)
{
	enum { MANY = 500 };
	struct place *p = *state;
	struct store_health h;
	char address[64];
	for (int i = 0; i < MANY; i++) {
		snprintf(address, sizeof(address), "%d@example.net", i);
		assert_int_equal(suppress(p, address, "stays", i % 2 ? STORE_NEVER : NOW + DAY_MS),
				 STORE_DONE);
	}
	static const struct {
		int64_t day;
		size_t n;
	} steps[] = { { 2, MANY }, { 30, MANY }, { 32, MANY / 2 }, { 400, MANY / 2 } };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		p->now = NOW + steps[i].day * DAY_MS;
		reopen(p); /* a running store follows the clock by hours */
		tidy(p);
		store_health(p->s, &h);
		assert_int_equal(h.suppressed, steps[i].n);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(address, sizeof(address), "%d@example.net", i);
		assert_int_equal(is_suppressed(p, address, p->now, "stays"), i % 2);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_suppressed),
		T(test_suppressed_file),
		T(test_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
