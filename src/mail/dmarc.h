/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dmarc.h - which DMARC record speaks for a From: domain, and does a mail pass it.
 *
 * Discovery is the tree walk of RFC 9989, 4.10, with one guard from the older
 * way (RFC 7489, 3.2): a record at a public suffix counts as one of a registry
 * (psd=y) whatever it says, and no answer there is no answer of the domain. */
#ifndef MAIL_DMARC_H
#define MAIL_DMARC_H

#include "mail/dns_view.h"

enum {
	DMARC_WALK_MAX = 8,     /* names asked for one domain (RFC 9989, 4.10) */
	DMARC_SIGNERS_MAX = 10, /* DKIM domains considered */
};

enum dmarc_result { DMARC_OK, DMARC_NONE, DMARC_MULTIPLE, DMARC_SYNTAX, DMARC_TEMPERROR };
enum dmarc_outcome { DMARC_NOT_JUDGED, DMARC_PASS, DMARC_FAIL, DMARC_UNKNOWN };
enum dmarc_auth { DMARC_AUTH_FAILED, DMARC_AUTH_PASSED, DMARC_AUTH_UNKNOWN };

struct dmarc_signer {
	const char *domain; /* d= */
	enum dmarc_auth auth;
};

struct dmarc_ask {
	const char *from_domain;
	bool judge;             /* else only the record is looked for */
	const char *spf_domain; /* of the MAIL FROM, or HELO for the null sender; "" none */
	enum dmarc_auth spf;
	struct dmarc_signer signers[DMARC_SIGNERS_MAX];
	size_t nsigners;
};

struct dmarc_report {
	enum dmarc_result result;
	enum dmarc_outcome outcome; /* "not judged" also when there is no usable record */
	const char *domain, *at;    /* at: where the record stands; "" none */
	const char *policy, *sub_policy;
	const char *applies; /* the policy for this domain: p, sp or np, one weaker with t=y; "" none */
	const char *adkim, *aspf;
	const char *record, *problem;
	bool spf_aligned, dkim_aligned;       /* passed and aligned */
	const char *spf_domain, *dkim_domain; /* judged; the aligned signer, else the first */
};

/* False: answers are missing, w names them. */
bool dmarc_check(struct arena *a, const struct dmarc_ask *ask, const struct dns_view *view,
		 struct dns_wants *w, struct dmarc_report *out) MUST_USE;

const char *dmarc_result_name(enum dmarc_result r);   /* ok none multiple syntax temperror */
const char *dmarc_outcome_name(enum dmarc_outcome o); /* "" pass fail unknown */

#endif
