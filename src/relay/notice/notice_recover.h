/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_recover.h - reports that a crash kept from being written.
 *
 * A change is on disk a moment before its report.  DATA/alive says until when all reports were on
 * disk too; a start that finds it tells what changed after that, but for what the reports there tell by
 * their names (notice_told.h).  What this run changes it tells itself.  A relay that ends well removes the
 * file.  That a mail was handed over, or bounced, is told where its mark says that this is ours
 * (store_mark.owed). */
#ifndef RELAY_NOTICE_RECOVER_H
#define RELAY_NOTICE_RECOVER_H

#include "relay/notice/notice.h"

enum {
	NOTICE_BEAT_MS = 30 * 1000, /* how often the file is written */
	NOTICE_OVERLAP_MS =
		120 * 1000, /* and so far back it is doubted: a power cut loses what was not synced */
	NOTICE_PAGE = 200   /* recipients looked at before others get their turn */
};

/* Unix time in the file of that folder; 0: there is none, the last end was a good one. */
int64_t notice_alive_read(const char *data);
void notice_alive_write(const char *data, int64_t now_ms); /* quietly: without it more is looked at */
void notice_alive_remove(const char *data);

struct notice_telling {
	struct relay *relay;
	struct notices *to;
	int64_t opened_ms; /* when this run began */
	void (*tell)(struct notices *to, const struct store_message *m, const struct store_mark *marks,
		     size_t n);
};

/* In a fiber: tells again what changed since then.  False: it was broken off. */
bool notice_recover(const struct notice_telling *x, int64_t since_ms);

#endif
