/* SPDX-License-Identifier: Apache-2.0 */
/* relay/keep.h - the texts of what was borrowed, copied into an arena: it is used after its owner has gone.
 */
#ifndef RELAY_KEEP_H
#define RELAY_KEEP_H

#include "base/arena.h"
#include "store/message.h"

void keep_mark(struct arena *a, struct store_mark *m);
void keep_rcpt(struct arena *a, struct store_rcpt *r);
void keep_message(struct arena *a, struct store_message *m); /* not its recipients */

#endif
