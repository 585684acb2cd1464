/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/rewrite.h - a header with the changes that a filter wants.  Pure. */
#ifndef RELAY_REWRITE_H
#define RELAY_REWRITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "smtp/milter.h"

/* Appends header (fields with CRLF, without the empty line) to out with the changes of
 * fields applied in order; others are passed over.  Positions count as libmilter
 * says: insert before `index` of all fields, change the index'th of that name. */
void rewrite_header(struct str header, const struct milter_change *changes, size_t n, struct buf *out);

/* Appends text with every line end made CRLF: a lone CR or LF never leaves us. */
void rewrite_line_ends(struct str text, struct buf *out);

bool rewrite_is_field(const struct milter_change *c); /* not one of the envelope */

#endif
