/* SPDX-License-Identifier: Apache-2.0 */
/* watch/course.h - the condition of one monitored thing over time, and what of it is news.
 *
 * Pure: no clock, no disk, no network.  One look proves little: a condition turns bad
 * when two of the last three looks say so, and well again when two in a row do; so a
 * set-up that fails every other time turns bad once and stays so, instead of flapping.
 * After a first failure one looks again soon.
 *
 *   UNKNOWN -> WELL | WARNING      no news: it begins
 *   any -> BAD                     NEWS_BAD, at most once in quiet_s; what is held back is told then, if it
 *                                  still holds
 *   WELL -> WARNING, or BAD that breaks at an earlier step   NEWS_WORSE, at once
 *   what was told -> WELL (or BAD -> WARNING)                NEWS_WELL, at once */
#ifndef WATCH_COURSE_H
#define WATCH_COURSE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum condition { CONDITION_UNKNOWN, CONDITION_WELL, CONDITION_WARNING, CONDITION_BAD, CONDITIONS };
enum news { NEWS_NONE, NEWS_BAD, NEWS_WORSE, NEWS_WELL, NEWS_EXPIRING, NEWS_AWAY, NEWS_BACK, NEWS_KINDS };

enum { COURSE_LOOKS = 3, COURSE_FINDING_BYTES = 64 };

/* What one run saw. */
struct look {
	int64_t at_ms;
	enum condition level;
	unsigned step; /* where it breaks, in the order of a check; a later one is less bad */
	bool away;     /* nothing outside answered at all */
	char finding[COURSE_FINDING_BYTES]; /* id of the root cause, "" none */
};

struct course {
	struct look looks[COURSE_LOOKS]; /* newest first */
	unsigned n;
	enum condition now; /* confirmed */
	int64_t since_ms;   /* it has been so */
	unsigned step;      /* of the confirmed condition */
	char finding[COURSE_FINDING_BYTES];
	enum condition told; /* what people were told last; WELL or UNKNOWN: nothing is wrong */
	unsigned told_step;
	int64_t told_ms; /* when BAD or WORSE was told last; 0 never */
	int64_t next_ms; /* when the next look is due, for who reads it elsewhere; 0 not known */
};

enum news course_take(struct course *c, const struct look *l, int64_t quiet_ms);
/* News that was held back and is due; call it whenever time has passed. */
enum news course_due(struct course *c, int64_t now_ms, int64_t quiet_ms);
/* When course_due() may have something; INT64_MAX: never. */
int64_t course_due_ms(const struct course *c, int64_t quiet_ms);

/* True while the last look is not what the confirmed condition says: one looks again soon. */
bool course_is_open(const struct course *c);
/* When the next look is due.  share (0..1) is chance: looks of many monitors spread over a tenth of the
 * time between, and never gather.  A course without a look begins within the first tenth. */
int64_t course_next_ms(const struct course *c, int64_t now_ms, int64_t every_ms, int64_t again_ms,
		       double share);
/* Or it is further away than any look is put off: the clock was put back. */
bool course_is_due(int64_t next_ms, int64_t now_ms, int64_t every_ms, int64_t again_ms);

/* As text and back, for the time between two processes; target: what it is a course of.  False: it is no
 * such text, or of another target (NULL any); *c is empty then. */
const char *course_write(const struct course *c, const char *target, struct arena *a) MUST_USE;
bool course_read(struct course *c, const char *target, struct str text);

const char *condition_name(enum condition c); /* unknown well warning bad */
const char *news_name(enum news n);           /* "" bad worse well expiring away back */

#endif
