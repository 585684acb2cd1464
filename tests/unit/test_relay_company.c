/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "relay/company.h"

enum { W = COMPANY_WINDOW_MS, LEAST = COMPANY_CLIENTS_LEAST };

static const struct company_case {
	const char *name;
	struct {
		unsigned who;
		uint64_t at_ms;
	} heard[5];
	size_t n;
	uint64_t asked_ms;
	size_t size;
} company_cases[] = {
	{ "nobody", { { 0, 0 } }, 0, 0, 0 },
	{ "one", { { 0, 0 } }, 1, 1, 1 },
	{ "one again and again", { { 0, 0 }, { 0, 1 }, { 0, 2 } }, 3, 3, 1 },
	{ "three", { { 0, 0 }, { 1, 1 }, { 2, 2 } }, 3, 3, 3 },
	{ "those of the window before still count", { { 0, 0 }, { 1, 1 } }, 2, W, 2 },
	{ "nobody twice over two windows", { { 0, 0 }, { 1, 1 }, { 0, W }, { 1, W } }, 4, W + 1, 2 },
	{ "silent for long", { { 0, 0 }, { 1, 1 } }, 2, 2 * W, 0 },
	{ "silent for very long", { { 0, 0 }, { 1, 1 } }, 2, 100 * W, 0 },
	{ "one has gone on", { { 0, 0 }, { 1, 1 }, { 0, W } }, 3, 2 * W, 1 },
	{ "a clock put back", { { 0, 9 * W }, { 1, 2 * W } }, 2, 2 * W, 1 },
};

static void test_company_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(company_cases); i++) {
		const struct company_case *c = &company_cases[i];
		struct company all = { 0 };
		uint64_t seen[3] = { 0 };
		for (size_t k = 0; k < c->n; k++)
			company_heard(&all, &seen[c->heard[k].who], c->heard[k].at_ms);
		size_t size = company_size(&all, c->asked_ms);
		if (size != c->size)
			fail_msg("%s: %zu, not %zu", c->name, size, c->size);
	}
}

static void test_company_left(void **state)
{
	(void)state;
	struct company all = { 0 };
	uint64_t stays = 0, goes = 0, silent = 0;
	company_heard(&all, &stays, 1);
	company_heard(&all, &goes, 2);
	assert_int_equal(company_size(&all, 3), 2);
	company_left(&all, goes);
	company_left(&all, silent); /* was never counted */
	assert_int_equal(company_size(&all, 3), 1);
	assert_int_equal(company_size(&all, W), 1);
	company_left(&all, stays); /* of a window that is over: it goes with it */
	assert_int_equal(company_size(&all, W), 1);
	assert_int_equal(company_size(&all, 2 * W), 0);
}

static void test_company_to_await(void **state)
{
	static const struct {
		unsigned clients, deliveries;
		size_t awaited;
	} cases[] = { { 0, 0, 0 },
		      { 0, 9, 9 },
		      { 1, 0, 0 },
		      { 1, 9, 0 },
		      { LEAST - 1, 20, 0 },
		      { LEAST, 0, LEAST },
		      { LEAST, 20, LEAST + 20 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct company clients = { 0 }, deliveries = { 0 };
		for (unsigned k = 0; k < cases[i].clients; k++)
			company_heard(&clients, &(uint64_t){ 0 }, 1);
		for (unsigned k = 0; k < cases[i].deliveries; k++)
			company_heard(&deliveries, &(uint64_t){ 0 }, 1);
		assert_int_equal(company_to_await(&clients, &deliveries, 1), cases[i].awaited);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_company_cases),
					    cmocka_unit_test(test_company_left),
					    cmocka_unit_test(test_company_to_await) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
