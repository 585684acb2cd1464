/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim_canon.h - header fields and bodies in the forms DKIM signs (RFC 6376, 3.4).
 *
 * A lone LF counts as a line end, so that a mail saved to a file verifies too. */
#ifndef MAIL_DKIM_CANON_H
#define MAIL_DKIM_CANON_H

#include "base/buf.h"

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* Where canonical bytes go; put is called with many short pieces. */
struct dkim_sink {
	void (*put)(void *ctx, const void *p, size_t n);
	void *ctx;
};

/* A whole field with its line end ("Name: value CRLF"); one CRLF ends it. */
void dkim_canon_field(struct str raw, enum dkim_canon canon, struct buf *out);

void dkim_canon_body(struct str body, enum dkim_canon canon, const struct dkim_sink *sink);

/* The same of a body that comes in pieces of any size: begin with canon and sink, all else 0. */
struct dkim_body {
	enum dkim_canon canon;
	struct dkim_sink sink;
	size_t empty;        /* lines that count only when another follows */
	bool any;            /* a line was put */
	bool begun, gap, cr; /* of the present line something was put; blanks, a CR wait for what follows */
};

void dkim_body_feed(struct dkim_body *b, struct str piece);
void dkim_body_end(struct dkim_body *b);

#endif
