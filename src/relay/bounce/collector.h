/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/collector.h - reports out of mailboxes elsewhere: each mailbox block is looked into by IMAP or
 * POP3, and what reports there goes the way of relay/inbox.
 *
 * What was read is remembered in DATA/mailbox/NAME (IMAP: up to which UID; POP3: which mails), and each mail
 * has a key in the store: a crash in between reads it twice and takes it once.  A mail that is no report
 * stays where it is, unread as it was.  Deleted or moved is only what is safe on our disk. */
#ifndef RELAY_COLLECTOR_H
#define RELAY_COLLECTOR_H

#include "relay/relay_inner.h"

enum {
	COLLECT_MAILS = 500,        /* of one look; then the next one follows at once */
	COLLECT_PAUSE_MOST_S = 3600 /* after failures */
};

struct collectors;

struct collectors *collectors_new(struct relay *r) MUST_USE;
void collectors_adopt(struct collectors *all); /* the relay's settings are others: looks at once */
void collectors_stop(struct collectors *all);  /* no new look */
void collectors_free(struct collectors **ap);  /* once no fiber runs any more; NULL is fine */

#endif
