/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/dns.h"
#include "net/dns_wire.h"

/* Packets are spelt as bytes: header, question, then records whose owner is a
 * pointer to the question (c0 0c). */
#define ID "\x12\x34"
#define ASKED                                                                                                \
	"\x02mx\x07"                                                                                         \
	"example\x00"
#define OWNER                 "\xc0\x0c"
#define IN                    "\x00\x01"
#define TTL                   "\x00\x00\x01\x2c"
#define A                     "\x00\x01"
#define CNAME                 "\x00\x05"
#define SOA                   "\x00\x06"
#define MX                    "\x00\x0f"
#define TXT                   "\x00\x10"
#define TLSA                  "\x00\x34"
#define RRSIG                 "\x00\x2e"
#define COUNTS(q, an, ns, ar) "\x00" q "\x00" an "\x00" ns "\x00" ar
#define NOERROR               "\x81\x80"

#define PACKET(s) STR_LIT(s)

static const struct wire_case {
	const char *name, *type;
	struct str packet;
	enum dns_wire_result result;
	int rcode, ede;
	const char *records[3];
	const char *cname;
	unsigned ttl;
} wire_cases[] = {
	{ "an address",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED A IN OWNER A IN TTL
		 "\x00\x04\xc0\x00\x02\x07"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "192.0.2.7" },
	  "",
	  300 },
	{ "names in another case",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") "\x02MX\x07"
								   "eXample\x00" A IN OWNER A IN TTL
								   "\x00\x04\xc0\x00\x02\x07"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "192.0.2.7" },
	  "",
	  300 },
	{ "MX sorted, lower case, no final dot",
	  "MX",
	  PACKET(ID NOERROR COUNTS("\x01", "\x02", "\x00", "\x00") ASKED MX IN OWNER MX IN TTL
		 "\x00\x06\x00\x14\x01"
		 "B\xc0\x0c" OWNER MX IN TTL "\x00\x06\x00\x0a\x01"
		 "a\xc0\x0c"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "10 a.mx.example", "20 b.mx.example" },
	  "",
	  300 },
	{ "null MX",
	  "MX",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED MX IN OWNER MX IN TTL
		 "\x00\x03\x00\x00\x00"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "0 ." },
	  "",
	  300 },
	{ "TXT strings are joined raw",
	  "TXT",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED TXT IN OWNER TXT IN TTL
		 "\x00\x0b\x05"
		 "v=\"\xff \x04"
		 "b;\\c"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "v=\"\xff b;\\c" },
	  "",
	  300 },
	{ "a NUL in TXT is spelt out",
	  "TXT",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED TXT IN OWNER TXT IN TTL
		 "\x00\x04\x03"
		 "a\x00"
		 "b"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "a\\000b" },
	  "",
	  300 },
	{ "TLSA",
	  "TLSA",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED TLSA IN OWNER TLSA IN TTL
		 "\x00\x05\x03\x01\x01\xab\xcd"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "3 1 1 abcd" },
	  "",
	  300 },
	{ "an alias and its end",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x02", "\x00", "\x00") ASKED A IN OWNER CNAME IN TTL
		 "\x00\x04\x01"
		 "z\xc0\x0f"
		 "\x01"
		 "z\xc0\x0f" A IN TTL "\x00\x04\xc0\x00\x02\x07"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { "192.0.2.7" },
	  "z.example",
	  300 },
	{ "an alias without an end",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x01", "\x00") ASKED A IN OWNER CNAME IN TTL
		 "\x00\x04\x01"
		 "z\xc0\x0f"
		 "\xc0\x0f" SOA IN TTL "\x00\x16\x00\x00"
		 "\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01"
		 "\x00\x00\x00\x01\x00\x00\x00\x01"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { 0 },
	  "z.example",
	  300 },
	{ "an alias to itself",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED A IN OWNER CNAME IN TTL
		 "\x00\x02\xc0\x0c"),
	  DNS_WIRE_MALFORMED,
	  0,
	  -1,
	  { 0 },
	  "mx.example",
	  0 },
	{ "records of others are not ours",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED A IN "\x01"
									      "z\x00" A IN TTL
									      "\x00\x04\xc0\x00\x02\x07"),
	  DNS_WIRE_REPLY,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "no such name",
	  "A",
	  PACKET(ID "\x81\x83" COUNTS("\x01", "\x00", "\x00", "\x00") ASKED A IN),
	  DNS_WIRE_REPLY,
	  3,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "refused without a question",
	  "A",
	  PACKET(ID "\x81\x85" COUNTS("\x00", "\x00", "\x00", "\x00")),
	  DNS_WIRE_REPLY,
	  5,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "an extended error",
	  "A",
	  PACKET(ID "\x81\x82" COUNTS("\x01", "\x00", "\x00", "\x01") ASKED A IN
		 "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x0d\x00\x0f\x00\x09\x00\x07"
		 "expired"),
	  DNS_WIRE_REPLY,
	  2,
	  7,
	  { 0 },
	  "",
	  0 },
	{ "an option before the extended error",
	  "A",
	  PACKET(ID "\x81\x82" COUNTS("\x01", "\x00", "\x00", "\x01") ASKED A IN
		 "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x02"
		 "xx\x00\x0f\x00\x02\x00\x06"),
	  DNS_WIRE_REPLY,
	  2,
	  6,
	  { 0 },
	  "",
	  0 },
	{ "an option longer than its packet",
	  "A",
	  PACKET(ID "\x81\x82" COUNTS("\x01", "\x00", "\x00", "\x01") ASKED A IN
		 "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x05\x00\x0a\xff\xff"
		 "x"),
	  DNS_WIRE_REPLY,
	  2,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "an extended rcode",
	  "A",
	  PACKET(ID "\x81\x80" COUNTS("\x01", "\x00", "\x00", "\x01") ASKED A IN
		 "\x00\x00\x29\x04\xd0\x01\x00\x00\x00\x00\x00"),
	  DNS_WIRE_REPLY,
	  16,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "another id",
	  "A",
	  PACKET("\x12\x35" NOERROR COUNTS("\x01", "\x00", "\x00", "\x00") ASKED A IN),
	  DNS_WIRE_FOREIGN,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "another question",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x00", "\x00", "\x00") "\x02my\x07"
								   "example\x00" A IN),
	  DNS_WIRE_FOREIGN,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "another type",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x00", "\x00", "\x00") ASKED MX IN),
	  DNS_WIRE_FOREIGN,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "our own question back",
	  "A",
	  PACKET(ID "\x01\x00" COUNTS("\x01", "\x00", "\x00", "\x00") ASKED A IN),
	  DNS_WIRE_FOREIGN,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "success without a question",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x00", "\x00", "\x00", "\x00")),
	  DNS_WIRE_FOREIGN,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "an address of three bytes",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED A IN OWNER A IN TTL
		 "\x00\x03\xc0\x00\x02"),
	  DNS_WIRE_MALFORMED,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "records that are not there",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\xff", "\x00", "\x00") ASKED A IN),
	  DNS_WIRE_MALFORMED,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
	{ "a name that points at itself",
	  "A",
	  PACKET(ID NOERROR COUNTS("\x01", "\x01", "\x00", "\x00") ASKED A IN "\xc0\x1c" A IN TTL
									      "\x00\x04\xc0\x00\x02\x07"),
	  DNS_WIRE_MALFORMED,
	  0,
	  -1,
	  { 0 },
	  "",
	  0 },
};

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
