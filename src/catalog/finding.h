/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/finding.h - the findings: one entry a cause, compiled in from catalog/findings/.
 *
 * Entries are static and never freed. */
#ifndef CATALOG_FINDING_H
#define CATALOG_FINDING_H

#include <stdbool.h>
#include <stddef.h>

/* Steps in the order of a check (contract). */
enum step {
	STEP_CONFIG,
	STEP_DNS,
	STEP_CONNECT,
	STEP_BANNER,
	STEP_EHLO,
	STEP_STARTTLS,
	STEP_TLS_CERT,
	STEP_AUTH,
	STEP_OAUTH,
	STEP_MAIL_FROM,
	STEP_RCPT,
	STEP_DATA,
	STEP_CONTENT,
	STEP_ATTACHMENT,
	STEP_POST_HANDOFF,
	STEP_DOMAIN_POLICY,
	STEP_RELAY_SERVER,
	STEP_CLIENT_NETWORK,
	STEP_COUNT
};

enum finding_severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_FAILURE, SEVERITY_COUNT };
enum finding_actor {
	ACTOR_USER,
	ACTOR_IT_PROVIDER,
	ACTOR_MAIL_ADMIN,
	ACTOR_RECIPIENT,
	ACTOR_NOBODY,
	ACTOR_COUNT
};

struct finding_fix {
	enum finding_actor actor;
	const char *text;    /* may hold {name|default} places */
	const char *command; /* what to type or click, "" none; places allowed; catalog/fix_line.h */
};

struct finding_entry {
	const char *id;    /* stable */
	const char *class; /* of the taxonomy */
	enum step step;
	enum finding_severity severity;
	enum finding_actor actor; /* who acts first */
	const char *title;        /* one line; places allowed */
	const char *why;          /* one to three sentences; places allowed */
	const struct finding_fix *fixes;
	size_t nfixes;
	const char *const *refs;  /* NULL-terminated */
	const char *const *alike; /* ids easily confused with it; NULL-terminated */
	const char *tell;         /* the evidence that tells them apart */
};

const struct finding_entry *finding_entry_find(const char *id); /* NULL: no such */
const struct finding_entry *finding_entry_at(size_t i);         /* NULL past the end; sorted by id */
/* True when one of the two names the other as easily confused with it. */
bool finding_is_alike(const struct finding_entry *a, const char *id);

/* What somebody has to do: the coarse kind of a finding (catalog/classes.toml). */
enum class_retry {
	RETRY_NEVER, /* useless until something is changed */
	RETRY_LATER, /* with growing pauses; somebody may have to act meanwhile */
	RETRY_WAIT,  /* nobody has to act; it usually passes by itself */
	RETRY_COUNT
};

struct class_entry {
	const char *id;
	const char *title;        /* a few words for people */
	enum finding_actor actor; /* unless the finding knows better */
	enum class_retry retry;
};

const struct class_entry *finding_class_find(const char *id); /* NULL: no such */

const char *step_name(enum step s);
bool step_of(const char *name, enum step *s);
const char *severity_name(enum finding_severity s);
const char *actor_name(enum finding_actor a);
const char *retry_name(enum class_retry r);

#endif
