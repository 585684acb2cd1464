/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/age.h - how old mail is, under a clock that may be set.  Pure: both clocks are the caller's.
 *
 * A clock that leaps ahead has aged nothing: what waits must not expire at once, least of all when the clock
 * was set wrong and will be set back.  A leap is taken over only as real time goes by, an hour an hour. */
#ifndef RELAY_AGE_H
#define RELAY_AGE_H

#include "relay/lane/leap.h"

struct age {
	struct leap leap;
	int64_t ahead_ms; /* of leaps not yet taken over */
};

/* By how much the clock is ahead of what mail has aged; to be asked every few minutes at least. */
int64_t age_ahead_ms(struct age *a, int64_t wall_ms, uint64_t steady_ms);

#endif
