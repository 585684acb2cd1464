/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/recent.h - the latest fates of each cause, for a list that people can read.
 *
 * Constant memory: LOG_RECENT_EACH copies a cause, texts cut; a recipient tried
 * again takes the place of its earlier fate. */
#ifndef EXPLAIN_LOG_RECENT_H
#define EXPLAIN_LOG_RECENT_H

#include "explain/log/reader.h"

enum { LOG_RECENT_EACH = 20, LOG_RECENT_NAME = 200, LOG_RECENT_REPLY = 240, LOG_RECENT_ID = 40 };

/* Texts are printable and NUL-terminated, "" where the log does not say. */
struct log_fate {
	long long time_s;
	enum log_state state;
	unsigned code, tries;
	unsigned long long line;
	char queue_id[LOG_RECENT_ID], from[LOG_RECENT_NAME], to[LOG_RECENT_NAME], relay[LOG_RECENT_NAME];
	char reply[LOG_RECENT_REPLY];
};

struct log_recent; /* owned by the caller */

struct log_recent *log_recent_new(void) MUST_USE;
void log_recent_free(struct log_recent **r);
void log_recent_add(struct log_recent *r,
		    const struct log_event *e); /* those without a meaning are left out */

/* The i'th latest fate of that cause; NULL past the end. */
const struct log_fate *log_recent_at(const struct log_recent *r, const struct finding_entry *cause, size_t i);

#endif
