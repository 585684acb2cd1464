/* SPDX-License-Identifier: Apache-2.0 */
/* check/message.h - the message a check would send, in its variants.
 *
 * The real one carries the attachments asked for; the others change one thing,
 * so that what is refused can be told: the mail as such, any attachment, this
 * name, this content. */
#ifndef CHECK_MESSAGE_H
#define CHECK_MESSAGE_H

#include "base/buf.h"
#include "check/probe.h"

enum message_variant {
	MESSAGE_REAL,          /* as asked for */
	MESSAGE_NO_ATTACHMENT, /* text only */
	MESSAGE_TINY,          /* a few bytes of text as attachment */
	MESSAGE_RENAMED        /* the real attachment under a harmless name */
};

/* Builds (or, with a message file, reads) the message into out, CRLF lines, and
 * records MESSAGE and ATTACHMENT facts for MESSAGE_REAL.  False when it cannot be
 * had (recorded as not tested). */
bool probe_message(struct probe *p, enum message_variant v, struct buf *out) MUST_USE;

#endif
