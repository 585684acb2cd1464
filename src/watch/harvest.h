/* SPDX-License-Identifier: Apache-2.0 */
/* watch/harvest.h - what of one check is kept: how it went, what runs out, which DNS records were seen.
 *
 * Pure: a judged check in, rows for the history out. */
#ifndef WATCH_HARVEST_H
#define WATCH_HARVEST_H

#include "check/verdict.h"
#include "store/history.h"
#include "watch/course.h"

enum { HARVEST_EXPIRIES_MAX = 32, HARVEST_RECORDS_MAX = 100 };

struct harvest_record {
	const char *name, *type; /* as struct history_record */
	const char *values;      /* in order, one a line */
	bool address;            /* A or AAAA: servers behind one name take turns */
};

struct harvest {
	struct arena *arena; /* owns all, and this */
	struct look look;
	struct history_run run;
	struct history_expiry expiries[HARVEST_EXPIRIES_MAX];
	size_t nexpiries;
	struct harvest_record records[HARVEST_RECORDS_MAX];
	size_t nrecords;
};

/* monitor: its name, borrowed. */
struct harvest *harvest_of(const struct verdict *v, const char *monitor, int64_t at_ms) MUST_USE;
/* Of a check that could not be done here: bad, since nobody knows. */
struct harvest *harvest_of_error(const struct err *e, const char *monitor, int64_t at_ms) MUST_USE;
void harvest_free(struct harvest **h);

#endif
