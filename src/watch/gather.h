/* SPDX-License-Identifier: Apache-2.0 */
/* watch/gather.h - which news are told together, so that one cause gives one alert.
 *
 * Pure.  News wait a moment for others.  Where nothing outside answers any monitor at all, the
 * fault is this machine's network, not theirs: that is one alert, and theirs are kept back until it is over.
 * Whether it is so is known only when all were looked at since: LOOK_ALL asks for that. */
#ifndef WATCH_GATHER_H
#define WATCH_GATHER_H

#include "watch/course.h"

/* At most; where monitors look again sooner, news wait as long as that takes. */
enum { GATHER_MS = 20000, GATHER_HOLD_MS = 120000 };

struct gather {
	bool away;        /* told, and not over */
	int64_t first_ms; /* when the first of what waits came; 0: nothing waits */
};

struct gather_one { /* of one monitor */
	const struct course *course;
	enum news waiting; /* to be told */
	bool muted;        /* its trouble was told as the network's */
};

enum gathered {
	GATHER_WAIT,
	GATHER_LOOK_ALL, /* run every monitor now, then ask again */
	GATHER_TELL,     /* everything that waits; the caller takes it and sets it to NEWS_NONE */
	GATHER_AWAY,     /* tell NEWS_AWAY once */
	GATHER_BACK      /* tell NEWS_BACK once */
};

/* n came of one's last look, or of time (NEWS_NONE: none, but it was looked at). */
void gather_note(struct gather *g, struct gather_one *one, enum news n, int64_t now_ms);
/* Ask after every look, and when gather_due_ms() comes.  pause_ms: how long news wait for others. */
enum gathered gather_decide(struct gather *g, struct gather_one *v, size_t n, int64_t now_ms,
			    int64_t pause_ms);
int64_t gather_due_ms(const struct gather *g, int64_t pause_ms); /* INT64_MAX: nothing waits */

/* Which warning is due of something that runs out in days_left: the step reached (warn_days, 7 or 1) when
 * it was not told yet; -1: none.  told: the last step told, -1 none. */
int expiry_step(long long days_left, unsigned warn_days, int told);

#endif
