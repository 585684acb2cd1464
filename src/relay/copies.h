/* SPDX-License-Identifier: Apache-2.0 */
/* relay/copies.h - what is made of whole copies that may have arrived without anybody knowing
 * (store/copies.h).
 *
 * A server that takes all of it and never answers gets it again, a few times in all: then its sender is told
 * that it may have arrived, and asks.  That is looked at where a session ends: what a crash or a lost lease
 * has left in doubt goes out once more, however many went before. */
#ifndef RELAY_COPIES_H
#define RELAY_COPIES_H

#include "base/arena.h"
#include "store/copies.h"

enum {
	COPIES_MAX = 4,    /* that went out in doubt: no more are sent by themselves */
	COPIES_SLOWER = 2, /* tries that each counts as, where the next pause is reckoned */
};

/* "it may have arrived, perhaps 3 times"; n > 0. */
const char *copies_words(struct arena *a, unsigned n);

/* "no answer"; "no clear answer" where one came behind a dot that is neither yes nor no (650). */
const char *copies_answer(unsigned code);

#endif
