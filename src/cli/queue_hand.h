/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_hand.h - the hand that changes the queue: a running relay's, or our own on its folder. */
#ifndef CLI_QUEUE_HAND_H
#define CLI_QUEUE_HAND_H

#include "cli/index_behind.h"
#include "relay/lane/lanes.h"
#include "relay/steering.h"
#include "show/queue_pick.h"

struct queue_hand;

enum queue_need { QUEUE_LOOK, QUEUE_CHANGE, QUEUE_FILL /* a store that there may not be yet */ };

/* Asks the relay that runs on the folder; without one the store is opened: to look, or to own. */
bool queue_hand_open(const char *folder, enum queue_need need, struct queue_hand **out,
		     struct err *e) MUST_USE;
void queue_hand_free(struct queue_hand **h); /* NULL is fine */

bool queue_hand_running(const struct queue_hand *h); /* a relay answers */
struct store *queue_hand_store(struct queue_hand *h);

/* Adds to *out.  settings: routes for what goes on, without a relay; NULL: as they are. */
bool queue_hand_steer(struct queue_hand *h, const struct steer_order *o,
		      const struct relay_settings *settings, const struct steering_item *items, size_t n,
		      struct queue_outcome *out, struct err *e) MUST_USE;

/* The suppression list: puts v on it (until_ms > since_ms), or takes it off. */
bool queue_hand_suppress(struct queue_hand *h, const struct store_suppressed *v, struct err *e) MUST_USE;

/* Without a store, to ask the relay only, where one runs; one that does not answer soon keeps nobody waiting
 * who only looks.  Never NULL. */
struct queue_hand *queue_hand_beside(const char *folder);
/* What the relay has in hand at this moment, in a; none, and that it is not all, where it does not answer. */
void queue_hand_sending(struct queue_hand *h, struct arena *a, struct store_sending *out);

/* What its index lacks; why in a. */
void queue_hand_behind(struct queue_hand *h, struct arena *a, struct index_behind *out);

/* The scheduler's view; false: no relay runs, or nothing waits there. */
bool queue_hand_lane(struct queue_hand *h, struct str lane, struct arena *a, struct lane_view *out);
/* The same with the place of one recipient there. */
bool queue_hand_place(struct queue_hand *h, struct str lane, struct store_id id, uint32_t rcpt,
		      struct arena *a, struct lane_view *out);

#endif
