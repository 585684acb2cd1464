/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dnsbl.h - what a DNS blocklist says, and whether it may be believed (RFC 5782).
 *
 * A list that refuses our resolver, or a resolver that answers every name, must
 * never read as "listed": so the list's own test entries are asked too. */
#ifndef MAIL_DNSBL_H
#define MAIL_DNSBL_H

#include "mail/dns_view.h"
#include "mail/ipaddr.h"

enum dnsbl_result { DNSBL_CLEAR, DNSBL_LISTED, DNSBL_REFUSED, DNSBL_TEMPERROR, DNSBL_WILDCARD };

struct dnsbl_report {
	enum dnsbl_result result;
	const char *zone, *subject, *name; /* name: what was asked */
	struct strlist answers;
	const char *reason; /* the list's TXT, or why the answer does not count */
	bool proven;        /* the list answers for its test entry, so "clear" means something */
};

/* "4.3.2.1.zone", the nibbles of an IPv6 address, or "domain.zone". */
const char *dnsbl_name(struct arena *a, const char *subject, const char *zone) MUST_USE;

/* subject: an address or a domain.  False: answers are missing. */
bool dnsbl_check(struct arena *a, const char *subject, const char *zone, const struct dns_view *view,
		 struct dns_wants *w, struct dnsbl_report *out) MUST_USE;

const char *dnsbl_result_name(enum dnsbl_result r); /* clear listed refused temperror wildcard */

#endif
