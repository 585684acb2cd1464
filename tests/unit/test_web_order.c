/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <string.h>

#include "web/order.h"

static const struct order_case {
	const char *json, *mend; /* mend NULL: fine */
} order_cases[] = {
	{ "{\"target\":\"mail.example.com:587\",\"security\":\"ssl\",\"to\":\"a@b.example\"}", NULL },
	{ "{\"target\":\"a@b.example\",\"oauth\":null,\"user\":null}", NULL },
	{ "{}", "an address, a server" },
	{ "{\"target\":\"a.example\",\"ca_file\":\"/etc/passwd\"}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"attach\":[\"/etc/passwd\"]}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"bind\":\"127.0.0.1\"}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"password\":\"a\\u0000b\"}", "a text" },
	{ "{\"target\":\"a.example\",\"user\":\"a\\r\\nb\"}", "control" },
	{ "{\"target\":\"a.example\",\"oauth\":{\"token_url\":\"file:///etc/passwd\"}}", "https://" },
	{ "{\"target\":\"a.example\",\"oauth\":[]}", "an object" },
	{ "{\"target\":\"a.example\",\"family\":5}", "4 or 6" },
	{ "{\"target\":\"a.example\",\"timeout_s\":0}", "1 to 180" },
	{ "{\"target\":\"a.example\",\"sending_ip\":\"x\"}", "IP address" },
};

static void test_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct check_request r;
		struct err e = { 0 };
		json_error_t wrong;
		json_t *o = json_loads(order_cases[i].json, JSON_ALLOW_NUL, &wrong);
		assert_non_null(o);
		bool ok = order_read(o, a, &r, &e);
		if (ok != !order_cases[i].mend || (!ok && !strstr(e.detail, order_cases[i].mend)))
			fail_msg("%s: %s (%s)", order_cases[i].json, e.what, e.detail);
		json_decref(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
