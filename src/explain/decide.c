/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/decide.h"

#include <stdlib.h>
#include <string.h>

/* An answer that needs no check: it is sure, and nothing else is likely. */
static const double sure = 0.895, rival = 0.7;

enum way { WAY_LOGIN, WAY_SERVER, WAY_DOMAIN, WAY_ENVELOPE, WAY_MESSAGE, WAYS };

/* Real options only: cli/check_table.c. */
static const char *const commands[WAYS] = {
	[WAY_LOGIN] = "postrider check {host|smtp.example.com}:{port|587} --security {security|starttls} "
		      "--user {user|you@example.com}",
	[WAY_SERVER] = "postrider check {host|smtp.example.com}:{port|587} --until tls",
	[WAY_DOMAIN] = "postrider check {domain|example.com}",
	[WAY_ENVELOPE] = "postrider check {from|you@example.com} --to {to|recipient@example.net} "
			 "--until envelope",
	[WAY_MESSAGE] = "postrider check {from|you@example.com} --to {to|recipient@example.net} "
			"--until message",
};

static const struct way_row {
	const char *class; /* sorted */
	enum way way;
} ways[] = {
	{ "attachment-blocked", WAY_MESSAGE },
	{ "auth-app-password", WAY_LOGIN },
	{ "auth-bad-credentials", WAY_LOGIN },
	{ "auth-disabled-by-admin", WAY_LOGIN },
	{ "auth-mechanism", WAY_LOGIN },
	{ "auth-oauth-token", WAY_LOGIN },
	{ "auth-required", WAY_LOGIN },
	{ "auth-throttled", WAY_LOGIN },
	{ "delivery-expired", WAY_ENVELOPE },
	{ "domain-not-found", WAY_ENVELOPE },
	{ "greylisted", WAY_ENVELOPE },
	{ "mail-loop", WAY_ENVELOPE },
	{ "mailbox-disabled", WAY_ENVELOPE },
	{ "mailbox-full", WAY_ENVELOPE },
	{ "mailbox-unknown", WAY_ENVELOPE },
	{ "message-format", WAY_MESSAGE },
	{ "message-too-large", WAY_MESSAGE },
	{ "network", WAY_SERVER },
	{ "policy-dkim", WAY_DOMAIN },
	{ "policy-dmarc", WAY_DOMAIN },
	{ "policy-ip-reputation", WAY_DOMAIN },
	{ "policy-other", WAY_ENVELOPE },
	{ "policy-rdns-helo", WAY_DOMAIN },
	{ "policy-sender-auth", WAY_DOMAIN },
	{ "policy-sender-blocked", WAY_DOMAIN },
	{ "policy-spam-content", WAY_MESSAGE },
	{ "policy-spf", WAY_DOMAIN },
	{ "protocol-error", WAY_SERVER },
	{ "rate-limited", WAY_ENVELOPE },
	{ "recipient-restricted", WAY_ENVELOPE },
	{ "relay-denied", WAY_LOGIN },
	{ "sender-account-restricted", WAY_LOGIN },
	{ "sender-invalid", WAY_DOMAIN },
	{ "sender-not-owned", WAY_LOGIN },
	{ "server-busy", WAY_ENVELOPE },
	{ "server-misconfigured", WAY_SERVER },
	{ "settings", WAY_LOGIN },
	{ "syntax", WAY_ENVELOPE },
	{ "tls-failed", WAY_SERVER },
	{ "tls-required", WAY_SERVER },
	{ "too-many-recipients", WAY_ENVELOPE },
	{ "unknown", WAY_LOGIN },
	{ "virus-detected", WAY_MESSAGE },
};

static int class_order(const void *class, const void *row)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a row is one of ways[] */
	return strcmp(class, *(const char *const *)row);
}

/* What a domain publishes is looked up there, whatever failed by it. */
static enum way way_of(const struct finding_entry *e)
{
	_Static_assert(offsetof(struct way_row, class) == 0, "class_order() reads a row's first member");
	const struct way_row *row = bsearch(e->class, ways, ARRAY_LEN(ways), sizeof(*ways), class_order);
	if (e->step == STEP_DOMAIN_POLICY)
		return WAY_DOMAIN;
	return row ? row->way : WAY_LOGIN;
}

const char *explain_decide(struct arena *a, const struct explanation *x)
{
	if (!x->refusal)
		return "";
	if (x->meanings[0].confidence >= sure && (x->n < 2 || x->meanings[1].confidence < rival))
		return "";
	return explain_fill_command(a, x, commands[way_of(x->meanings[0].entry)]);
}
