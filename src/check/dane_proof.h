/* SPDX-License-Identifier: Apache-2.0 */
/* check/dane_proof.h - do a mail host's TLSA records count: is the way to them signed (RFC 7672, 2.2)?
 *
 * Pure.  What could not be proven is not unsigned: nobody can say that of an answer whose proof did not come,
 * nor of any answer where the resolver lets nothing be proven. */
#ifndef CHECK_DANE_PROOF_H
#define CHECK_DANE_PROOF_H

#include "net/dns.h"

struct dane_proof {
	const struct dns_answer *tlsa;    /* NULL: no answer in time, of any of these */
	const struct dns_answer *mx;      /* of the domain */
	bool implicit;                    /* it has none, and is its own host */
	const struct dns_answer *a4, *a6; /* of the host */
	bool asked4, asked6;
};

/* The tlsa fact's result: secure insecure untested bogus temperror. */
const char *dane_proof_word(const struct dane_proof *p);

#endif
