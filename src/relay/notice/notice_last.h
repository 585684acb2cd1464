/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_last.h - what only the trail knows of those that ended: what a server said last of
 * whom a person gave up, whose mark has but his own words, and what may have arrived all the same. */
#ifndef RELAY_NOTICE_LAST_H
#define RELAY_NOTICE_LAST_H

#include "relay/notice/notice_words.h"

struct relay;

/* The last event with a server's answer for that recipient; NULL none. */
const struct store_event *notice_last_answer(const struct store_trail *t, uint32_t rcpt);

/* x with these marks filled in from the trail; all in a, or x's own.  The trail is read where there are such
 * only. */
struct notice_about notice_last_said(const struct notice_about *x, struct relay *r, struct arena *a);

#endif
