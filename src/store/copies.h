/* SPDX-License-Identifier: Apache-2.0 */
/* store/copies.h - how many whole copies of a message may have arrived without anybody knowing, by its trail.
 * Pure. */
#ifndef STORE_COPIES_H
#define STORE_COPIES_H

#include "store/look.h"

/* Of one recipient: dots that went out and were never answered. */
unsigned copies_in_doubt(const struct store_trail *t, uint32_t rcpt);
/* The same where the trail may not have its last mark yet. */
unsigned copies_with(const struct store_trail *t, const struct store_mark *last);
/* Of each recipient whether there is any, in one passing. */
const bool *copies_of_all(const struct store_trail *t, struct arena *a);
/* The code that came in place of an answer; 0: nothing came at all. */
unsigned copies_code(const struct store_trail *t, uint32_t rcpt);

/* A number that says no, now or for good. */
bool copies_refuses(unsigned code);

#endif
