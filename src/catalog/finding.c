/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "findings.inc" /* finding_rows, class_rows: by tools/gen_findings.py, sorted by id */

static const char *const step_names[STEP_COUNT] = {
	[STEP_CONFIG] = "config",
	[STEP_DNS] = "dns",
	[STEP_CONNECT] = "connect",
	[STEP_BANNER] = "banner",
	[STEP_EHLO] = "ehlo",
	[STEP_STARTTLS] = "starttls",
	[STEP_TLS_CERT] = "tls-cert",
	[STEP_AUTH] = "auth",
	[STEP_OAUTH] = "oauth",
	[STEP_MAIL_FROM] = "mail-from",
	[STEP_RCPT] = "rcpt",
	[STEP_DATA] = "data",
	[STEP_CONTENT] = "content",
	[STEP_ATTACHMENT] = "attachment",
	[STEP_POST_HANDOFF] = "post-handoff",
	[STEP_DOMAIN_POLICY] = "domain-policy",
	[STEP_RELAY_SERVER] = "relay-server",
	[STEP_CLIENT_NETWORK] = "client-network",
};

static const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_FAILURE] = "failure",
};

static const char *const actor_names[ACTOR_COUNT] = {
	[ACTOR_USER] = "user",
	[ACTOR_IT_PROVIDER] = "it-provider",
	[ACTOR_MAIL_ADMIN] = "mail-admin",
	[ACTOR_RECIPIENT] = "recipient",
	[ACTOR_NOBODY] = "nobody",
};

static const char *const retry_names[RETRY_COUNT] = {
	[RETRY_NEVER] = "never",
	[RETRY_LATER] = "later",
	[RETRY_WAIT] = "wait",
};

static int by_finding_id(const void *id, const void *row)
{
	return strcmp(id, ((const struct finding_entry *)row)->id);
}

static int by_class_id(const void *id, const void *row)
{
	return strcmp(id, ((const struct class_entry *)row)->id);
}

const struct finding_entry *finding_entry_find(const char *id)
{
	return id ? bsearch(id, finding_rows, ARRAY_LEN(finding_rows), sizeof(finding_rows[0]), by_finding_id)
		  : NULL;
}

const struct finding_entry *finding_entry_at(size_t i)
{
	return i < ARRAY_LEN(finding_rows) ? &finding_rows[i] : NULL;
}

static bool names(const struct finding_entry *a, const char *id)
{
	for (const char *const *p = a->alike; *p; p++)
		if (!strcmp(*p, id))
			return true;
	return false;
}

bool finding_is_alike(const struct finding_entry *a, const char *id)
{
	if (names(a, id))
		return true;
	const struct finding_entry *b = finding_entry_find(id);
	return b && names(b, a->id);
}

const struct class_entry *finding_class_find(const char *id)
{
	return id ? bsearch(id, class_rows, ARRAY_LEN(class_rows), sizeof(class_rows[0]), by_class_id) : NULL;
}

const char *step_name(enum step s)
{
	return (size_t)s < STEP_COUNT ? step_names[s] : "";
}

bool step_of(const char *name, enum step *s)
{
	for (size_t i = 0; i < STEP_COUNT; i++)
		if (!strcmp(step_names[i], name)) {
			*s = (enum step)i;
			return true;
		}
	return false;
}

const char *severity_name(enum finding_severity s)
{
	return (size_t)s < SEVERITY_COUNT ? severity_names[s] : "";
}

const char *actor_name(enum finding_actor a)
{
	return (size_t)a < ACTOR_COUNT ? actor_names[a] : "";
}

const char *retry_name(enum class_retry r)
{
	return (size_t)r < RETRY_COUNT ? retry_names[r] : "";
}
