/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are the public internet's. */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "net/address.h"

static const struct {
	const char *address;
	bool is_public;
} cases[] = {
	{ "8.8.8.8", true },
	{ "100.63.255.255", true },
	{ "100.64.0.1", false },
	{ "100.128.0.1", true },
	{ "127.0.0.1", false },
	{ "0.0.0.0", false },
	{ "10.1.2.3", false },
	{ "11.0.0.1", true },
	{ "169.254.169.254", false },
	{ "172.15.255.255", true },
	{ "172.16.0.1", false },
	{ "172.31.255.255", false },
	{ "172.32.0.1", true },
	{ "192.0.0.9", false },
	{ "192.0.2.1", false },
	{ "192.168.1.1", false },
	{ "198.17.255.255", true },
	{ "198.19.0.1", false },
	{ "223.255.255.1", true },
	{ "224.0.0.1", false },
	{ "255.255.255.255", false },
	{ "::1", false },
	{ "::", false },
	{ "fe80::1", false },
	{ "fc00::1", false },
	{ "fd12::1", false },
	{ "ff02::1", false },
	{ "2001:db8::7", false },
	{ "2001::1", false },
	{ "2001:200::1", true },
	{ "2a00:1450:4001::1", true },
	{ "::ffff:127.0.0.1", false },
	{ "::ffff:8.8.8.8", true },
	{ "::127.0.0.1", false },
	{ "64:ff9b::7f00:1", false },
	{ "64:ff9b::808:808", true },
	{ "64:ff9b:1::808:808", false },
	{ "2002:7f00:1::1", false },
	{ "2002:808:808::1", true },
	{ "127.1", false },
	{ "localhost", false },
	{ "", false },
};

static void test_is_public(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (net_address_is_public(cases[i].address) != cases[i].is_public)
			fail_msg("%s", cases[i].address);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_is_public) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
