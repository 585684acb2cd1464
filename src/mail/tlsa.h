/* SPDX-License-Identifier: Apache-2.0 */
/* mail/tlsa.h - TLSA records against the certificates a mail server sent (RFC 6698, 7671, 7672).
 *
 * Only DANE-TA(2) and DANE-EE(3) are usable for SMTP.  Whether the records were
 * validated with DNSSEC is the caller's business. */
#ifndef MAIL_TLSA_H
#define MAIL_TLSA_H

#include "base/arena.h"

enum {
	TLSA_RECORDS_MAX = 32, /* considered of one host */
	TLSA_CHAIN_MAX = 16,   /* certificates considered */
	TLSA_NAMES_MAX = 4,    /* reference names */
};

struct tlsa {
	unsigned usage, selector, matching;
	struct str data; /* decoded */
	bool usable;     /* by RFC 7672, 3.1 */
};

bool tlsa_any_usable(const struct strlist *records);

enum tlsa_outcome {
	TLSA_NO_USABLE, /* nothing to compare with: TLS is required, its certificate is not judged */
	TLSA_MATCH,
	TLSA_MISMATCH,
};

struct tlsa_ask {
	const char *const *records;
	size_t nrecords;
	struct str chain[TLSA_CHAIN_MAX]; /* DER; [0] is the server's own */
	size_t nchain;
	const char *names[TLSA_NAMES_MAX]; /* what a DANE-TA chain must be valid for: MX host, domain */
	size_t nnames;
	long long now_s;
};

struct tlsa_report {
	enum tlsa_outcome outcome;
	const char *record; /* that matched, as published; "" none */
	unsigned usage;     /* of it */
	size_t depth;       /* the certificate it matched */
	const char *why;    /* words about a mismatch: "the key is another", "expired" ... */
};

void tlsa_match(struct arena *a, const struct tlsa_ask *ask, struct tlsa_report *out);

const char *tlsa_outcome_name(enum tlsa_outcome o); /* no-usable match mismatch */

#endif
