/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pending.h - changes that were given to the store, and of which nobody here was told yet.
 *
 * They may be on disk for a while: the store knows more of a message then than its sender's report would say.
 */
#ifndef RELAY_PENDING_H
#define RELAY_PENDING_H

#include "store/message.h"

struct pending {
	struct pending *prev, *next;
	const struct store_mark *marks; /* of one message */
	size_t n;
};

void pending_put(struct pending **list, struct pending *p);
void pending_take(struct pending **list, struct pending *p);
/* Whether fn says so of any recipient of that message with a change on its way. */
bool pending_any(const struct pending *list, struct store_id id, bool (*fn)(void *user, uint32_t rcpt),
		 void *user);

#endif
