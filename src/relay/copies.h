/* SPDX-License-Identifier: Apache-2.0 */
/* relay/copies.h - how many whole copies of a message may have arrived without anybody knowing.  Pure.
 *
 * A server that takes all of it and never answers gets it again, a few times in all: then its sender is told
 * that it may have arrived, and asks.  That is looked at where a session ends: what a crash or a lost lease
 * has left in doubt goes out once more, however many went before. */
#ifndef RELAY_COPIES_H
#define RELAY_COPIES_H

#include "base/arena.h"
#include "store/look.h"

enum {
	COPIES_MAX = 4,    /* that went out in doubt: no more are sent by themselves */
	COPIES_SLOWER = 2, /* tries that each counts as, where the next pause is reckoned */
};

/* Of one recipient, by its trail: dots that went out and were never answered. */
unsigned copies_in_doubt(const struct store_trail *t, uint32_t rcpt);
/* The same where the trail may not have its last mark yet. */
unsigned copies_with(const struct store_trail *t, const struct store_mark *last);
/* "it may have arrived, perhaps 3 times"; n > 0. */
const char *copies_words(struct arena *a, unsigned n);

/* "no answer"; "no clear answer" where one came behind a dot that is neither yes nor no (650). */
const char *copies_answer(unsigned code);
/* The code for it, by the trail; 0: nothing came at all. */
unsigned copies_code(const struct store_trail *t, uint32_t rcpt);

#endif
