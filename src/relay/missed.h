/* SPDX-License-Identifier: Apache-2.0 */
/* relay/missed.h - changes that the store gives after a place, kept until each can be told.
 *
 * Who is given them may not ask the store meanwhile, and telling one takes the message. */
#ifndef RELAY_MISSED_H
#define RELAY_MISSED_H

#include "store/store.h"

enum { MISSED_MAX = 1000000 };

struct missed { /* all zero: empty */
	struct arena *arena;
	struct missed_change {
		struct store_id id;
		const struct store_mark *mark; /* NULL: the message was taken */
	} * v;
	size_t n, room;
};

/* Copies it; false: it was the last that there is room for. */
bool missed_add(struct missed *m, struct store_id id, const struct store_mark *mark);
void missed_clear(struct missed *m);

/* The message of a change.  Many in a row are one message's, which is read once.  All zero at first; arena is
 * freed by who has it. */
struct missed_message {
	struct arena *arena;
	struct store_id id;
	struct store_trail trail;
	bool there;
};
/* False: it was dropped by age. */
bool missed_look_up(struct missed_message *x, struct store *s, struct store_id id);

/* The message of a change that was taken, as it came: what became of its recipients since comes after.  Their
 * lanes are those of now. */
void missed_as_taken(struct store_message *m);

#endif
