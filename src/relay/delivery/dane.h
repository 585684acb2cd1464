/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/dane.h - what a mail host's TLSA records ask of a session with it (RFC 7672, 2.1 and 2.2).
 *
 * They count where the way to them is signed from end to end; the caller vouches for how the host was named.
 * In a fiber. */
#ifndef RELAY_DANE_H
#define RELAY_DANE_H

#include "net/dns.h"

enum dane_word {
	DANE_NOTHING, /* no record that counts */
	DANE_RECORDS, /* TLS, with a certificate that fits them where any of them can be used */
	DANE_UNSURE   /* somebody may have taken them away: the host is not to be used now (2.1.2) */
};

struct dane_ask {
	const char *host;
	unsigned port;
	struct dns_question *addresses[2]; /* A and AAAA of it, asked before */
	uint64_t until_ms;
};

struct dane {
	enum dane_word word;
	const char *base; /* the name they stand under: for SNI, and what a DANE-TA chain must be for */
	struct strlist records;
	bool usable;               /* one of them at least (3.1) */
	unsigned ttl;              /* of what was asked */
	const char *finding, *why; /* of DANE_UNSURE */
};

/* Starts the question that is nearly always needed; dane_find() then need not wait for it. */
void dane_begin(struct dns *d, const char *host, unsigned port);
/* Texts go to a. */
void dane_find(struct dns *d, const struct dane_ask *ask, struct arena *a, struct dane *out);

#endif
