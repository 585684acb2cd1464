/* SPDX-License-Identifier: Apache-2.0 */
/* show/queue_json.h - what waits, by destination, as the contract's JSON.
 *
 * Pure: what the store has and what the scheduler knows come in. */
#ifndef SHOW_QUEUE_JSON_H
#define SHOW_QUEUE_JSON_H

#include <jansson.h>

#include "relay/lane/lanes.h"
#include "show/queue_pick.h"
#include "store/store.h"

struct queue_document {
	const struct store_lanes *lanes;
	/* The scheduler's view of a lane; false: nothing waits there, as far as it knows. */
	bool (*view)(void *ctx, struct str lane, struct arena *a, struct lane_view *out);
	void *ctx;
	bool running; /* a relay runs */
};

/* The caller's (json_decref). */
json_t *queue_json(const struct queue_document *d) MUST_USE;

/* "This would hold 3 recipients of 2 mails" */
const char *queue_effect_words(enum steer what, const struct queue_selection *s, struct arena *a);
/* What an operator's word would do (dry) or did. */
json_t *queue_outcome_json(enum steer what, const struct queue_selection *s, const struct queue_outcome *x,
			   bool dry) MUST_USE;

/* What a filter said of some of them is no destination of its own (relay/filter/filter_lane.h). */
void queue_lanes_own(struct store_lanes *all);
size_t queue_lane_total(const struct store_lane *l);
/* With what the scheduler waits for there, where nothing was answered that is still known: all that it was
 * said of is held, or gone.  v NULL: unknown. */
struct store_lane queue_lane_said(const struct store_lane *l, const struct lane_view *v);
/* All that wait there wait for our own disk, so what was answered there is not why. */
bool queue_lane_unreadable(const struct store_lane *l);
/* The entry of a finding's id; NULL: "" or unknown. */
const struct finding_entry *queue_finding(struct arena *a, struct str id);

/* In the order people are shown them. */
enum { QUEUE_STATES = 5 };
extern const enum store_state queue_states[QUEUE_STATES];

#endif
