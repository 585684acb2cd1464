/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/collect_take.h - a mail out of a mailbox into the store, as what came to relay/inbox. */
#ifndef RELAY_COLLECT_TAKE_H
#define RELAY_COLLECT_TAKE_H

#include "relay/relay_inner.h"

enum collect_taken { COLLECT_NO_REPORT, COLLECT_TAKEN, COLLECT_NOT_NOW /* *e */ };

/* In a fiber; waits until it is on disk.  uid: its name in that mailbox, for ever. */
enum collect_taken collect_take(struct relay *r, const struct relay_mailbox *m, const char *uid,
				struct str mail, struct err *e);

#endif
