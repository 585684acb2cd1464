/* SPDX-License-Identifier: Apache-2.0 */
/* show/trail_words.h - a trail in words a clerk understands; never more than is known.
 *
 * Pure.  What a reply means comes from the same catalogue as everywhere. */
#ifndef SHOW_TRAIL_WORDS_H
#define SHOW_TRAIL_WORDS_H

#include "base/paper.h"
#include "store/store.h"

const char *trail_state_word(enum store_state s); /* "HANDED OVER" */
enum paper_style trail_state_style(enum store_state s);

/* What is known of recipient i now, in one or two sentences; last: the event that
 * proves it, NULL none; now_ms 0: no clock is asked, the times stand elsewhere. */
const char *trail_known(struct arena *a, const struct store_trail *t, uint32_t rcpt,
			const struct store_event *last, int64_t now_ms);
/* " It may be there twice: ..." of what was handed over after doubt; "" no copy may have come before. */
const char *trail_copies(struct arena *a, const struct store_trail *t, uint32_t rcpt);
/* A report told something later, and decided nothing (relay/bounce/bounce_tell). */
bool trail_is_note(const struct store_event *v);
/* It was held only until the next event, with a filter's words or those of the limit on reports, stood behind
 * it (relay/filter/filter_lane.h, relay/notice/notice_letter.h). */
bool trail_is_step(const struct store_trail *t, const struct store_event *v);
/* Why it is held, or that next event's words; "" nobody said. */
struct str trail_held_why(struct arena *a, const struct store_trail *t, const struct store_event *v);
/* What becomes of one that is held until a time: "goes on by itself", and then when. */
const char *trail_held_then(const struct store_event *v);
/* It waits, and no route carries it today: what a server said before is not why. */
bool trail_has_no_route(const struct store_trail *t, uint32_t rcpt);
/* "smarthost" | "mx" | "" of a lane's name (relay/lane/lanes.h). */
const char *trail_hop(struct str lane);
/* "550 5.1.1 no such user": the code before the text unless it is there; one line. */
const char *trail_reply(struct arena *a, unsigned code, struct str reply);
/* "TLSv1.3, the server was proven by DANE"; "" it was in clear. */
const char *trail_tls(struct arena *a, const struct store_event *v);
const char *trail_length(struct arena *a, int64_t ms); /* "3 hours" */
/* "in 5 minutes", "3 hours ago"; "now". */
const char *trail_span(struct arena *a, int64_t from_ms, int64_t to_ms);

#endif
