/* SPDX-License-Identifier: Apache-2.0 */
/* show/trail_reports.h - which report told the sender of a change: found by its name, as the relay finds them
 * after a crash (relay/notice/notice_span.h). */
#ifndef SHOW_TRAIL_REPORTS_H
#define SHOW_TRAIL_REPORTS_H

#include "relay/notice/notice_span.h"
#include "store/store.h"

struct trail_report {
	struct notice_span span;
	struct store_id id; /* the report's own */
	int64_t made_ms;
	int64_t held_ms; /* until when its turn has not come; 0 it is not held, or by a person */
};

struct trail_course {              /* of a recipient; 0: never */
	int64_t late_ms, ended_ms; /* first told as late; first at an end */
};

struct trail_reports {
	struct trail_report *v;
	size_t n, room;
	struct trail_course *courses; /* of each recipient */
	bool all;                     /* no mail to the sender was left out of the search */
};

/* Of the newest mails to the sender since the first change that is told, and soon after the last; of all
 * until now where one is owed and was not found told.  All in a. */
void trail_reports_find(struct store *s, const struct store_trail *t, struct arena *a,
			struct trail_reports *out);

/* Writes the id of the report that told v, which is of t, and returns out; "" none did. */
const char *trail_reported(const struct trail_reports *r, const struct store_trail *t,
			   const struct store_event *v, char out[STORE_ID_TEXT]);
/* The same as a sentence, also where one is owed and no report of it is there; "" none. */
const char *trail_report_words(const struct trail_reports *r, const struct store_trail *t,
			       const struct store_event *v, struct arena *a);

#endif
