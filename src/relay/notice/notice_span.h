/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_span.h - which changes of a message a report tells, as its Message-ID says it.
 *
 * A report tells every change of its kind, of one message, from the first to the last, by time and
 * recipient; changes of two calls never have one time (relay/moment.h).  So its name alone, which the store
 * finds, says after a crash what has been told, however it was gathered.  Pure. */
#ifndef RELAY_NOTICE_SPAN_H
#define RELAY_NOTICE_SPAN_H

#include "base/arena.h"
#include "relay/notice/notice_rule.h"

struct notice_place { /* of a change in the message's trail */
	int64_t at_ms;
	uint32_t rcpt;
};

struct notice_span {
	struct store_id about;
	enum notice_kind kind;
	struct notice_place first, last; /* both told */
};

/* Earlier: < 0. */
int notice_place_compare(struct notice_place a, struct notice_place b);
bool notice_span_has(const struct notice_span *s, enum notice_kind kind, struct notice_place p);

/* The part of a Message-ID that stands before its host. */
const char *notice_span_name(const struct notice_span *s, struct arena *a);
/* Reads a whole Message-ID, with or without <>.  False: it is none of ours. */
bool notice_span_read(struct str message_id, struct notice_span *out) MUST_USE;

#endif
