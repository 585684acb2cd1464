/* SPDX-License-Identifier: Apache-2.0 */
/* bench/filled.h - a store with what a large sender hands in within a month.  What fails ends the program. */
#ifndef BENCH_FILLED_H
#define BENCH_FILLED_H

#include <time.h>

#include "store/store.h"

#define FILLED_START_MS INT64_C(1790000000000)
#define FILLED_MONTH_MS (INT64_C(30) * 24 * 3600 * 1000)

enum {
	FILLED_OPEN_MOST = 1000, /* submissions under way */
	FILLED_LANES = 1000,
	FILLED_SELDOM_EVERY = 1000, /* one message in so many goes to an address that occurs so often: */
	FILLED_SELDOM_TIMES = 5
};

double filled_seconds(clockid_t clock);
_Noreturn void filled_die(const struct err *e);
struct store *filled_open(const char *path, enum store_mode mode, int64_t now_ms);

/* Messages `from` to `to` of `count`; span: over how long they arrive; ended: handed over already. */
void filled_add(struct store *s, size_t from, size_t to, size_t count, int64_t span_ms, bool ended);
void filled_submit(struct store *s, const struct store_message *m, void *user); /* with a text */
void filled_address(size_t i, size_t count, char *out, size_t size); /* the recipient of message i */
size_t filled_outcomes(struct store *s, struct store_done *d); /* waits for some; at most FILLED_OPEN_MOST */
struct store_mark filled_mark(struct store_id id, uint64_t epoch, int64_t at_ms); /* handed over */

#endif
