/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dns_wire_cases.h - packets of DNS servers, and what is read in them. */
#ifndef TESTS_UNIT_DNS_WIRE_CASES_H
#define TESTS_UNIT_DNS_WIRE_CASES_H

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

#endif
