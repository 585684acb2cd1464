/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that is set: trails, keys, claims and what waits stay as they would have been. */
#include "tests/unit/store_place.h"

enum { BULK = 60 * 1000 };

/* A clock that is years ahead for a while takes no trail and no key with it, and keeps nothing for ever. */
static void test_clock_jumps_ahead(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2);
	struct store_rcpt r = rcpt("key@example.net", "lane");
	struct store_message m = { .key = STR_LIT("k"), .rcpts = &r, .nrcpts = 1 };
	open_short_memory(p);
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
	pass_through(p, 5, bulk);
	p->now += 20000 * DAY_MS;
	struct store_id far = accept_one(p, "far@example.net", "x");
	tidy(p);
	tidy(p);
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DUPLICATE);
	p->now -= 20000 * DAY_MS;
	tidy(p);
	struct store_query q = { .recipient = STR_LIT("a@example.net") };
	assert_int_equal(found(p, q), 5);
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DUPLICATE);
	struct store_id after = accept_one(p, "b@example.net", "x");
	assert_true(after.seq > far.seq);
	struct store_mark k = { .id = far, .state = STORE_DELAYED, .next_ms = p->now + 20000 * DAY_MS };
	assert_int_equal(mark(p, k), STORE_DONE);
	reopen(p);
	struct store_claim c;
	assert_true(store_claim(p->s, STR_LIT("lane"), 1, p->now, 1000, &c, 1));
	size_t n = 1;
	while (store_claim(p->s, STR_LIT("lane"), 1, p->now, 1000, &c, 1))
		n += c.id.seq == far.seq || c.id.seq == after.seq;
	assert_int_equal(n, 3);
}

/* Sessions go on while the clock is set: their claims stay theirs. */
static void test_clock_jumps_under_claims(void **state)
{
	struct place *p = *state;
	static const int64_t steps[] = { 400 * DAY_MS, -400 * DAY_MS, -HOUR_MS, HOUR_MS };
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_claim c, other;
	int64_t now = NOW;
	assert_true(claim_of(p, id, 1, now, 60000, &c));
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		now += steps[i];
		assert_int_equal(store_claims_expire(p->s, now), 0);
		assert_false(claim_of(p, id, 2, now, 60000, &other));
	}
	assert_int_equal(store_claims_expire(p->s, now + 59999), 0);
	assert_int_equal(store_claims_expire(p->s, now + 60000), 1);
	/* A try put off by a clock that was ahead comes due when it is set back. */
	struct store_mark k = { .id = id, .state = STORE_DELAYED, .next_ms = now + 400 * DAY_MS };
	store_claims_expire(p->s, now + 400 * DAY_MS);
	assert_int_equal(mark(p, k), STORE_DONE);
	store_claims_expire(p->s, now);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now, 1, &c, 1), 1);
}

/* What has been due for an hour is asked for, and the clock goes on as it did. */
static void test_claim_of_an_earlier_time(void **state)
{
	struct place *p = *state;
	struct store_id busy = accept_one(p, "a@example.net", "x"),
			later = accept_one(p, "b@example.net", "x");
	struct store_claim c, other;
	int64_t now = NOW + 2 * HOUR_MS;
	store_claims_expire(p->s, now);
	assert_true(claim_of(p, busy, 1, now, 60000, &c));
	struct store_mark k = { .id = later, .state = STORE_DELAYED, .next_ms = now + 600000 };
	assert_int_equal(mark(p, k), STORE_DONE);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now - HOUR_MS, 2 * HOUR_MS, &other, 1), 0);
	assert_int_equal(store_lane_next(p->s, STR_LIT("lane"), NULL), now + 600000);
	assert_int_equal(store_claims_expire(p->s, now + 59999), 0);
	assert_int_equal(store_claims_expire(p->s, now + 60000), 1);
}

/* A day back: a retry in ten minutes is one in ten minutes, and one of a day that never came is due at a
 * start. */
static void test_clock_put_back_a_day(void **state)
{
	struct place *p = *state;
	struct store_id soon = accept_one(p, "a@example.net", "x"),
			held = accept_one(p, "b@example.net", "x");
	struct store_claim c;
	int64_t now = NOW + DAY_MS;
	store_claims_expire(p->s, now);
	struct store_mark k = { .id = soon, .state = STORE_DELAYED, .next_ms = now + 600000 };
	struct store_mark h = { .id = held, .state = STORE_HELD, .next_ms = now + 600000 };
	assert_int_equal(mark(p, k), STORE_DONE);
	assert_int_equal(mark(p, h), STORE_DONE);
	now -= DAY_MS;
	store_claims_expire(p->s, now);
	assert_int_equal(store_lane_next(p->s, STR_LIT("lane"), NULL), now + 600000);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now + 599999, 1, &c, 1), 0);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now + 600000, 1, &c, 1), 1);
	assert_int_equal(c.id.seq, soon.seq); /* what is held until a time stays */
	p->now = now;
	p->wait_max_ms = HOUR_MS;
	reopen(p);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now, 1, &c, 1), 1);
	assert_int_equal(c.id.seq, soon.seq);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, now, 1, &c, 1), 0);
}

/* What the clock wrote while it was a day ahead waits as long as it was meant to, over a restart; what a
 * server asked for by the right clock is not tried before. */
static void test_clock_was_ahead_at_a_start(void **state)
{
	struct place *p = *state;
	struct store_id day = accept_one(p, "a@example.net", "x"), soon = accept_one(p, "b@example.net", "x");
	struct store_claim c;
	struct store_mark k = { .id = day, .state = STORE_DELAYED, .next_ms = NOW + DAY_MS };
	assert_int_equal(mark(p, k), STORE_DONE);
	p->now = NOW + DAY_MS;
	k = (struct store_mark){ .id = soon, .state = STORE_DELAYED, .next_ms = p->now + 600000 };
	assert_int_equal(mark(p, k), STORE_DONE);
	p->now = NOW;
	reopen(p);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW + 599999, 1, &c, 1), 0);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW + 600000, 1, &c, 1), 1);
	assert_int_equal(c.id.seq, soon.seq);
	assert_int_equal(store_lane_next(p->s, STR_LIT("lane"), NULL), NOW + DAY_MS);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_clock_jumps_ahead),
		T(test_clock_jumps_under_claims),
		T(test_claim_of_an_earlier_time),
		T(test_clock_put_back_a_day),
		T(test_clock_was_ahead_at_a_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
