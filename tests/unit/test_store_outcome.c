/* SPDX-License-Identifier: Apache-2.0 */
/* When outcomes wake who takes them: at once, or a moment later where nobody waits for them. */
#include <poll.h>
#include <stdatomic.h>

#include "tests/unit/store_place.h"

enum { LONG_MS = 20000 };

static atomic_bool idle; /* nobody waits for what is done now */

static bool on_done(void *user, const struct store_done *d)
{
	(void)user;
	(void)d;
	return atomic_load(&idle);
}

static void open_told(struct place *p)
{
	struct err e = { 0 };
	struct store_options o = options(p);
	o.done = on_done;
	store_close(&p->s);
	assert_true(store_open(&o, &p->s, &e));
}

static void submit_one(struct place *p, bool is_idle)
{
	struct err e = { 0 };
	struct store_body *b = store_body_begin(p->s);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .arrived_ms = p->now, .rcpts = &r, .nrcpts = 1 };
	atomic_store(&idle, is_idle);
	assert_true(store_body_append(b, STR_LIT("x\r\n"), &e));
	assert_true(store_accept(p->s, &b, &m, p, &e));
	store_settle(p->s);
}

static bool is_told(struct place *p, int ms)
{
	struct pollfd fd = { .fd = store_wake_fd(p->s), .events = POLLIN };
	return poll(&fd, 1, ms) == 1;
}

static void expect_taken(struct place *p, size_t n)
{
	struct store_done d[8];
	assert_int_equal(store_take_done(p->s, d, ARRAY_LEN(d)), n);
	assert_int_equal(store_take_done(p->s, d, ARRAY_LEN(d)), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(d[i].verdict, STORE_DONE);
}

static void test_told_a_moment_later(void **state)
{
	struct place *p = *state;
	open_told(p);
	for (int i = 0; i < 3; i++) {
		submit_one(p, true);
		assert_true(is_told(p, LONG_MS));
		expect_taken(p, 1);
	}
	submit_one(p, true);
	expect_taken(p, 1); /* whoever looks finds it before */
}

static void test_told_with_the_next(void **state)
{
	struct place *p = *state;
	open_told(p);
	for (int i = 0; i < 3; i++) {
		submit_one(p, true);
		submit_one(p, true);
		submit_one(p, false);
		assert_true(is_told(p, 0));
		expect_taken(p, 3);
		submit_one(p, false);
		assert_true(is_told(p, 0));
		expect_taken(p, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told_a_moment_later, begin, end),
		cmocka_unit_test_setup_teardown(test_told_with_the_next, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
