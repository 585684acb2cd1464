/* SPDX-License-Identifier: Apache-2.0 */
/* What came after a place: each mail that was taken and each mark, once. */
#include "tests/unit/store_place.h"

struct heard {
	size_t most; /* 0: all */
	size_t n, taken, marks;
	struct store_id last;
	enum store_state state;
};

static bool hear(void *user, struct store_id id, const struct store_mark *mark)
{
	struct heard *h = user;
	h->n++;
	h->taken += !mark;
	h->marks += mark != NULL;
	h->last = id;
	h->state = mark ? mark->state : STORE_NO_STATE;
	return h->n != h->most;
}

static struct heard hear_most(struct place *p, struct store_place from, size_t most)
{
	struct heard h = { .most = most };
	struct err e = { 0 };
	if (!store_changes(p->s, from, hear, &h, &e))
		fail_msg("%s", e.what);
	return h;
}

static struct heard changes_from(struct place *p, struct store_place from)
{
	return hear_most(p, from, 0);
}

static void test_changes_since_a_place(void **state)
{
	struct place *p = *state;
	struct store_place begin_at = store_place(p->s);
	struct store_id one = accept_one(p, "a@b.example", "first");
	struct store_place between = store_place(p->s);
	struct store_id two = accept_one(p, "c@b.example", "second");
	assert_int_equal(mark(p,
			      (struct store_mark){ .id = one, .state = STORE_HELD, .next_ms = STORE_NEVER }),
			 STORE_DONE);
	struct heard all = changes_from(p, (struct store_place){ 0, 0 });
	assert_int_equal(all.taken, 2);
	assert_int_equal(all.marks, 1);
	assert_int_equal(all.state, STORE_HELD);
	assert_int_equal(changes_from(p, begin_at).n, 3);
	struct heard later = changes_from(p, between);
	assert_int_equal(later.n, 2);
	assert_int_equal(later.taken, 1);
	struct store_place now = store_place(p->s);
	assert_int_equal(changes_from(p, now).n, 0);
	reopen(p); /* another run begins another file: nothing of the old one comes twice */
	assert_int_equal(changes_from(p, now).n, 0);
	assert_int_equal(changes_from(p, between).n, 2);
	assert_int_equal(mark(p, (struct store_mark){ .id = two, .state = STORE_CANCELLED }), STORE_DONE);
	later = changes_from(p, now);
	assert_int_equal(later.n, 1);
	assert_int_equal(later.last.seq, two.seq);
	assert_int_equal(later.state, STORE_CANCELLED);
}

/* Who has enough hears no more, within a record of many marks or behind it: that is no failure. */
static void test_enough(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store_mark held[2] = { { .state = STORE_HELD, .at_ms = NOW, .next_ms = STORE_NEVER },
				      { .state = STORE_HELD, .at_ms = NOW, .next_ms = STORE_NEVER } };
	held[0].id = accept_one(p, "a@b.example", "first");
	held[1].id = accept_one(p, "c@b.example", "second");
	assert_true(store_mark(p->s, held, ARRAY_LEN(held), NULL, &e));
	assert_int_equal(take_one(p).verdict, STORE_DONE);
	assert_int_equal(mark(p, (struct store_mark){ .id = held[0].id, .state = STORE_CANCELLED }),
			 STORE_DONE);
	for (size_t most = 1; most <= 5; most++)
		assert_int_equal(hear_most(p, (struct store_place){ 0, 0 }, most).n, most);
	assert_int_equal(changes_from(p, (struct store_place){ 0, 0 }).n, 5);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_changes_since_a_place),
		T(test_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
