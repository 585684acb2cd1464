/* SPDX-License-Identifier: Apache-2.0 */
/* batch/seen.h - which mails of a batch were met before: 128 bits of each, and a number of the caller's.
 *
 * The only memory that grows with a batch: SEEN_BYTES a mail. */
#ifndef BATCH_SEEN_H
#define BATCH_SEEN_H

#include <stdint.h>

#include "base/str.h"

enum { SEEN_BYTES = 24 };

struct seen_mark { /* of a mail: its key and its recipients */
	uint64_t high, low;
};

struct seen {
	struct seen_slot *v;
	size_t n, room;
};

/* The mark of these texts, each told apart from the next. */
struct seen_mark seen_mark(const struct str *texts, size_t n);

void seen_clear(struct seen *s);
/* Puts it with its number (not 0) unless it is there; returns the number that stood there, 0 none. */
uint64_t seen_put(struct seen *s, struct seen_mark m, uint64_t number);
uint64_t seen_get(const struct seen *s, struct seen_mark m); /* 0: not met */

#endif
