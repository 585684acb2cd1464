/* SPDX-License-Identifier: Apache-2.0 */
/* mail/spf_lookup.h - what spf.c and spf_lint.c share: finding a domain's record, noting problems. */
#ifndef MAIL_SPF_LOOKUP_H
#define MAIL_SPF_LOOKUP_H

#include "mail/spf.h"
#include "mail/spf_record.h"

enum spf_found { SPF_FOUND, SPF_FOUND_NONE, SPF_FOUND_MANY, SPF_FOUND_TEMPERROR, SPF_FOUND_WAITING };

/* Reads the TXT records of domain and picks the SPF one (RFC 7208, 4.5). */
enum spf_found spf_find(const struct dns_view *view, struct dns_wants *w, const char *domain,
			const char **txt);

/* Whether the domain can have a policy at all (RFC 7208, 4.3): more than one
 * label, none empty or too long, no address literal. */
bool spf_domain_usable(const char *domain);

/* Appends a problem and makes it the report's main one when it is graver. */
void spf_note(struct arena *a, struct spf_report *r, const char *problem, const char *term, const char *at,
	      const char *why);

/* An empty report: no text is NULL. */
struct spf_report spf_report_of(const char *domain, const char *identity);

#endif
