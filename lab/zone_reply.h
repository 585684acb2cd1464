/* SPDX-License-Identifier: Apache-2.0 */
/* lab/zone_reply.h - a resolver's answer on the wire: its flags, EDNS, what does not fit or is spoilt. */
#ifndef LAB_ZONE_REPLY_H
#define LAB_ZONE_REPLY_H

#include <ldns/ldns.h>

#include "base/buf.h"

struct zone_reply {
	ldns_pkt *packet; /* borrowed; its records are there already */
	bool authoritative;
	bool truncate, garbage;
	int ede; /* RFC 8914; -1: none */
	const char *ede_text;
};

/* The answer to q, appended to out; udp: no more than q has room for.  False: it cannot be written. */
bool zone_reply_write(const struct zone_reply *r, const ldns_pkt *q, bool udp, struct buf *out) MUST_USE;

#endif
