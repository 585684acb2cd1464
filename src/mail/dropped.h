/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dropped.h - a file that a program dropped into a pick-up folder, as a mail: two forms.
 *
 * A message (RFC 5322, as a .eml has it), with X-Sender and X-Receiver lines in front where the program knows
 * of an envelope.  Or the text that older programs write:
 *
 *   To: customer@example.net; second@example.net      also Cc, Bcc, From, Reply-To; commas or semicolons
 *   Subject: Invoice 17
 *   Attachment: invoice17.pdf                          again for more, or several parted by semicolons
 *   (an empty line)
 *   Dear customer, ...
 *
 * Pure: attachments are names here; who reads them judges whether they may be read. */
#ifndef MAIL_DROPPED_H
#define MAIL_DROPPED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { DROPPED_RCPTS_MAX = 1000, DROPPED_ATTACHMENTS_MAX = 50, DROPPED_FIELD_MAX = 64 * 1024 };

struct dropped {
	bool is_text;       /* the older form */
	const char *sender; /* of the envelope; "" none is named */
	struct strlist rcpts;
	/* of a message: fit for SMTP */
	struct buf message; /* the caller's to clear */
	/* of a text; UTF-8 */
	const char *from_name, *reply_to, *subject, *text;
	struct strlist to, cc, attachments;
};

struct dropped_options {
	bool eml;           /* the file's name says that it is a message */
	const char *home;   /* what follows the @ of a name alone; "" it is wrong */
	const char *sender; /* where the file names none; "" that is wrong */
	/* An address that every server takes, in a (net/plain_address.h); NULL: it is left as it is */
	const char *(*plain)(struct arena *a, const char *address, const char **why);
};

/* False with *e (ERR_SYNTAX and the mend). */
bool dropped_read(struct arena *a, struct str raw, const struct dropped_options *o, struct dropped *out,
		  struct err *e) MUST_USE;

#endif
