/* SPDX-License-Identifier: Apache-2.0 */
/* check/rule_domain.h - questions that the rules about a domain ask of the evidence. */
#ifndef CHECK_RULE_DOMAIN_H
#define CHECK_RULE_DOMAIN_H

#include "check/rule_view.h"

/* The domain's own mail is the question: its MX hosts were looked at, not a server for sending. */
bool rule_is_domain_check(const struct evidence *ev);
/* The name service answered that the domain asked about does not exist. */
bool rule_domain_missing(const struct evidence *ev);

/* Raises with the entry's severity in a check of a domain, or of a sending address;
 * beside a server for sending what a domain publishes is at most a warning. */
struct finding *rule_raise_policy(struct verdict *v, const char *id, double confidence, const struct fact *f);

/* What of a domain could not be looked up, all of it in one finding: unknown, never "missing". */
void rule_raise_unknown(struct verdict *v, const struct fact *f, const char *record, const char *domain,
			const char *why);

#endif
