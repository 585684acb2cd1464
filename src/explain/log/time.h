/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/time.h - the times log lines begin with.
 *
 * Pure but for the memory of the last date, which makes the next one cheap and
 * tells where a log without years turns one. */
#ifndef EXPLAIN_LOG_TIME_H
#define EXPLAIN_LOG_TIME_H

#include "base/str.h"

enum { LOG_STAMP_BYTES = 15 }; /* "Nov 21 08:49:38", RFC 3164, 4.1.2 */

struct log_clock {
	long long now_s;  /* 0: not known; years then count from 1970 */
	long long zone_s; /* seconds east of UTC of times without a zone */
	char stamp[LOG_STAMP_BYTES];
	long long stamp_s; /* of stamp */
	char day[10];      /* "2026-11-21" */
	long long day_s;
	long year; /* of the last stamp */
	int month;
};

/* Each reads a time at the front of s: how many bytes it takes, 0 when there is none. */
size_t log_time_stamp(struct log_clock *c, struct str s, long long *t); /* RFC 3164; fractions allowed */
size_t log_time_iso(struct log_clock *c, struct str s, long long *t);   /* RFC 3339 and its relatives */
/* Any of them, and those of PHP, asctime(), web servers and of seconds since 1970;
 * brackets around it are taken too. */
size_t log_time_any(struct log_clock *c, struct str s, long long *t);

#endif
