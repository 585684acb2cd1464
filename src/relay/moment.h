/* SPDX-License-Identifier: Apache-2.0 */
/* relay/moment.h - when marks were made: those of one call at one time, those of two calls never.
 *
 * A report to the sender says by its name from which change to which it tells them
 * (relay/notice/notice_span.h): so that after a crash it is known what was told, of two calls for one message
 * the later bears the later millisecond. */
#ifndef RELAY_MOMENT_H
#define RELAY_MOMENT_H

#include "store/store.h"

enum {
	MOMENTS_MAX = 1024,         /* kept; only those that are not over can be met again */
	MOMENT_SET_BACK_MS = 120000 /* a time so far behind the last: the clock was set back */
};

struct moments {
	struct moment {
		struct store_id id;
		int64_t at_ms;
	} v[MOMENTS_MAX];
	size_t n;
	int64_t forgotten; /* what was given before this time is known no more: nothing is given there */
};

/* at_ms, or a little later where the message had that already. */
int64_t moment_of(struct moments *m, struct store_id id, int64_t at_ms);

#endif
