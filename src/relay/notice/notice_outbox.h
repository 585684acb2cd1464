/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_outbox.h - notices on their way into the store: they wait for their original's text,
 * for a store that cannot take them, and for its outcome. */
#ifndef RELAY_NOTICE_OUTBOX_H
#define RELAY_NOTICE_OUTBOX_H

#include "relay/notice/notice_letter.h"

enum {
	NOTICE_WAITING_MAX = 1000, /* that the store could not take yet */
	NOTICE_AGAIN_MS = 15000,   /* they are offered to it again after that */
	NOTICE_SOON_MS = 50        /* an original that has just ended is looked for again */
};

struct notice_outbox;

struct notice_outbox *notice_outbox_new(struct relay *r) MUST_USE;
/* What waits goes; what the store has already is still seen to its end. */
void notice_outbox_free(struct notice_outbox **o);

void notice_outbox_put(struct notice_outbox *o, struct notice_letter *l); /* takes l */
bool notice_outbox_is_empty(const struct notice_outbox *o);               /* all is on disk */
/* Without those that the store could not take. */
size_t notice_outbox_under_way(const struct notice_outbox *o);
/* No original is looked for any longer than now. */
void notice_outbox_hurry(struct notice_outbox *o);

#endif
