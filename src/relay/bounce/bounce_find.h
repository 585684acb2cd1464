/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/bounce_find.h - the mails of ours that a report's names lead to, out of the store.
 *
 * In stages, the surest names first: what is found there already need not be guessed. */
#ifndef RELAY_BOUNCE_FIND_H
#define RELAY_BOUNCE_FIND_H

#include "relay/bounce/bounce_match.h"
#include "store/store.h"

enum bounce_stage {
	BOUNCE_STAGE_SIGNED,
	BOUNCE_STAGE_NAMED, /* our ids, Message-IDs */
	BOUNCE_STAGE_QUEUE_ID,
	BOUNCE_STAGE_ADDRESS,
	BOUNCE_STAGES
};

struct bounce_found {
	struct bounce_candidate *v; /* texts in the arena */
	size_t n, room;
};

/* Adds to out what the names of that stage lead to.  Trouble of the store: false with *e. */
bool bounce_find(struct store *s, const struct bounce_report *r, enum bounce_stage stage, struct arena *a,
		 struct bounce_found *out, struct err *e);

#endif
