/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "relay/log_quota.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */

static void test_used_up_and_back(void **state)
{
	(void)state;
	struct log_quota q = { 0 };
	assert_true(log_quota_take(&q, noon));
	log_quota_used(&q, LOG_QUOTA_MOST - 1);
	assert_true(log_quota_take(&q, noon));
	log_quota_used(&q, 1);
	assert_false(log_quota_take(&q, noon));
	assert_false(log_quota_take(&q, noon - 3600000)); /* a clock put back gives nothing */
	assert_false(log_quota_take(&q, noon - 3599000));
	assert_int_equal(log_quota_left_out(&q, noon - 3599000), 0);
	int64_t again = noon - 3600000 + LOG_QUOTA_AGAIN / LOG_QUOTA_A_MS;
	assert_false(log_quota_take(&q, again - 1));
	assert_int_equal(log_quota_left_out(&q, again), 4);
	assert_int_equal(log_quota_left_out(&q, again), 0);
	assert_true(log_quota_take(&q, again));
	log_quota_used(&q, LOG_QUOTA_AGAIN);
	assert_false(log_quota_take(&q, again));
	assert_true(log_quota_take(&q, again + 86400000));
	log_quota_used(&q, LOG_QUOTA_MOST); /* all of it is back, and no more than all */
	assert_false(log_quota_take(&q, again + 86400000));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_used_up_and_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
