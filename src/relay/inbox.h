/* SPDX-License-Identifier: Apache-2.0 */
/* relay/inbox.h - mail to local-domains: delivery reports, of which we are the final reader.
 *
 * A report changes the trail of the message it is about: what was handed over has bounced, or is
 * confirmed.  It finds it by the Message-ID of what it returns and by its recipient; nobody who
 * knows neither changes anything, and nothing is ever suppressed for a report. */
#ifndef RELAY_INBOX_H
#define RELAY_INBOX_H

#include "relay/relay_inner.h"
#include "smtp/server.h"

#define INBOX_LANE "(reports)" /* local recipients stand there, held, until they are read */

enum { INBOX_BYTES_MAX = 1 << 20 /* looked at, of one report */ };

/* NULL: body may be taken for a local recipient.  The null reverse-path is always let in. */
const struct smtp_answer *inbox_judge(const struct store_body *body, struct str sender);
/* A message with local recipients is in the store: reads it, in a fiber. */
void inbox_read(struct relay *r, struct store_id id);
void inbox_open(struct relay *r); /* those that were not read before the last end */

#endif
