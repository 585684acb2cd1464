/* SPDX-License-Identifier: Apache-2.0 */
/* relay/let_go.h - mail that was held, and is to be judged again. */
#ifndef RELAY_LET_GO_H
#define RELAY_LET_GO_H

#include "relay/relay_inner.h"

enum { LET_GO_MAX = 500 /* at one look; the rest at the next */ };

/* Of the last event of a recipient: is it held for the reason that is over? */
typedef bool let_go_fn(const struct store_event *last);

/* Its lane looks at it at once.  Nothing is done where it does not fit, or is gone. */
void let_go(struct relay *r, struct store_id id, uint32_t rcpt, let_go_fn *fits, const char *why);

#endif
