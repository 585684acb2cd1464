/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mta_sts.h - MTA-STS: its TXT record, its policy file, and which MX it allows (RFC 8461).
 *
 * Fetching https://mta-sts.DOMAIN/.well-known/mta-sts.txt is the caller's work. */
#ifndef MAIL_MTA_STS_H
#define MAIL_MTA_STS_H

#include "mail/dns_view.h"

enum {
	MTA_STS_BODY_BYTES_MAX = 64 * 1024, /* of a policy file (3.3) */
	MTA_STS_MX_MAX = 100,               /* patterns of one policy */
	MTA_STS_AGE_MAX = 31557600,         /* seconds, about a year (3.2) */
	MTA_STS_ID_MAX = 32,                /* characters (3.1) */
};

enum mta_sts_result { MTA_STS_NONE, MTA_STS_OK, MTA_STS_MULTIPLE, MTA_STS_SYNTAX, MTA_STS_TEMPERROR };
enum mta_sts_mode { MTA_STS_MODE_NONE, MTA_STS_MODE_TESTING, MTA_STS_MODE_ENFORCE };

struct mta_sts_txt {
	enum mta_sts_result result;
	const char *id, *record, *problem; /* "" none */
};

struct mta_sts_policy {
	bool good; /* may be applied */
	enum mta_sts_mode mode;
	struct strlist mx; /* patterns, lower case */
	unsigned long max_age;
	const char *problem; /* words, "" none */
};

/* Reads _mta-sts.DOMAIN.  False: not known yet. */
bool mta_sts_find(struct arena *a, const char *domain, const struct dns_view *view, struct dns_wants *w,
		  struct mta_sts_txt *out) MUST_USE;

/* body: all that came, or more than MTA_STS_BODY_BYTES_MAX of it; type: its Content-Type, which guards against
 * hosts that let others put files there (3.2). */
void mta_sts_policy_parse(struct arena *a, const char *type, struct str body, struct mta_sts_policy *out);

/* Whether a pattern of the policy fits the host ("*.example.com" stands for one label). */
bool mta_sts_allows(const struct mta_sts_policy *p, const char *host);

const char *mta_sts_result_name(enum mta_sts_result r); /* none ok multiple syntax temperror */
const char *mta_sts_mode_name(enum mta_sts_mode m);     /* none testing enforce */

#endif
