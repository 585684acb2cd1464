/* SPDX-License-Identifier: Apache-2.0 */
/* lab/zone_line.h - one line of a zone, read.  ldns types stay in zone*.c. */
#ifndef LAB_ZONE_LINE_H
#define LAB_ZONE_LINE_H

#include <ldns/ldns.h>

#include "base/arena.h"

enum zone_fault {
	FAULT_NONE, /* a record */
	FAULT_SERVFAIL,
	FAULT_REFUSED,
	FAULT_NXDOMAIN,
	FAULT_NODATA,
	FAULT_NOTIMP,
	FAULT_FORMERR,
	FAULT_DROP,
	FAULT_TRUNCATE,
	FAULT_BOGUS,
	FAULT_GARBAGE,
	FAULT_SLOW, /* only the modifiers count */
	ZONE_FAULTS
};

struct zone_line {
	char *name; /* lower case, no final dot; "" is the root */
	ldns_rr_type type;
	enum zone_fault fault;
	ldns_rr *rr; /* of a record */
	int ede;     /* -1: none */
	const char *ede_text;
	long long delay_ms;
	unsigned long first, after; /* 0: no limit */
	bool udp_only, tcp_only, notcp;
	unsigned long asked;
};

bool zone_line_read(const char *text, struct arena *a, struct zone_line *out, char *why,
		    size_t size) MUST_USE;

#endif
