/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "net/hook.h"

/* printf %s '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret */
static void test_signature(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(
		hook_signature(a, STR_LIT("secret"), 1700000000, "{\"a\":1}"),
		"t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
