/* SPDX-License-Identifier: Apache-2.0 */
/* mail/handin.h - a message as a local program writes it, made fit for SMTP, as sendmail(8) does.
 *
 * Lines get CRLF; blind copies are taken out; addresses without a domain get ours; raw UTF-8 in
 * Subject and names becomes encoded words; From is added where it is missing.  Date and Message-ID
 * are the relay's to add. */
#ifndef MAIL_HANDIN_H
#define MAIL_HANDIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct handin_options {
	bool dot_ends;      /* a line of "." is the end (without -i) */
	bool recipients;    /* those in the header count (-t) */
	const char *home;   /* what follows the @ of "root" */
	const char *sender; /* address for From, whole */
	const char *name;   /* beside it; "" none */
	/* An address that every server takes, in a (net/plain_address.h); NULL: it is left as it is */
	const char *(*plain)(struct arena *a, const char *address, const char **why);
	size_t rcpts_max; /* of the header; 0: as many as there are */
};

/* Appends the message to out, and to *to the header's recipients (whole addresses, each once).
 * False with *e (ERR_SYNTAX): with .recipients, a recipient field that cannot be read, or more than
 * .rcpts_max. */
bool handin_read(struct arena *a, struct str raw, const struct handin_options *o, struct buf *out,
		 struct strlist *to, struct err *e) MUST_USE;

/* "ann@example.com, root" -> two addresses, appended to *out; false when one of them is none. */
bool handin_addresses(struct arena *a, const char *typed, const char *home, struct strlist *out) MUST_USE;
/* "root" -> "root@home"; NULL when it is no address. */
const char *handin_address(struct arena *a, const char *typed, const char *home) MUST_USE;

#endif
