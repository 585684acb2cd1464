/* SPDX-License-Identifier: Apache-2.0 */
/* relay/access: which networks that may hand over anything leave the relay open to everybody. */
#include "tests/unit/unit.h"

#include "relay/access.h"

static void test_open_relay(void **state)
{
	(void)state;
	static const struct {
		const char *net;
		unsigned bits;
		bool open;
	} nets[] = { { "0.0.0.0", 0, true },
		     { "::", 0, true },
		     { "128.0.0.0", 1, true },
		     { "8.0.0.0", 8, true },
		     { "10.0.0.0", 8, false },
		     { "127.0.0.0", 8, false },
		     { "2000::", 3, true },
		     { "2001:db8:5::", 48, false },
		     { "192.168.0.0", 16, false },
		     { "172.16.0.0", 8, true },
		     { "0.0.0.0", 1, true },
		     { "fd00::", 8, false },
		     { "fc00::", 7, false },
		     { "fe80::", 10, false },
		     { "fc00::", 6, true },
		     { "f000::", 4, true },
		     { "64:ff9b::", 96, true },
		     { "64:ff9b::", 64, true },
		     { "64:ff9b::", 97, true },
		     { "64:ff9b::800:0", 104, true },
		     { "64:ff9b::", 32, true },
		     { "64:ff9b::c633:6400", 120, false },
		     { "64:ff9b::a00:0", 104, false },
		     { "64:ff9b:1::", 48, false } };
	struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
		struct relay_network n = { .bits = nets[i].bits };
		struct relay_settings s = { .allow = &n, .nallow = 1 };
		assert_true(ipaddr_read(str_of(nets[i].net), &n.net));
		if ((access_open_relay(&s, a) != NULL) != nets[i].open)
			fail_msg("%s/%u", nets[i].net, nets[i].bits);
	}
	arena_free(&a);
}

/* The whole internet written as 446 networks, each of which alone is narrow enough. */
static void test_open_relay_in_pieces(void **state)
{
	(void)state;
	struct relay_network v[446];
	struct arena *a = arena_new();
	for (unsigned i = 0; i < ARRAY_LEN(v); i++)
		v[i] = (struct relay_network){
			.bits = 9, .net = { 4, { (unsigned char)(i / 2 + 1), (unsigned char)(i % 2 * 128) } }
		};
	struct relay_settings s = { .allow = v, .nallow = ARRAY_LEN(v) };
	assert_non_null(access_open_relay(&s, a));
	s.nallow = 1; /* 1.0.0.0/9 */
	assert_null(access_open_relay(&s, a));
	struct relay_network again[] = { v[0], v[0], { .bits = 10, .net = v[0].net } };
	s.allow = again; /* twice, and a part of it: not more than 1.0.0.0/9 */
	s.nallow = ARRAY_LEN(again);
	assert_null(access_open_relay(&s, a));
	again[1] = v[1]; /* its other half */
	assert_non_null(access_open_relay(&s, a));
	again[1] = (struct relay_network){ .bits = 96 + 9, .net = { 6, { 0, 0x64, 0xff, 0x9b } } };
	again[1].net.bytes[12] = 1; /* 64:ff9b::1.128.0.0/105, the same behind a translator */
	again[1].net.bytes[13] = 128;
	assert_non_null(access_open_relay(&s, a));
	s.allow = v + 18; /* 10.0.0.0/9 and its other half: a company's own */
	s.nallow = 2;
	assert_null(access_open_relay(&s, a));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_relay),
		cmocka_unit_test(test_open_relay_in_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
