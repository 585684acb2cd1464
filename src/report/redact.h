/* SPDX-License-Identifier: Apache-2.0 */
/* report/redact.h - takes out of a text what nobody else needs.
 *
 * Secrets always (explain/hide knows their shapes; evidence never had them).  With mask also people:
 * the same person is the same "person-1" everywhere, so that the text still reads. */
#ifndef REPORT_REDACT_H
#define REPORT_REDACT_H

#include "base/arena.h"

enum { REDACT_PEOPLE_MAX = 1000 }; /* told apart; further ones share a number */

struct redactor {
	struct arena *arena;
	bool mask;
	struct strlist keep;   /* look like a person and are none: Message-IDs */
	struct strlist people; /* local parts and login names, in the order they came */
};

/* Printable, in the arena; "" for NULL. */
const char *redact(struct redactor *r, const char *text) MUST_USE;
const char *redact_str(struct redactor *r, struct str text) MUST_USE;

/* Our own sentences, with values that passed here or come from evidence: people only. */
const char *redact_own(struct redactor *r, const char *text) MUST_USE;

/* Stands as it is, though it looks like an address. */
void redact_keep(struct redactor *r, const char *text);

/* A login name without an @ is a person too. */
void redact_know(struct redactor *r, const char *name);

#endif
