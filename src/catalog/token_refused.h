/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/token_refused.h - what a refused login means where a token was refused, and no password was sent.
 *
 * Servers answer both with the same 535 ("Username and Password not accepted"). */
#ifndef CATALOG_TOKEN_REFUSED_H
#define CATALOG_TOKEN_REFUSED_H

#include "catalog/reply_match.h"
#include "catalog/token_note.h"

/* It says "no" to a login and nothing more, as far as the catalogue is sure of it. */
bool login_is_bare(const struct reply_meaning *m);

/* The meanings of the reply that ended a login by token: what is told of passwords goes, what the note says
 * comes first (NULL: there was none).  A reply with a reason of its own keeps it.  Returns how many there
 * are. */
size_t token_refused(struct reply_meaning m[REPLY_MEANINGS_MAX], size_t n, const struct token_note *note);

#endif
