/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "base/mem.h"
#include "web/tries.h"

enum { NOW = 1000000 };

static uint64_t try_once(struct tries *t, const char *place, const char *person, enum tries_end how)
{
	struct tries_ticket x;
	uint64_t wait = tries_begin(t, place, person, NOW, &x);
	if (!wait)
		assert_true(tries_end(t, &x, how, NOW));
	return wait;
}

static void test_tries_are_counted_at_their_begin(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	struct tries_ticket x[TRIES_PLACE_MAX], more;
	for (int i = 0; i < TRIES_PLACE_MAX; i++)
		assert_int_equal(tries_begin(t, "192.0.2.1", i % 2 ? "anna" : "ralf", NOW, &x[i]), 0);
	assert_int_equal(tries_begin(t, "192.0.2.1", "anna", NOW, &more), TRIES_BUSY_MS);
	assert_int_equal(tries_begin(t, "192.0.2.2", "anna", NOW, &more), 0);
	assert_true(tries_end(t, &more, TRIES_UNTRIED, NOW));
	for (int i = 0; i < TRIES_PLACE_MAX; i++)
		assert_true(tries_end(t, &x[i], TRIES_WRONG, NOW));
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(try_once(t, "::ffff:192.0.2.1", "otto", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(tries_begin(t, "192.0.2.1", "anna", NOW + TRIES_BARRED_MS, &more), 0);
}

/* Who has a login of his own does not guess another's without end. */
static void test_tries_of_another_are_not_forgiven(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	for (int i = 0; i < TRIES_PLACE_MAX; i++) {
		assert_int_equal(try_once(t, "2001:db8::1", "anna", TRIES_WRONG), 0);
		if (i < TRIES_PLACE_MAX - 1)
			assert_int_equal(try_once(t, "2001:db8::2", "ralf", TRIES_RIGHT), 0);
	}
	assert_int_equal(try_once(t, "2001:db8::3", "ralf", TRIES_RIGHT), TRIES_BARRED_MS);
	for (int i = 0; i < 3 * TRIES_PLACE_MAX; i++) { /* one's own are */
		assert_int_equal(try_once(t, "2001:db8:1::1", "ralf", TRIES_WRONG), 0);
		if (i % 3 == 2)
			assert_int_equal(try_once(t, "2001:db8:1::1", "ralf", TRIES_RIGHT), 0);
	}
}

static void test_tries_from_everywhere_end(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	char place[32];
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), 0);
	for (int i = 0; i < TRIES_PERSON_MAX; i++) {
		snprintf(place, sizeof(place), "198.51.100.%d", i);
		assert_int_equal(try_once(t, place, "anna", TRIES_WRONG), 0);
	}
	assert_int_equal(try_once(t, "203.0.113.1", "anna", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(try_once(t, "203.0.113.1", "ralf", TRIES_RIGHT), 0);
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), 0); /* she was here before */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tries_are_counted_at_their_begin),
		cmocka_unit_test(test_tries_of_another_are_not_forgiven),
		cmocka_unit_test(test_tries_from_everywhere_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
