/* SPDX-License-Identifier: Apache-2.0 */
/* show/trail_events.h - what happened to a mail: each event in words, the last one, what it means.
 *
 * Pure.  What a reply means comes from the same catalogue as everywhere. */
#ifndef SHOW_TRAIL_EVENTS_H
#define SHOW_TRAIL_EVENTS_H

#include "explain/answer.h"
#include "store/look.h"

/* What happened, one line: who answered what, which rule held it. */
const char *trail_event_words(struct arena *a, const struct store_trail *t, const struct store_event *v);

/* The last event that concerns the recipient; NULL none. */
const struct store_event *trail_last(const struct store_trail *t, uint32_t rcpt);
/* The last one with a reply or a cause; NULL none. */
const struct store_event *trail_last_said(const struct store_trail *t, uint32_t rcpt);

/* False: nothing failed in this event. */
bool trail_explain(struct arena *a, const struct store_trail *t, const struct store_event *v,
		   struct explanation *out);
/* Why it is not over well with the recipient, by what was said last, as things stand now.  False: it is, or
 * nobody said anything. */
bool trail_answer(struct arena *a, const struct store_trail *t, uint32_t rcpt, struct answer_item *out);
/* What there is to do about it, as things stand: while it is tried again nobody has to send it again. */
void trail_settle_cause(struct arena *a, const struct store_trail *t, const struct store_event *v,
			struct cause *c);

#endif
