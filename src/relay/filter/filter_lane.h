/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/filter_lane.h - what a filter said of a recipient whose message is kept all the same, until
 * its trail has it.  Pure.
 *
 * That takes two changes of the store: the message with this recipient held, then the mark with the filter's
 * words.  A machine that stops between them would leave it held for ever, and nobody would know why: so the
 * lane it is held in says all of it, and the next start makes the mark (relay/door/door_filtered.c).
 *
 *     lane = "(filter=" STATE "=" CODE "=" REPLY "=" WHY "=)" LANE        REPLY and WHY in xtext */
#ifndef RELAY_FILTER_LANE_H
#define RELAY_FILTER_LANE_H

#include "base/arena.h"
#include "store/message.h"

/* Of each text so many bytes are kept: a message's envelope has a limit of its own. */
enum { FILTER_LANE_TEXT_MAX = 1024 };
/* Its first max bytes, or fewer: not up to within a letter. */
struct str filter_lane_cut(struct str text, size_t max);

/* The lane for a recipient whose own would be `lane`; of word: state, code, reply, why. */
struct str filter_lane_of(const struct store_mark *word, struct str lane, struct arena *a);
bool filter_lane_is(struct str lane);
/* The lane behind such words; any other comes back as it is. */
struct str filter_lane_own(struct str lane);
/* Why; "" it does not say, or it is any other. */
struct str filter_lane_why(struct str lane, struct arena *a);

/* The marks that are still to be made of a message, *n of them; those recipients get their own lanes back. */
struct store_mark *filter_lane_marks(struct store_message *m, struct arena *a, size_t *n);

#endif
