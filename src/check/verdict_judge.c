/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule.h"
#include "check/verdict_inner.h"

static const struct rule *const tables[] = {
	rules_config, rules_dns,          rules_connect,      rules_banner,     rules_starttls, rules_cert,
	rules_auth,   rules_oauth,        rules_login_config, rules_reply,      rules_network,  rules_policy,
	rules_mx,     rules_mx_authority, rules_recipients,   rules_mx_tls,     rules_address,  rules_break,
	rules_sender, rules_envelope,     rules_content,      rules_attachment, rules_handoff,
};

void verdict_judge(struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct rule *r = tables[i]; r->name; r++)
			r->judge(v->ev, v);
}
