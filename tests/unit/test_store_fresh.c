/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in memory: each is given once; what is full keeps the old ones, until they are stale. */
#include "tests/unit/unit.h"

#include "store/fresh.h"
#include "store/id.h"

static struct fresh fresh;

static int clear(void **state)
{
	(void)state;
	fresh_clear(&fresh);
	return 0;
}

static struct store_id id_of(uint64_t ms, uint32_t tail)
{
	return (struct store_id){ .seq = ms << STORE_ID_STEP_BITS, .tail = tail };
}

/* True when it was kept. */
static bool put(struct store_id id, const char *body, size_t bytes)
{
	struct buf head = { 0 }, tail = { 0 };
	buf_adds(&head, "head");
	buf_adds(&tail, body);
	for (size_t i = 4; i < bytes; i++)
		buf_add(&tail, "x", 1);
	fresh_put(&fresh, id, STR_LIT("meta"), &head, &tail);
	bool kept = !head.data && !tail.data;
	assert_true(kept || (head.data && tail.data)); /* both or none */
	buf_clear(&head);
	buf_clear(&tail);
	return kept;
}

static bool take(struct store_id id, const char *body)
{
	struct fresh_body b;
	if (!fresh_take(&fresh, id, &b))
		return false;
	assert_true(str_eq(buf_str(&b.meta), "meta"));
	assert_true(str_eq(buf_str(&b.head), "head"));
	assert_true(str_eq(buf_str(&b.tail), body));
	fresh_body_clear(&b);
	return true;
}

static void test_once(void **state)
{
	(void)state;
	assert_false(take(id_of(1, 1), "body"));
	assert_true(put(id_of(1, 1), "body", 4));
	assert_false(take(id_of(1, 2), "body")); /* another's */
	assert_false(take(id_of(2, 1), "body"));
	assert_true(take(id_of(1, 1), "body"));
	assert_false(take(id_of(1, 1), "body"));
}

static void test_full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FRESH_KEPT; i++)
		assert_true(put(id_of(10, i), "body", 4));
	assert_false(put(id_of(10, FRESH_KEPT), "new", 3));
	assert_true(take(id_of(10, 0), "body"));
	assert_false(put(id_of(FRESH_STALE_MS + 9, 7), "new", 3)); /* looks at the place after */
	assert_true(put(id_of(FRESH_STALE_MS + 10, 8), "new", 3)); /* who stood there is stale */
	assert_true(take(id_of(FRESH_STALE_MS + 10, 8), "new"));
	assert_false(take(id_of(10, 2), "body"));
	assert_true(take(id_of(10, 1), "body"));
	assert_true(take(id_of(10, FRESH_KEPT - 1), "body"));
}

static void test_big(void **state)
{
	(void)state;
	assert_false(put(id_of(1, 1), "body", FRESH_BYTES_MAX));
	assert_false(take(id_of(1, 1), "body"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_once, clear),
		cmocka_unit_test_teardown(test_full, clear),
		cmocka_unit_test_teardown(test_big, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
