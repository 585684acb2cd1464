/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/inbox.h - mail to local-domains: delivery reports, of which we are the final reader.
 *
 * A report becomes an event on the trail of the message it is about (relay/bounce/bounce_match, bounce_tell):
 * what was handed over has bounced, is confirmed, or waits there.  What matches nothing of ours is kept,
 * held, until somebody has looked at it, or it is too old. */
#ifndef RELAY_INBOX_H
#define RELAY_INBOX_H

#include "relay/relay_inner.h"
#include "smtp/server.h"

#define INBOX_LANE    "(reports)" /* local recipients stand there, held, until they are read */
#define INBOX_MAILBOX "mailbox "  /* listener of what came out of one: its name follows */

enum {
	INBOX_BYTES_MAX = 1 << 20, /* looked at, of one report */
	INBOX_TIDY_MINUTES = 60,
	INBOX_KEPT_MAX = 1000 /* that match nothing; further ones are told on their own trail only */
};

/* NULL: body may be taken for a local recipient.  The null reverse-path is always let in. */
const struct smtp_answer *inbox_judge(const struct store_body *body, struct str sender);
/* A message with local recipients is in the store: reads it, in a fiber. */
void inbox_read(struct relay *r, struct store_id id);
void inbox_open(struct relay *r); /* those that were not read before the last end */
void inbox_tidy(struct relay *r); /* now and then: forgets what was kept long enough */

#endif
