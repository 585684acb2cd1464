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

#endif
