/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/dns.h"
#include "net/dns_wire.h"
#include "tests/unit/dns_wire_cases.h"

static struct dns_wire_question question(const char *type)
{
	return (struct dns_wire_question){ .id = 0x1234, .name = "mx.example", .type = type, .edns = true };
}

static void test_read(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(wire_cases); i++) {
		const struct wire_case *c = &wire_cases[i];
		struct dns_wire_question q = question(c->type);
		struct dns_wire_reply r;
		print_message("  %s\n", c->name);
		assert_int_equal(dns_wire_read(&q, c->packet, a, &r), c->result);
		if (c->result == DNS_WIRE_FOREIGN)
			continue;
		assert_int_equal(r.rcode, c->rcode);
		assert_int_equal(r.ede, c->ede);
		assert_string_equal(r.cname, c->cname);
		assert_int_equal(r.ttl, c->ttl);
		size_t n = 0;
		for (; n < ARRAY_LEN(c->records) && c->records[n]; n++)
			assert_true(n < r.records.n && !strcmp(r.records.v[n], c->records[n]));
		assert_int_equal(r.records.n, n);
	}
}

/* Whatever is cut off or flipped: a value comes back, and no byte beyond the end is read. */
static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wire_cases); i++) {
		struct str p = wire_cases[i].packet;
		struct dns_wire_question q = question(wire_cases[i].type);
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dns_wire_reply r;
		for (size_t cut = 0; cut < p.len; cut++) {
			CLEANUP(mem_free) char *copy = cut ? mem_alloc(cut) : NULL;
			if (cut)
				memcpy(copy, p.p, cut);
			assert_true(dns_wire_read(&q, (struct str){ copy, cut }, a, &r) <=
				    DNS_WIRE_MALFORMED);
		}
		for (size_t bit = 0; bit < p.len * 8; bit++) {
			CLEANUP(mem_free) char *copy = mem_alloc(p.len);
			memcpy(copy, p.p, p.len);
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
			assert_true(dns_wire_read(&q, (struct str){ copy, p.len }, a, &r) <=
				    DNS_WIRE_MALFORMED);
		}
	}
}

static void test_truncated_and_flags(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dns_wire_question q = question("A");
	struct dns_wire_reply r;
	struct str cut = PACKET(ID "\x83\x80" COUNTS("\x01", "\x05", "\x00", "\x00") ASKED A IN OWNER);
	assert_int_equal(dns_wire_read(&q, cut, a, &r), DNS_WIRE_REPLY);
	assert_true(r.truncated);
	struct str ad = PACKET(ID "\x81\xa0" COUNTS("\x01", "\x00", "\x00", "\x00") ASKED A IN);
	assert_int_equal(dns_wire_read(&q, ad, a, &r), DNS_WIRE_REPLY);
	assert_true(r.authentic);
	assert_false(r.truncated);
}

static void test_build(void **state)
{
	(void)state;
	static const char want[] = ID "\x01\x30\x00\x01\x00\x00\x00\x00\x00\x01" ASKED A IN
				      "\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x00";
	struct buf b = { 0 };
	struct dns_wire_question q = question("A");
	q.flags = DNS_CD;
	assert_true(dns_wire_build(&q, &b));
	assert_int_equal(buf_waiting(&b), sizeof(want) - 1);
	assert_memory_equal(buf_str(&b).p, want, sizeof(want) - 1);
	buf_clear(&b);
	q.type = "NOTYPE";
	assert_false(dns_wire_build(&q, &b));
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_truncated_and_flags),
		cmocka_unit_test(test_build),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
