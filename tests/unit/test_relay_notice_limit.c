/* SPDX-License-Identifier: Apache-2.0 */
/* How many notices an address gets in an hour, and what becomes of those beyond. */
#include "tests/unit/notice_place.h"

#include <stdio.h>
#include <stdlib.h>

#include "relay/notice/notice_limit.h"

static void test_limit(void **state)
{
	(void)state;
	struct notice_limit *l = mem_alloc(sizeof(*l));
	const struct str me = STR_LIT("me@example.org"), you = STR_LIT("you@example.org");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(notice_limit_take(l, me, 3, NOW + i), NOW + i);
	assert_int_equal(notice_limit_take(l, STR_LIT("ME@example.org"), 3, NOW + 10), NOW + HOUR);
	assert_int_equal(notice_limit_take(l, you, 3, NOW + 10), NOW + 10);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR - 1), NOW + HOUR);
	assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR - 1), NOW + 2 * HOUR);
	/* an hour on, three of the seven have had their turn, and three have it now */
	assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR), NOW + 2 * HOUR);
	assert_int_equal(notice_limit_take(l, me, 3, NOW + 9 * HOUR), NOW + 9 * HOUR);
	assert_int_equal(notice_limit_take(l, you, 3, NOW - HOUR), NOW - HOUR); /* the clock went back */
	for (int64_t i = 1; i < NOTICE_LIMIT_SPANS; i++)
		assert_int_equal(notice_limit_take(l, me, 1, NOW + 9 * HOUR), NOW + (9 + i) * HOUR);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 9 * HOUR), -1);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 10 * HOUR), NOW + (9 + NOTICE_LIMIT_SPANS) * HOUR);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 500 * HOUR), NOW + 500 * HOUR);
	for (unsigned i = 0; i < 50000; i++) { /* more than there is room for */
		char name[32];
		snprintf(name, sizeof(name), "a%u@example.org", i);
		assert_int_equal(notice_limit_take(l, str_of(name), 1, NOW + HOUR + i), NOW + HOUR + i);
	}
	free(l);
}

static size_t due_at(struct place *p, int64_t now_ms)
{
	enum { ROOM = 2 * NOTICE_PER_HOUR };
	struct store_claim c[ROOM];
	size_t n = store_claim(p->relay.store, STR_LIT("to me@example.org"), 1, now_ms, 1000, c, ROOM);
	for (size_t i = 0; i < n; i++) {
		assert_true(c[i].expires_ms >= c[i].next_ms + 432000 * INT64_C(1000)); /* its own patience */
		store_claim_release(p->relay.store, &c[i], NOW);
	}
	return n;
}

/* What is over the hour's limit is kept for the next, and says why it waits. */
static void test_backscatter(void **state)
{
	enum { MORE = 5 };
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits hits;
	struct store_trail t;
	struct err e = { 0 };
	take_original(p, 0);
	struct store_mark k = mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "");
	k.id = p->m.id;
	for (unsigned i = 0; i < NOTICE_PER_HOUR + MORE; i++, k.at_ms++) {
		notices_marked(p->relay.notices, &p->m, &k, 1);
		settle(p);
	}
	settle(p);
	assert_int_equal(taken, NOTICE_PER_HOUR + MORE);
	assert_int_equal(held, MORE);
	assert_int_equal(troubles, 0);
	assert_int_equal(due_at(p, NOW + HOUR - 1), NOTICE_PER_HOUR);
	assert_int_equal(due_at(p, NOW + HOUR), NOTICE_PER_HOUR + MORE);
	const struct store_query q = { .state = STORE_HELD };
	assert_true(store_find(p->relay.store, &q, a, &hits, &e));
	assert_int_equal(hits.n, MORE);
	assert_int_equal(store_trail(p->relay.store, hits.v[0].id, a, &t, &e), 1);
	assert_true(str_istarts(t.events[t.nevents - 1].why, "60 reports went to me@example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test_setup_teardown(test_backscatter, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
