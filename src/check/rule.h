/* SPDX-License-Identifier: Apache-2.0 */
/* check/rule.h - rules: pure functions from evidence to raised findings.
 *
 * A rule reads facts and raises.  It sees provider, step, code, text and what
 * came before, never a code alone; "could not test" raises nothing. */
#ifndef CHECK_RULE_H
#define CHECK_RULE_H

#include "check/verdict.h"

struct rule {
	const char *name; /* of the rule; often the finding's id */
	void (*judge)(const struct evidence *ev, struct verdict *v);
};

/* Every rule table; each rule_*.c ends with one. */
extern const struct rule rules_config[], rules_dns[], rules_connect[], rules_banner[], rules_starttls[],
	rules_cert[], rules_auth[], rules_oauth[], rules_login_config[], rules_reply[], rules_content[],
	rules_policy[], rules_address[], rules_mx[], rules_mx_authority[], rules_recipients[], rules_mx_tls[],
	rules_network[], rules_handoff[], rules_break[], rules_sender[], rules_envelope[], rules_attachment[];

#endif
