/* SPDX-License-Identifier: Apache-2.0 */
/* mail/header.h - the header of a message or of one of its parts, read safely (RFC 5322, 2.2).
 *
 * Lines may end in CRLF or LF.  Nothing is decoded or repaired; everything
 * points into the message, which the caller keeps. */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/arena.h"

enum { HEADER_FIELDS_MAX = 2000 }; /* further ones are counted as odd lines */

struct header_field {
	struct str name;
	struct str value; /* behind the colon, folds and all, without the last line end */
	struct str raw;   /* the whole field with its line ends (DKIM signs that) */
};

struct header {
	struct header_field *v; /* in the arena */
	size_t n;
	unsigned odd_lines; /* without a colon, or with blanks in the name */
	struct str body;    /* behind the empty line; empty when there is none */
	bool has_body;      /* the empty line was there */
};

/* An mbox's divider stands at the beginning: "From " and no field of that name. */
bool header_has_divider(struct str message);

void header_read(struct arena *a, struct str message, struct header *out);

/* The nth field of that name from the top, 0 the first; NULL when there is none. */
const struct header_field *header_find(const struct header *h, const char *name, size_t nth);
unsigned header_count(const struct header *h, const char *name);

/* A value on one line: line ends away, blanks at both ends too. */
struct str header_unfold(struct arena *a, struct str value) MUST_USE;
/* The first field of that name unfolded; empty when there is none. */
struct str header_get(struct arena *a, const struct header *h, const char *name) MUST_USE;

#endif
