/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/top.h - the most frequent of any number of names, in the room of a few.
 *
 * "Space-saving" (Metwally, Agrawal, El Abbadi 2005): a new name takes the place of the
 * least frequent one and its count, which is then at most that much too high. */
#ifndef EXPLAIN_LOG_TOP_H
#define EXPLAIN_LOG_TOP_H

#include "explain/log/summary.h"

struct log_top; /* owned by the caller */

/* One name; its texts live in fixed room behind it. */
struct log_counted {
	struct log_place place; /* name and example point into the room */
	unsigned long long n;   /* what it is ranked by */
};

struct log_top *log_top_new(void) MUST_USE;
void log_top_free(struct log_top **t);

bool log_top_any(const struct log_top *t);                           /* false: nothing was counted yet */
struct log_counted *log_top_find(struct log_top *t, struct str key); /* NULL: not among them */
/* Finds or makes; the caller adds to n. */
struct log_counted *log_top_take(struct log_top *t, struct str key);
/* Copies what e shows into the counted one's room; printable. */
void log_top_example(struct log_counted *c, const struct log_event *e);
void log_top_name(struct log_counted *c, struct str name);

/* The first of them by failed + delayed; owned by t until the next call. */
const struct log_place *log_top_worst(struct log_top *t, size_t *n);

#endif
