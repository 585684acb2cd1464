/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a hostile resolver.  The first byte picks the question. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "net/dns.h"
#include "net/dns_wire.h"

static const char *const types[] = { "A",   "AAAA",  "MX", "TXT", "PTR", "TLSA",
				     "SRV", "CNAME", "NS", "SOA", "CAA", "DNSKEY" };

static void check_reply(const struct dns_wire_reply *r)
{
	if (r->records.n > DNS_ANSWERS_MAX || !r->cname || !r->ede_text)
		abort();
	for (size_t i = 0; i < r->records.n; i++)
		if (!r->records.v[i])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dns_wire_question q = { .name = "mx.example",
				       .type = types[data[0] % ARRAY_LEN(types)],
				       .edns = true };
	struct dns_wire_reply r;
	q.id = (uint16_t)(data[1] << 8 | data[2]); /* always fits: ids are not what is tested */
	struct str packet = { (const char *)data + 1, size - 1 };
	if (dns_wire_read(&q, packet, a, &r) == DNS_WIRE_REPLY)
		check_reply(&r);
	return 0;
}
