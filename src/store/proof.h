/* SPDX-License-Identifier: Apache-2.0 */
/* store/proof.h - how a next server has proven who it is, of a session over TLS.
 *
 * Kept with each change as a number: they may grow, and none changes its meaning. */
#ifndef STORE_PROOF_H
#define STORE_PROOF_H

enum store_proof {
	STORE_PROOF_UNKNOWN, /* no TLS, or a store of before this was kept */
	STORE_UNPROVEN,      /* encrypted, whoever it was */
	STORE_PROOF_DANE,    /* its certificate fits signed TLSA records (RFC 7672) */
	STORE_PROOF_MTA_STS, /* it is for the name that the domain's policy lists (RFC 8461) */
	STORE_PROOF_CERTIFICATE, /* it is for the name that we looked for: a smarthost, REQUIRETLS */
	STORE_PROOFS
};

const char *store_proof_name(enum store_proof p);  /* "mta-sts", a stable word; "" unknown */
const char *store_proof_words(enum store_proof p); /* for people, behind the version of TLS; "" unknown */

#endif
