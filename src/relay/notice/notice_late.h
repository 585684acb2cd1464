/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_late.h - since when a recipient's mail is late: that is told once.
 *
 * The trail says it, and of a message to one the reports in the store do: by their names
 * (notice_span.h), as the settings may have been others when it was told, or was not.  Of a message to many
 * the settings of now are believed: its reports tell several, and their names are not known.  The trail is
 * read once for a message, not for each transaction: of a message to very many, late everywhere, it would be
 * read a thousand times from end to end.  What is kept is bounded; what was put away is read again. */
#ifndef RELAY_NOTICE_LATE_H
#define RELAY_NOTICE_LATE_H

#include "relay/relay_inner.h"

enum {
	NOTICE_LATES = 8,       /* messages kept */
	NOTICE_LATE_RCPTS = 100 /* of fewer recipients only the last one is: their trails are short */
};

struct notice_late {
	struct store_id id;
	int64_t *first_ms; /* of each recipient: its first try that was told; 0: none yet.  NULL: free */
	size_t nrcpts;
};

struct notice_lates {
	struct notice_late v[NOTICE_LATES]; /* the first: of few recipients */
	size_t next;                        /* of the others, which makes room */
};

/* When it would have arrived had it aged so much by then without any leap of the clock. */
int64_t notice_arrived_ms(const struct relay *r, const struct store_message *m, int64_t at_ms);
/* k delays a recipient that is late.  True: no earlier try of it was told, so this is to be; where trail or
 * reports cannot be read, false: rather once too seldom. */
bool notice_late_is_news(struct notice_lates *l, struct relay *r, const struct store_message *m,
			 const struct store_mark *k);
void notice_lates_clear(struct notice_lates *l);

#endif
