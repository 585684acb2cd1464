/* SPDX-License-Identifier: Apache-2.0 */
/* check/secret_shape.h - what may be said of a secret without telling it.
 *
 * A stray blank, the wrong kind of key: such causes show in the shape alone. */
#ifndef CHECK_SECRET_SHAPE_H
#define CHECK_SECRET_SHAPE_H

#include "base/arena.h"

/* Characters (UTF-8 sequences, or bytes where it is no UTF-8). */
size_t secret_chars(const char *secret);

/* Appends the words of the SECRET fact's notes (fact_kinds.def) that are true of it. */
void secret_notes(const char *secret, struct arena *a, struct strlist *out);

#endif
