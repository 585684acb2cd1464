/* SPDX-License-Identifier: Apache-2.0 */
/* store/pace.h - how who submits and the store keep step; part of store/store.h. */
#ifndef STORE_PACE_H
#define STORE_PACE_H

#include <stdbool.h>
#include <stddef.h>

struct store;

/* Who submits has nothing more to submit for now; `company` are in the middle of something that will end in
 * a message or a "dot sent", those that wait for the store included.  When most of them do, or there are few,
 * what waits for company need not wait any longer. */
void store_idle(struct store *s, size_t company);
/* Changes submitted that the index does not have yet, each kept in memory until then; without those of the
 * group that is being written.  0 when the index
 * stands still (a full disk, damage), which no waiting mends.  Any thread. */
size_t store_behind(struct store *s);
/* Waits until all that was submitted is on disk and can be found.  For tests, ends and tools. */
void store_settle(struct store *s);
/* Waits at most that long until all that was told as done can be found, by any handle.  Any thread. */
bool store_catch_up(struct store *s, int ms);

#endif
