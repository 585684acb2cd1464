/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/token_note.h - what a server writes down when it refuses an OAuth token (RFC 7628, 3.2.2).
 *
 * It comes in a 334 before the refusal itself, which says no more than it says of a wrong password:
 * {"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}.  Only these three are kept:
 * anything else may be an echo of what was sent.  Pure. */
#ifndef CATALOG_TOKEN_NOTE_H
#define CATALOG_TOKEN_NOTE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum {
	TOKEN_NOTE_MAX = 1024,      /* bytes; a longer object is no note */
	TOKEN_NOTE_FIELD_MAX = 160, /* a longer value is not kept */
};

struct token_note {
	const char *status, *schemes, *scope; /* printable; "" not told */
};

/* The first such note in a text, decoded from base64 before; out: arena-owned. */
bool token_note_find(struct arena *a, struct str text, struct token_note *out);

/* Base64 of such a note and nothing else: it tells and harms nobody. */
bool token_note_is_coded(struct str coded);

/* As a server would write it, for a trail and as evidence. */
const char *token_note_text(struct arena *a, const struct token_note *n);

/* What the status says of the token, the end of a sentence; "" unknown.  Static. */
const char *token_note_reason(const struct token_note *n);

#endif
