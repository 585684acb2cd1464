/* SPDX-License-Identifier: Apache-2.0 */
/* Words that follow one another: where they may stand for a chain to hold. */
#include "catalog/reply_chain.h"

#include "tests/unit/unit.h"

enum { WHO, WHAT, WHEN };
static const struct reply_chain two = { 0, 2, { WHO, WHAT } }, three = { 0, 3, { WHO, WHAT, WHEN } };

static struct reply_places places;

static int setup(void **state)
{
	(void)state;
	reply_places_clear(&places);
	return 0;
}

static void test_one_after_the_other(void **state)
{
	(void)state;
	assert_int_equal(reply_chain_end(&places, &two), 0);
	reply_place_add(&places, WHO, 10, 14);
	assert_int_equal(reply_chain_end(&places, &two), 0);
	reply_place_add(&places, WHAT, 15, 20);
	assert_int_equal(reply_chain_end(&places, &two), 20);
	assert_int_equal(reply_chain_end(&places, &three), 0);
}

static void test_order_and_overlap(void **state)
{
	(void)state;
	reply_place_add(&places, WHAT, 2, 8);
	reply_place_add(&places, WHO, 10, 14);
	assert_int_equal(reply_chain_end(&places, &two), 0); /* before it */
	reply_place_add(&places, WHAT, 13, 18);
	assert_int_equal(reply_chain_end(&places, &two), 0); /* inside it */
	reply_place_add(&places, WHAT, 14, 19);
	assert_int_equal(reply_chain_end(&places, &two), 19);
}

static void test_gap(void **state)
{
	(void)state;
	reply_place_add(&places, WHO, 0, 4);
	reply_place_add(&places, WHAT, 4 + REPLY_LINK_GAP + 1, 80);
	assert_int_equal(reply_chain_end(&places, &two), 0);
	reply_place_add(&places, WHAT, 4 + REPLY_LINK_GAP, 90);
	assert_int_equal(reply_chain_end(&places, &two), 90);
}

/* The first word that fits a link may lead nowhere. */
static void test_later_places(void **state)
{
	(void)state;
	reply_place_add(&places, WHO, 0, 4);
	reply_place_add(&places, WHAT, 5, 9);
	reply_place_add(&places, WHAT, 40, 44);
	reply_place_add(&places, WHEN, 44 + REPLY_LINK_GAP, 99);
	assert_int_equal(reply_chain_end(&places, &three), 99);
}

static void test_many_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * REPLY_PLACES_MAX; i++)
		reply_place_add(&places, WHO, i, i + 1);
	reply_place_add(&places, WHAT, REPLY_PLACES_MAX, REPLY_PLACES_MAX + 1);
	assert_int_equal(reply_chain_end(&places, &two), REPLY_PLACES_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_after_the_other, setup),
		cmocka_unit_test_setup(test_order_and_overlap, setup),
		cmocka_unit_test_setup(test_gap, setup),
		cmocka_unit_test_setup(test_later_places, setup),
		cmocka_unit_test_setup(test_many_places, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
