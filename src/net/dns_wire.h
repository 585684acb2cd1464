/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_wire.h - DNS messages as bytes (RFC 1035, 4; EDNS: RFC 6891; extended
 * errors: RFC 8914).  Packets come from anybody: whatever is in one is a value
 * or "malformed", never trouble. */
#ifndef NET_DNS_WIRE_H
#define NET_DNS_WIRE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum {
	DNS_WIRE_UDP_BYTES = 1232, /* EDNS payload size that is not fragmented */
	DNS_WIRE_PACKET_BYTES_MAX = 65535
};

struct dns_wire_question {
	uint16_t id;
	const char *name, *type; /* clean name; "A", "TLSA", "TYPE65" */
	unsigned flags;          /* enum dns_flag: CD and NO_RECURSE count here */
	bool edns;               /* with DO */
};

unsigned dns_wire_type_number(const char *type); /* 0: unknown */
/* Appends the packet; false when name or type cannot be put on the wire. */
bool dns_wire_build(const struct dns_wire_question *q, struct buf *out) MUST_USE;

enum dns_wire_result {
	DNS_WIRE_REPLY,
	DNS_WIRE_FOREIGN, /* answers another question: to be ignored, as if it never came */
	DNS_WIRE_MALFORMED
};

struct dns_wire_reply {
	int rcode, ede; /* extended rcode; -1: no extended error */
	const char *ede_text;
	bool truncated;         /* TC: nothing but the header was read */
	bool authentic;         /* AD */
	bool has_signatures;    /* RRSIG in the answer section */
	bool has_soa;           /* in the authority section: a real negative answer */
	const char *cname;      /* end of the alias chain, "" none */
	struct strlist records; /* of the asked type, as dns.h describes */
	unsigned ttl;
};

enum dns_wire_result dns_wire_read(const struct dns_wire_question *q, struct str packet, struct arena *a,
				   struct dns_wire_reply *out) MUST_USE;

#endif
